#include "telemetry/dp/ledger_book.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "telemetry/dp/budget.h"
#include "tests/support/seeded_random.h"

namespace flotilla::dp {
namespace {

constexpr Duration kDay = absl::Hours(24);
constexpr Time kStart = absl::FromUnixSeconds(1'790'000'000);

LedgerTime At(Time time) {
  return {time, time};
}

Charge Gate(std::uint32_t number) {
  Charge charge;
  charge.id = {static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(number >> 8U)};
  charge.cost = {kNanoEpsilon, 0};
  return charge;
}

// Admits and adds; the code of the answer.
StatusCode Spend(LedgerBook& book, const Charge& charge, const LedgerTime& time) {
  const auto record = book.Admit(charge, time);
  if (record.ok()) {
    book.Add(*record);
  }
  return record.status().code();
}

LedgerBook Full(Time when) {
  LedgerBook book;
  for (std::uint32_t i = 0; i < 8; ++i) {
    EXPECT_EQ(Spend(book, Gate(i), At(when)), StatusCode::kOk);
  }
  return book;
}

TEST(LedgerBook, TakesEightGatesInNinetyDaysAndNoNinth) {
  LedgerBook book = Full(kStart);
  EXPECT_EQ(book.RemainingNanoEpsilon(kStart), 0U);
  EXPECT_EQ(Spend(book, Gate(8), At(kStart)), StatusCode::kResourceExhausted);
  EXPECT_EQ(Spend(book, Gate(8), At(kStart + 90 * kDay - absl::Seconds(1))),
            StatusCode::kResourceExhausted);
  EXPECT_EQ(Spend(book, Gate(8), At(kStart + 90 * kDay)), StatusCode::kOk);
}

TEST(LedgerBook, ChargesAWindowOfATaskOnce) {
  LedgerBook book;
  EXPECT_EQ(Spend(book, Gate(1), At(kStart)), StatusCode::kOk);
  EXPECT_EQ(Spend(book, Gate(1), At(kStart)), StatusCode::kAlreadyExists);
  EXPECT_EQ(Spend(book, Gate(1), At(kStart + 200 * kDay)), StatusCode::kAlreadyExists);
}

TEST(LedgerBook, ARefusalCostsNothing) {
  LedgerBook book;
  Charge large = Gate(1);
  large.cost.nano_epsilon = kCapNanoEpsilon + 1;
  EXPECT_EQ(Spend(book, large, At(kStart)), StatusCode::kResourceExhausted);
  EXPECT_EQ(Spend(book, Charge{}, At(kStart)), StatusCode::kInvalidArgument);
  EXPECT_EQ(book.RemainingNanoEpsilon(kStart), kCapNanoEpsilon);
}

TEST(LedgerBook, AClockMovedBackFreesNothing) {
  LedgerBook book = Full(kStart);
  for (const int days : {-1, -90, -91, -4000}) {
    const LedgerTime back = {kStart + days * kDay, kStart};
    EXPECT_EQ(Spend(book, Gate(100), back), StatusCode::kResourceExhausted);
  }
}

TEST(LedgerBook, AClockMovedForwardFreesNothing) {
  LedgerBook book = Full(kStart);
  for (const int days : {90, 91, 366}) {
    const LedgerTime ahead = {kStart + days * kDay, kStart};
    EXPECT_EQ(Spend(book, Gate(100), ahead), StatusCode::kResourceExhausted);
  }
}

TEST(LedgerBook, ChargesMadeWithTheClockSetBackCountFromTheFloor) {
  LedgerBook book;
  for (std::uint32_t i = 0; i < 8; ++i) {
    EXPECT_EQ(Spend(book, Gate(i), {kStart - 300 * kDay, kStart}), StatusCode::kOk);
  }
  EXPECT_EQ(Spend(book, Gate(8), At(kStart + 89 * kDay)), StatusCode::kResourceExhausted);
  EXPECT_EQ(Spend(book, Gate(8), At(kStart + 90 * kDay)), StatusCode::kOk);
}

TEST(LedgerBook, StampsNeverGoBack) {
  LedgerBook book;
  EXPECT_EQ(Spend(book, Gate(0), {kStart + 10 * kDay, kStart}), StatusCode::kOk);
  EXPECT_EQ(Spend(book, Gate(1), {kStart - 10 * kDay, kStart}), StatusCode::kOk);
  EXPECT_EQ(book.records()[1].stamp, kStart + 10 * kDay);
}

TEST(LedgerBook, AClockOfAnotherAgeChargesNothing) {
  LedgerBook book;
  const LedgerTime future = {kStart + kLedgerMaxAhead + absl::Seconds(1), kStart};
  EXPECT_EQ(Spend(book, Gate(0), future), StatusCode::kFailedPrecondition);
  EXPECT_EQ(book.Lost(future).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(Spend(book, Gate(0), At(kStart)), StatusCode::kOk);  // and is not stuck with it
}

TEST(LedgerBook, LostRecordsCostTheWholeBudgetForOneWindow) {
  LedgerBook book;
  book.Add(book.Lost(At(kStart)).value());
  EXPECT_EQ(book.RemainingNanoEpsilon(kStart), 0U);
  EXPECT_EQ(Spend(book, Gate(0), At(kStart + 89 * kDay)), StatusCode::kResourceExhausted);
  EXPECT_EQ(Spend(book, Gate(0), At(kStart + 90 * kDay)), StatusCode::kOk);
}

TEST(LedgerBook, DroppingWhatExpiredChangesNoAnswer) {
  LedgerBook book = Full(kStart);
  const Time later = kStart + 45 * kDay;
  book.DropExpired(later);
  EXPECT_EQ(book.records().size(), 8U);
  book.DropExpired(kStart + 90 * kDay);
  EXPECT_TRUE(book.records().empty());
}

struct Spent {
  Time at;  // in truth
  PrivacyCost cost;
};

// The most that lay in any 90 days of the true time.
std::uint64_t WorstWindow(const std::vector<Spent>& spends) {
  std::uint64_t worst = 0;
  for (std::size_t last = 0; last < spends.size(); ++last) {
    PrivacyCost sum;
    for (std::size_t i = 0; i <= last; ++i) {
      if (spends[i].at + kBudgetWindow > spends[last].at) {
        sum = sum + spends[i].cost;
      }
    }
    worst = std::max(worst, TotalNanoEpsilon(sum));
  }
  return worst;
}

// Ten years of a device that spends whatever it may while its clock jumps about: up to
// `ahead_days` into the future and any time into the past.
std::vector<Spent> TenYears(std::uint64_t seed, std::uint64_t ahead_days) {
  SeededRandom random(seed);
  LedgerBook book;
  std::vector<Spent> spends;
  std::uint32_t number = 0;
  for (int day = 0; day < 3650; ++day) {
    const Time truth = kStart + day * kDay;
    Time wall = truth;
    if (UniformBelow(random, 2) == 0) {
      wall += absl::Hours(24) *
              (static_cast<std::int64_t>(UniformBelow(random, ahead_days + 500)) - 500);
    }
    Charge charge = Gate(number++);
    charge.cost = UniformBelow(random, 2) == 0
                      ? PrivacyCost{kNanoEpsilon / 4 * (1 + UniformBelow(random, 8)), 0}
                      : PrivacyCost{0, kPicoRho / 400 * (1 + UniformBelow(random, 40))};
    if (Spend(book, charge, {wall, truth}) == StatusCode::kOk) {
      spends.push_back({truth, charge.cost});
    }
  }
  return spends;
}

TEST(LedgerBook, NoWindowOfTheTrueTimeExceedsTheCapHoweverTheClockJumps) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const std::vector<Spent> spends = TenYears(seed, seed % 2 == 0 ? 0 : 300);
    EXPECT_LE(WorstWindow(spends), kCapNanoEpsilon);
    EXPECT_GT(WorstWindow(spends), kCapNanoEpsilon / 2);  // the walk does press against the cap
  }
}

}  // namespace
}  // namespace flotilla::dp
