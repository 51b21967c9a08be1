#include "tests/conformance/gauss/gauss_check.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <boost/json.hpp>

#include "base/random.h"
#include "telemetry/dp/discrete_gaussian.h"
#include "telemetry/dp/ratio.h"
#include "telemetry/vdaf/turbo_shake128.h"

namespace flotilla::conformance {
namespace {

constexpr std::uint8_t kDomain = 1;
constexpr std::size_t kSeedBytes = 32;

// The stream of random bytes that the vectors were made with.
class StreamRandom final : public Random {
 public:
  explicit StreamRandom(ByteView seed) : stream_(kDomain) {
    const Bytes head = {0, 0, static_cast<std::uint8_t>(seed.size())};
    stream_.Absorb(head);
    stream_.Absorb(seed);
  }
  void Fill(std::span<std::uint8_t> out) override { stream_.Squeeze(out); }

 private:
  vdaf::TurboShake128 stream_;
};

StatusOr<dp::BigInt> IntegerField(const boost::json::object& entry, std::string_view name) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::string digits, DigitsField(entry, name));
  return dp::BigInt(digits);
}

Status CheckSamples(const boost::json::array& samples, const dp::Ratio& sigma, Random& random) {
  std::size_t index = 0;
  for (const boost::json::value& sample : samples) {
    FLOTILLA_ASSIGN_OR_RETURN(const std::string digits, DigitsOf(sample));
    const dp::BigInt want(digits);
    const dp::BigInt got = dp::SampleDiscreteGaussian(sigma, random);
    if (got != want) {
      return DataLoss("sample " + std::to_string(index) + " is " + got.str() + ", not " +
                      want.str());
    }
    ++index;
  }
  return OkStatus();
}

Status CheckEntry(const boost::json::object& entry) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes seed, HexField(entry, "seed"));
  if (seed.size() != kSeedBytes) {
    return InvalidArgument("the seed is not 32 bytes");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const dp::BigInt numerator, IntegerField(entry, "std_num"));
  FLOTILLA_ASSIGN_OR_RETURN(const dp::BigInt denominator, IntegerField(entry, "std_denom"));
  FLOTILLA_ASSIGN_OR_RETURN(const dp::Ratio sigma, dp::Ratio::Create(numerator, denominator));
  const boost::json::value* const samples = entry.if_contains("samples");
  if (samples == nullptr || !samples->is_array() || samples->get_array().empty()) {
    return InvalidArgument("samples are missing");
  }
  StreamRandom random(seed);
  return CheckSamples(samples->get_array(), sigma, random);
}

}  // namespace

VectorResult CheckGaussEntry(const boost::json::object& entry) {
  const Status status = CheckEntry(entry);
  return status.ok() ? Passed() : Failed(MessageOf(status));
}

}  // namespace flotilla::conformance
