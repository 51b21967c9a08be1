#include "security/secret_bytes.h"

#include <cstdint>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace flotilla::security {
namespace {

TEST(SecretBytes, HoldsACopyOfWhatItWasGiven) {
  Bytes bytes = {1, 2, 3};
  const SecretBytes secret{ByteView(bytes)};
  bytes[0] = 9;
  EXPECT_EQ(HexEncode(secret.view()), "010203");
}

TEST(SecretBytes, IsEmptyAfterAMove) {
  SecretBytes from{ByteView(Bytes{1, 2, 3})};
  SecretBytes to(std::move(from));
  EXPECT_EQ(to.size(), 3U);
  EXPECT_EQ(from.size(), 0U);  // NOLINT(bugprone-use-after-move): that is the promise
  SecretBytes other(std::size_t{5});
  other = std::move(to);
  EXPECT_EQ(HexEncode(other.view()), "010203");
  EXPECT_EQ(to.size(), 0U);  // NOLINT(bugprone-use-after-move): as above
}

TEST(SecretBytes, CannotBeCopied) {
  EXPECT_FALSE(std::is_copy_constructible_v<SecretBytes>);
  EXPECT_FALSE(std::is_copy_assignable_v<SecretBytes>);
}

}  // namespace
}  // namespace flotilla::security
