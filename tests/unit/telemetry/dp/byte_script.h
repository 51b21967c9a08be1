#ifndef FLOTILLA_TESTS_UNIT_TELEMETRY_DP_BYTE_SCRIPT_H_
#define FLOTILLA_TESTS_UNIT_TELEMETRY_DP_BYTE_SCRIPT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "base/bytes.h"
#include "base/random.h"

namespace flotilla::dp {

// Random bytes that a test wrote down; zeros once they are used up.
class ByteScript final : public Random {
 public:
  explicit ByteScript(Bytes bytes) : bytes_(std::move(bytes)) {}
  void Fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) {
      byte = used_ < bytes_.size() ? bytes_[used_] : std::uint8_t{0};
      ++used_;
    }
  }
  std::size_t used() const { return used_; }

 private:
  Bytes bytes_;
  std::size_t used_ = 0;
};

}  // namespace flotilla::dp

#endif  // FLOTILLA_TESTS_UNIT_TELEMETRY_DP_BYTE_SCRIPT_H_
