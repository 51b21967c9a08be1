#include "security/time_floor.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include "flotilla/v1/failure_reason.pb.h"

#include "security/clock_attestation.h"
#include "security/key_file.h"

namespace flotilla::security {
namespace {

constexpr Duration kDay = absl::Hours(24);
const Duration kLife = absl::Hours(24 * 3);
const std::vector<std::string> kKeys = {"key-a", "key-b"};

Time Built() {
  return ParseUtcText("2026-01-01T00:00:00Z").value();
}

TimeFloor NewFloor(ByteView saved = {}, Duration monotonic = absl::ZeroDuration()) {
  return TimeFloor::Start(Built(), saved, monotonic).value();
}

bool Raise(TimeFloor& floor, Time at, Duration monotonic = absl::ZeroDuration()) {
  return floor.Raise(TimeSource::kTimestamp, at, kLife, kKeys, monotonic);
}

TEST(TimeFloor, BeginsAtTheBuildAndRunsWithTheMonotonicClock) {
  const TimeFloor floor = NewFloor({}, absl::Hours(5));
  EXPECT_EQ(floor.At(absl::Hours(5)), Built());
  EXPECT_EQ(floor.At(absl::Hours(7)), Built() + absl::Hours(2));
  EXPECT_EQ(floor.At(absl::Hours(1)), Built());  // never back
}

TEST(TimeFloor, RisesToWhatWasVerifiedAndNeverFalls) {
  TimeFloor floor = NewFloor();
  EXPECT_TRUE(Raise(floor, Built() + kDay));
  EXPECT_FALSE(Raise(floor, Built() + kDay));
  EXPECT_FALSE(Raise(floor, Built()));  // an old signature that is played again
  EXPECT_EQ(floor.At(absl::Hours(1)), Built() + kDay + absl::Hours(1));
}

TEST(TimeFloor, OutlivesARestart) {
  TimeFloor floor = NewFloor();
  EXPECT_TRUE(Raise(floor, Built() + kDay));
  EXPECT_TRUE(floor.Raise(TimeSource::kSnapshot, Built() + 2 * kDay, kLife, {"s"}, {}));
  const TimeFloor again = NewFloor(floor.Encode(), absl::Hours(3));
  EXPECT_EQ(again.At(absl::Hours(3)), Built() + 2 * kDay);
  EXPECT_EQ(again.contributions(), floor.contributions());
}

TEST(TimeFloor, AnOlderSaveDoesNotLowerANewerBuild) {
  const TimeFloor floor = NewFloor(AsBytes("timestamp 1 a\n"));
  EXPECT_EQ(floor.At({}), Built());
}

TEST(TimeFloor, OneRunRisesByTheLifeOfTheRoleAndThirtyDaysAtMost) {
  TimeFloor floor = NewFloor();
  const Time most = Built() + kLife + 30 * kDay;
  EXPECT_TRUE(Raise(floor, Built() + 1000 * kDay));
  EXPECT_EQ(floor.At({}), most);
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(Raise(floor, Built() + 1000 * kDay));  // saying it again does not help
  }
  EXPECT_TRUE(Raise(floor, Built() + 1000 * kDay, kDay) || floor.At(kDay) == most + kDay);
  EXPECT_EQ(floor.At(kDay), most + kDay);
  TimeFloor next_run = NewFloor(floor.Encode());
  EXPECT_TRUE(Raise(next_run, Built() + 1000 * kDay));
  EXPECT_EQ(next_run.At({}), most + kLife + 30 * kDay);
}

TEST(TimeFloor, ARotatedKeyTakesItsPartAlong) {
  TimeFloor floor = NewFloor();
  EXPECT_TRUE(floor.Raise(TimeSource::kSnapshot, Built() + kDay, kLife, {"s"}, {}));
  EXPECT_TRUE(Raise(floor, Built() + 20 * kDay));
  EXPECT_FALSE(floor.KeepOnly(TimeSource::kTimestamp, {"key-b", "key-a"}, {}));  // the same keys
  EXPECT_TRUE(floor.KeepOnly(TimeSource::kTimestamp, {"key-b"}, {}));
  EXPECT_EQ(floor.At({}), Built() + kDay);
  EXPECT_FALSE(floor.KeepOnly(TimeSource::kTimestamp, {"key-b"}, {}));
  EXPECT_TRUE(floor.KeepOnly(TimeSource::kSnapshot, {}, {}));
  EXPECT_EQ(floor.At({}), Built());
}

TEST(TimeFloor, RefusesASaveThatIsNone) {
  for (const std::string bad : {"timestamp", "timestamp x a", "other 1 a", "timestamp -1 a",
                                "timestamp 1 a b", "timestamp 99999999999999999999 a"}) {
    EXPECT_EQ(ReasonNumber(TimeFloor::Start(Built(), AsBytes(bad), {}).status()),
              v1::FAILURE_REASON_STORAGE_STATE_CORRUPT)
        << bad;
  }
  EXPECT_FALSE(TimeFloor::Start(Built(), Bytes(20'000, 'a'), {}).ok());
}

TEST(ClockAttestation, CoversNonceAndTime) {
  const auto key = KeyPair::Generate(KeyKind::kEd25519).value();
  const Bytes nonce(kClockNonceBytes, 7);
  const Time at = Built();
  const Bytes signature = key->Sign(ClockMessage(nonce, at)).value();
  const PublicKey& known = key->public_key();
  EXPECT_TRUE(VerifyClock(known, nonce, at, signature).ok());
  EXPECT_FALSE(VerifyClock(known, nonce, at + absl::Seconds(1), signature).ok());
  EXPECT_FALSE(VerifyClock(known, Bytes(kClockNonceBytes, 8), at, signature).ok());
  const Bytes short_nonce(kClockNonceBytes - 1, 7);
  EXPECT_FALSE(
      VerifyClock(known, short_nonce, at, key->Sign(ClockMessage(short_nonce, at)).value()).ok());
}

TEST(ClockAttestation, HasTheFormOfTheProtocol) {
  EXPECT_EQ(HexEncode(ClockMessage(AsBytes("n"), absl::FromUnixSeconds(0x0102030405))),
            HexEncode(AsBytes("flotilla-clock-v1")) + "00" + "6e" + "0000000102030405" + "");
}

}  // namespace
}  // namespace flotilla::security
