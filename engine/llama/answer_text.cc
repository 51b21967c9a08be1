#include "engine/llama/answer_text.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace flotilla::engine {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

enum class Reading { kUnspecified = 0, kWhole, kHalf, kBad };

struct Character {
  Reading reading = Reading::kUnspecified;
  std::size_t length = 0;
};

std::size_t LengthOf(std::uint8_t lead) {
  if (lead < 0x80) {
    return 1;
  }
  if (lead >= 0xC2 && lead <= 0xDF) {
    return 2;
  }
  if (lead >= 0xE0 && lead <= 0xEF) {
    return 3;
  }
  return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

// Overlong forms, surrogates and what lies above U+10FFFF show in the second byte (RFC 3629).
bool SecondByteFits(std::uint8_t lead, std::uint8_t second) {
  switch (lead) {
    case 0xE0:
      return second >= 0xA0 && second <= 0xBF;
    case 0xED:
      return second >= 0x80 && second <= 0x9F;
    case 0xF0:
      return second >= 0x90 && second <= 0xBF;
    case 0xF4:
      return second >= 0x80 && second <= 0x8F;
    default:
      return second >= 0x80 && second <= 0xBF;
  }
}

Character ReadCharacter(std::string_view bytes) {
  const auto lead = static_cast<std::uint8_t>(bytes.front());
  const std::size_t length = LengthOf(lead);
  if (length == 0) {
    return {Reading::kBad, 1};
  }
  for (std::size_t i = 1; i < length; ++i) {
    if (i == bytes.size()) {
      return {Reading::kHalf, 0};
    }
    const auto byte = static_cast<std::uint8_t>(bytes[i]);
    const bool fits = i == 1 ? SecondByteFits(lead, byte) : byte >= 0x80 && byte <= 0xBF;
    if (!fits) {
      return {Reading::kBad, i};
    }
  }
  return {Reading::kWhole, length};
}

}  // namespace

std::string AnswerText::TakeWholeCharacters() {
  std::string whole;
  std::string_view rest = bytes_;
  while (!rest.empty()) {
    const Character next = ReadCharacter(rest);
    if (next.reading == Reading::kHalf) {
      break;
    }
    whole += next.reading == Reading::kWhole ? rest.substr(0, next.length) : kReplacement;
    rest.remove_prefix(next.length);
  }
  bytes_.erase(0, bytes_.size() - rest.size());
  return whole;
}

// How many bytes at the end of the text could be the beginning of a stop string.
std::size_t AnswerText::HeldBack() const {
  std::size_t held = 0;
  for (const std::string& stop : stop_) {
    for (std::size_t n = std::min(stop.size() - 1, text_.size()); n > held; --n) {
      if (std::string_view(text_).ends_with(std::string_view(stop).substr(0, n))) {
        held = n;
      }
    }
  }
  return held;
}

std::string AnswerText::Add(std::string_view bytes) {
  if (stopped_) {
    return {};
  }
  bytes_ += bytes;
  text_ += TakeWholeCharacters();
  std::size_t end = std::string::npos;
  for (const std::string& stop : stop_) {
    end = std::min(end, text_.find(stop));
  }
  if (end != std::string::npos) {
    stopped_ = true;
    bytes_.clear();
    return std::exchange(text_, {}).substr(0, end);
  }
  const std::size_t ready = text_.size() - HeldBack();
  std::string shown = text_.substr(0, ready);
  text_.erase(0, ready);
  return shown;
}

std::string AnswerText::Finish() {
  std::string shown = std::exchange(text_, {});
  if (!std::exchange(bytes_, {}).empty()) {
    shown += kReplacement;
  }
  return shown;
}

}  // namespace flotilla::engine
