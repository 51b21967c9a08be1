#include "base/status.h"

#include <cerrno>

#include <gtest/gtest.h>

namespace flotilla {
namespace {

enum class Why { kFirst = 7, kSecond = 8 };

StatusOr<int> Doubled(const StatusOr<int>& input) {
  FLOTILLA_ASSIGN_OR_RETURN(const int value, input);
  return value * 2;
}

TEST(Status, CarriesTheReasonNearestToTheCause) {
  Status status = WithReason(DataLoss("bad"), Why::kFirst);
  status = WithReason(status, Why::kSecond);
  EXPECT_EQ(ReasonNumber(status), 7);
}

TEST(Status, HasNoReasonUntilOneIsGiven) {
  EXPECT_EQ(ReasonNumber(DataLoss("bad")), 0);
  EXPECT_EQ(ReasonNumber(WithReason(OkStatus(), Why::kFirst)), 0);
  EXPECT_TRUE(WithReason(OkStatus(), Why::kFirst).ok());
}

TEST(Status, KeepsCodeAndReasonWhenContextIsAdded) {
  const Status status = Annotate(WithReason(NotFound("no row"), Why::kSecond), "device d1");
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_EQ(MessageOf(status), "device d1: no row");
  EXPECT_EQ(ReasonNumber(status), 8);
  EXPECT_TRUE(Annotate(OkStatus(), "x").ok());
}

TEST(Status, MapsErrnoToWhatTheCallerDoes) {
  EXPECT_EQ(ErrnoStatus(ENOENT, "f").code(), StatusCode::kNotFound);
  EXPECT_EQ(ErrnoStatus(ENOSPC, "f").code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(ErrnoStatus(EIO, "f").code(), StatusCode::kDataLoss);
  EXPECT_EQ(ErrnoStatus(EROFS, "f").code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(ErrnoStatus(ECONNREFUSED, "f").code(), StatusCode::kUnavailable);
  EXPECT_EQ(MessageOf(ErrnoStatus(ENOENT, "f")), "f: No such file or directory");
}

TEST(StatusMacros, PassAnErrorOnAndUnpackAValue) {
  EXPECT_EQ(Doubled(Aborted("x")).status().code(), StatusCode::kAborted);
  EXPECT_EQ(*Doubled(21), 42);
}

TEST(Status, NamesItsCode) {
  EXPECT_EQ(CodeName(StatusCode::kDataLoss), "DATA_LOSS");
}

}  // namespace
}  // namespace flotilla
