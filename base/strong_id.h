// Identifiers and numbers that cannot be mistaken for one another.
#ifndef FLOTILLA_BASE_STRONG_ID_H_
#define FLOTILLA_BASE_STRONG_ID_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/status.h"

namespace flotilla {

// OK for 1 to 128 characters of [A-Za-z0-9._-] that do not start with '.' or '-': such an id is
// safe as a file name, a URL segment and a label. INVALID_ARGUMENT otherwise, naming `what`.
Status CheckIdText(std::string_view text, std::string_view what);

// A checked textual id. `Tag` has `static constexpr char kName[]` for error texts.
template <typename Tag>
class StrongId {
 public:
  StrongId() = default;
  static StatusOr<StrongId> Parse(std::string_view text) {
    FLOTILLA_RETURN_IF_ERROR(CheckIdText(text, Tag::kName));
    return StrongId(std::string(text));
  }
  const std::string& value() const { return value_; }
  bool empty() const { return value_.empty(); }
  friend bool operator==(const StrongId&, const StrongId&) = default;
  friend auto operator<=>(const StrongId&, const StrongId&) = default;

 private:
  explicit StrongId(std::string value) : value_(std::move(value)) {}
  std::string value_;
};

// A number with a meaning: a generation, a sequence number, an epoch.
template <typename Tag>
class StrongNumber {
 public:
  constexpr StrongNumber() = default;
  constexpr explicit StrongNumber(std::uint64_t value) : value_(value) {}
  constexpr std::uint64_t value() const { return value_; }
  constexpr StrongNumber Next() const { return StrongNumber(value_ + 1); }
  friend bool operator==(const StrongNumber&, const StrongNumber&) = default;
  friend auto operator<=>(const StrongNumber&, const StrongNumber&) = default;

 private:
  std::uint64_t value_ = 0;
};

struct DeviceIdTag {
  static constexpr char kName[] = "device id";
};
struct ModelLineTag {
  static constexpr char kName[] = "model line";
};
struct RolloutIdTag {
  static constexpr char kName[] = "rollout id";
};
struct GenerationTag {};
struct SessionEpochTag {};
struct ReportSeqTag {};

using DeviceId = StrongId<DeviceIdTag>;
using ModelLine = StrongId<ModelLineTag>;
using RolloutId = StrongId<RolloutIdTag>;
using Generation = StrongNumber<GenerationTag>;
using SessionEpoch = StrongNumber<SessionEpochTag>;
using ReportSeq = StrongNumber<ReportSeqTag>;

}  // namespace flotilla

template <typename Tag>
struct std::hash<flotilla::StrongId<Tag>> {
  std::size_t operator()(const flotilla::StrongId<Tag>& id) const noexcept {
    return std::hash<std::string>()(id.value());
  }
};

#endif  // FLOTILLA_BASE_STRONG_ID_H_
