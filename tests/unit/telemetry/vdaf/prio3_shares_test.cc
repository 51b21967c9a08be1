#include "telemetry/vdaf/prio3_shares.h"

#include <gtest/gtest.h>

#include "telemetry/vdaf/field64.h"

namespace flotilla::vdaf {
namespace {

// Bytes 0, 1, 2, ...: small field elements in every size.
Bytes Ramp(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i % 200);
  return bytes;
}

TEST(Prio3Shares, ALeaderShareEncodesToWhatItWasReadFrom) {
  for (const auto joint : {JointRandomness::kAbsent, JointRandomness::kPresent}) {
    const Bytes bytes = Ramp(5 * 8 + (joint == JointRandomness::kPresent ? 32 : 0));
    const auto share = LeaderShare<Field64>::Decode(bytes, 2, 3, joint);
    ASSERT_TRUE(share.ok());
    EXPECT_EQ(share->measurement.size(), 2U);
    EXPECT_EQ(share->proof.size(), 3U);
    EXPECT_EQ(share->Encode(joint), bytes);
  }
}

TEST(Prio3Shares, AHelperShareEncodesToWhatItWasReadFrom) {
  for (const auto joint : {JointRandomness::kAbsent, JointRandomness::kPresent}) {
    const Bytes bytes = Ramp(joint == JointRandomness::kPresent ? 64 : 32);
    const auto share = HelperShare::Decode(bytes, joint);
    ASSERT_TRUE(share.ok());
    EXPECT_EQ(share->Encode(joint), bytes);
  }
}

TEST(Prio3Shares, AVerifierShareEncodesToWhatItWasReadFrom) {
  for (const auto joint : {JointRandomness::kAbsent, JointRandomness::kPresent}) {
    const Bytes bytes = Ramp(4 * 8 + (joint == JointRandomness::kPresent ? 32 : 0));
    const auto share = VerifierShare<Field64>::Decode(bytes, 4, joint);
    ASSERT_TRUE(share.ok());
    EXPECT_EQ(share->Encode(joint), bytes);
  }
}

TEST(Prio3Shares, NoOtherSizeIsRead) {
  for (std::size_t size = 0; size < 100; ++size) {
    const Bytes bytes(size);
    EXPECT_EQ(LeaderShare<Field64>::Decode(bytes, 2, 3, JointRandomness::kPresent).ok(),
              size == 72);
    EXPECT_EQ(HelperShare::Decode(bytes, JointRandomness::kPresent).ok(), size == 64);
    EXPECT_EQ(VerifierShare<Field64>::Decode(bytes, 4, JointRandomness::kAbsent).ok(), size == 32);
  }
}

}  // namespace
}  // namespace flotilla::vdaf
