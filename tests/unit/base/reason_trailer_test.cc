#include "base/reason_trailer.h"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

TEST(ReasonTrailer, CarriesTheReasonOfAStatus) {
  const Status sent = WithReasonNumber(PermissionDenied("no"), 804);
  EXPECT_EQ("804", ReasonTrailerValue(sent));
  EXPECT_EQ(804, ReasonNumber(WithReasonTrailer(PermissionDenied("no"), "804")));
}

TEST(ReasonTrailer, IsAbsentWithoutAReason) {
  EXPECT_EQ("", ReasonTrailerValue(PermissionDenied("no")));
  EXPECT_EQ("", ReasonTrailerValue(OkStatus()));
}

TEST(ReasonTrailer, PassesOverWhatIsNoReason) {
  for (const char* value : {"", "0", "-1", "804x", " 804", "99999999999999999999", "\x01\x02"}) {
    EXPECT_EQ(0, ReasonNumber(WithReasonTrailer(PermissionDenied("no"), value))) << value;
  }
}

}  // namespace
}  // namespace flotilla
