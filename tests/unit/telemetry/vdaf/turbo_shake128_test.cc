#include "telemetry/vdaf/turbo_shake128.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace flotilla::vdaf {
namespace {

Bytes Pattern(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i % 251);
  return bytes;
}

Bytes Output(std::uint8_t domain, ByteView message, std::size_t size) {
  TurboShake128 stream(domain);
  stream.Absorb(message);
  Bytes out(size);
  stream.Squeeze(out);
  return out;
}

// RFC 9861 section 5.
TEST(TurboShake128, GivesTheAnswersOfTheRfc) {
  EXPECT_EQ(HexEncode(Output(0x1F, {}, 32)),
            "1e415f1c5983aff2169217277d17bb538cd945a397ddec541f1ce41af2c1b74c");
  EXPECT_EQ(HexEncode(ByteView(Output(0x1F, {}, 10032)).last(32)),
            "a3b9b0385900ce761f22aed548e754da10a5242d62e8c658e3f3a923a7555607");
  EXPECT_EQ(HexEncode(Output(0x1F, Pattern(289), 32)),
            "96c77c279e0126f7fc07c9b07f5cdae1e0be60bdbe10620040e75d7223a624d2");
  EXPECT_EQ(HexEncode(Output(0x01, Bytes(3, 0xFF), 32)),
            "bf323f940494e88ee1c540fe660be8a0c93f43d15ec006998462fa994eed5dab");
}

TEST(TurboShake128, OutputDoesNotDependOnHowItIsCut) {
  const Bytes message = Pattern(3 * TurboShake128::kRate + 5);
  const Bytes whole = Output(1, message, 700);
  for (const std::size_t piece : {1U, 7U, 8U, 9U, 167U, 168U, 169U, 400U}) {
    TurboShake128 stream(1);
    for (std::size_t at = 0; at < message.size(); at += piece) {
      stream.Absorb(ByteView(message).subspan(at, std::min(piece, message.size() - at)));
      stream.Absorb({});
    }
    Bytes out(whole.size());
    for (std::size_t at = 0; at < out.size(); at += piece) {
      stream.Squeeze(std::span(out).subspan(at, std::min(piece, out.size() - at)));
    }
    EXPECT_EQ(out, whole) << piece;
  }
}

TEST(TurboShake128, DiffersByDomainAndByEveryLengthAroundTheRate) {
  std::vector<Bytes> outputs;
  for (std::size_t size = 160; size < 180; ++size) {
    outputs.push_back(Output(1, Bytes(size), 32));
    outputs.push_back(Output(2, Bytes(size), 32));
  }
  std::sort(outputs.begin(), outputs.end());
  EXPECT_EQ(std::adjacent_find(outputs.begin(), outputs.end()), outputs.end());
}

}  // namespace
}  // namespace flotilla::vdaf
