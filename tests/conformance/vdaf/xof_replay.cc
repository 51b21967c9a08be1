#include "tests/conformance/vdaf/xof_replay.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "telemetry/vdaf/field128.h"
#include "telemetry/vdaf/field_vector.h"
#include "telemetry/vdaf/turbo_shake128.h"
#include "telemetry/vdaf/xof.h"
#include "tests/conformance/vdaf/difference.h"
#include "tests/conformance/vdaf/json_reading.h"

namespace flotilla::conformance {
namespace {

namespace json = boost::json;

constexpr std::uint32_t kMaxLength = 1 << 24;  // bytes of a message or an output

StatusOr<std::uint32_t> ParseNumber(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > kMaxLength) {
    return DataLoss("no number: " + std::string(text));
  }
  return number;
}

// N or B^E.
StatusOr<std::uint32_t> ParsePower(std::string_view text) {
  const std::size_t caret = text.find('^');
  FLOTILLA_ASSIGN_OR_RETURN(const std::uint32_t base, ParseNumber(text.substr(0, caret)));
  if (caret == std::string_view::npos) return base;
  FLOTILLA_ASSIGN_OR_RETURN(const std::uint32_t exponent, ParseNumber(text.substr(caret + 1)));
  std::uint64_t power = 1;
  for (std::uint32_t i = 0; i < exponent && power <= kMaxLength; ++i) power *= base;
  if (power > kMaxLength) return DataLoss("too long: " + std::string(text));
  return static_cast<std::uint32_t>(power);
}

// Bytes 0 to 250, again and again (RFC 9861 section 5).
Bytes Pattern(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i % 251);
  return bytes;
}

StatusOr<Bytes> ParseMessage(std::string_view text) {
  text = text.substr(0, text.find(','));
  if (text == "M=empty") return Bytes();
  if (text.starts_with("ptn(") && text.ends_with(")")) {
    FLOTILLA_ASSIGN_OR_RETURN(const std::uint32_t size,
                              ParsePower(text.substr(4, text.size() - 5)));
    return Pattern(size);
  }
  const std::size_t star = text.find('*');
  std::uint32_t times = 1;
  if (star != std::string_view::npos) {
    FLOTILLA_ASSIGN_OR_RETURN(times, ParseNumber(text.substr(star + 1)));
  }
  const StatusOr<Bytes> piece = HexDecode(text.substr(0, star));
  if (!piece.ok()) return DataLoss("no description of a message: " + std::string(text));
  Bytes message;
  for (std::uint32_t i = 0; i < times; ++i) {
    message.insert(message.end(), piece->begin(), piece->end());
  }
  return message;
}

StatusOr<std::vector<std::string>> ReplayOne(const json::object& object) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::string description, TextAt(object, "desc"));
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes message, ParseMessage(description));
  FLOTILLA_ASSIGN_OR_RETURN(const std::uint32_t domain, CountAt(object, "D"));
  FLOTILLA_ASSIGN_OR_RETURN(const std::uint32_t length, CountAt(object, "L"));
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes expected, HexAt(object, "out_last32"));
  if (domain < 1 || domain > 127 || length < expected.size() || length > kMaxLength) {
    return DataLoss("D or L of \"" + description + "\" is out of range");
  }
  vdaf::TurboShake128 stream(static_cast<std::uint8_t>(domain));
  stream.Absorb(message);
  Bytes out(length);
  stream.Squeeze(out);
  return Differences("output for \"" + description + "\"", expected,
                     ByteView(out).last(expected.size()));
}

}  // namespace

StatusOr<std::vector<std::string>> ReplayXof(const json::object& object) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes seed, HexAt(object, "seed"));
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes tag, HexAt(object, "dst"));
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes binder, HexAt(object, "binder"));
  FLOTILLA_ASSIGN_OR_RETURN(const std::uint32_t length, CountAt(object, "length"));
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes derived, HexAt(object, "derived_seed"));
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes expanded, HexAt(object, "expanded_vec_field128"));
  if (seed.size() > vdaf::Xof::kMaxSeedSize || tag.size() > vdaf::Xof::kMaxTagSize ||
      length > kMaxLength) {
    return DataLoss("seed, dst or length is out of range");
  }
  const vdaf::Seed seed_out = vdaf::Xof::DeriveSeed(seed, tag, {binder});
  std::vector<std::string> differences = Differences("derived seed", derived, seed_out);
  const std::vector<vdaf::Field128> vector =
      vdaf::Xof(seed, tag, {binder}).NextVector<vdaf::Field128>(length);
  for (std::string& text :
       Differences("expanded vector", expanded, vdaf::EncodeVector<vdaf::Field128>(vector))) {
    differences.push_back(std::move(text));
  }
  return differences;
}

StatusOr<std::vector<std::string>> ReplayTurboShake(const json::object& object) {
  FLOTILLA_ASSIGN_OR_RETURN(const json::array vectors, ArrayAt(object, "vectors"));
  if (vectors.empty()) return DataLoss("the list of vectors is empty");
  std::vector<std::string> differences;
  for (const json::value& value : vectors) {
    if (!value.is_object()) return DataLoss("a vector is not an object");
    FLOTILLA_ASSIGN_OR_RETURN(const std::vector<std::string> texts, ReplayOne(value.as_object()));
    differences.insert(differences.end(), texts.begin(), texts.end());
  }
  return differences;
}

}  // namespace flotilla::conformance
