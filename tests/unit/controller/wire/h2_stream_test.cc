#include "controller/wire/h2_stream.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace flotilla::controller {
namespace {

std::string TakeAll(H2Outbox& outbox, std::size_t piece) {
  std::string all;
  std::string buffer(piece, '\0');
  while (!outbox.empty()) {
    const std::size_t taken =
        outbox.Take({reinterpret_cast<std::uint8_t*>(buffer.data()), buffer.size()});
    EXPECT_GT(taken, 0U);
    all += buffer.substr(0, taken);
  }
  return all;
}

TEST(H2Head, KeepsWhatACallNeeds) {
  H2Head head;
  head.Take(":method", "POST");
  head.Take(":path", "/package.Service/Method");
  head.Take("content-type", "application/grpc+proto");
  head.Take("grpc-timeout", "30S");
  head.Take("x-other", "value");
  EXPECT_EQ(head.path, "/package.Service/Method");
  EXPECT_EQ(head.timeout, absl::Seconds(30));
  EXPECT_TRUE(head.IsGrpc());
  EXPECT_EQ(head.bytes, 11U + 28U + 34U + 15U + 12U + 5 * 32U);
}

TEST(H2Head, WithoutATimeoutOrWithABadOneWaitsForever) {
  H2Head head;
  EXPECT_EQ(head.timeout, absl::InfiniteDuration());
  head.Take("grpc-timeout", "soon");
  EXPECT_EQ(head.timeout, absl::InfiniteDuration());
}

TEST(H2Head, IsGrpcOnlyAsAPostOfItsType) {
  H2Head none;
  EXPECT_FALSE(none.IsGrpc());
  H2Head get;
  get.Take(":method", "GET");
  get.Take("content-type", "application/grpc");
  EXPECT_FALSE(get.IsGrpc());
  H2Head json;
  json.Take(":method", "POST");
  json.Take("content-type", "application/json");
  EXPECT_FALSE(json.IsGrpc());
}

TEST(H2Inbox, GivesMessagesInOrder) {
  H2Inbox inbox(100);
  ASSERT_TRUE(inbox.Feed(AsBytes(GrpcFrame("one") + GrpcFrame("") + GrpcFrame("three"))).ok());
  EXPECT_EQ(inbox.Take(), "one");
  EXPECT_EQ(inbox.Take(), "");
  EXPECT_FALSE(inbox.empty());
  EXPECT_EQ(inbox.Take(), "three");
  EXPECT_TRUE(inbox.empty());
}

TEST(H2Inbox, HoldsBytesBackOnlyWhileAWholeMessageWaits) {
  H2Inbox inbox(100);
  const std::string frame = GrpcFrame("hello");
  ASSERT_TRUE(inbox.Feed(AsBytes(frame.substr(0, 7))).ok());
  EXPECT_EQ(inbox.TakeReleased(), 7U);  // or a message larger than the window would never end
  EXPECT_EQ(inbox.TakeReleased(), 0U);
  ASSERT_TRUE(inbox.Feed(AsBytes(frame.substr(7) + frame)).ok());
  EXPECT_EQ(inbox.TakeReleased(), 0U);
  inbox.Take();
  EXPECT_EQ(inbox.TakeReleased(), 0U);
  inbox.Take();
  EXPECT_EQ(inbox.TakeReleased(), 13U);
  EXPECT_EQ(inbox.TakeReleased(), 0U);
}

TEST(H2Outbox, GivesPrefixOwnAndSharedInPiecesOfAnySize) {
  const std::string whole = GrpcFrame("own and shared");
  for (const std::size_t piece : {1, 2, 5, 8, 9, 100}) {
    H2Outbox outbox;
    EXPECT_TRUE(outbox.empty());
    outbox.Put({"own ", std::make_shared<const std::string>("and shared")});
    EXPECT_EQ(TakeAll(outbox, piece), whole) << piece;
    EXPECT_TRUE(outbox.empty());
  }
}

TEST(H2Outbox, TakesOneMessageAfterAnother) {
  H2Outbox outbox;
  outbox.Put({"one", nullptr});
  EXPECT_EQ(TakeAll(outbox, 3), GrpcFrame("one"));
  outbox.Put({"", std::make_shared<const std::string>("")});
  EXPECT_FALSE(outbox.empty());  // its prefix
  EXPECT_EQ(TakeAll(outbox, 3), GrpcFrame(""));
  outbox.Put({"", std::make_shared<const std::string>("two")});
  EXPECT_EQ(TakeAll(outbox, 100), GrpcFrame("two"));
}

TEST(H2Outbox, LetsGoOfWhatItShared) {
  const auto shared = std::make_shared<const std::string>("shared");
  H2Outbox outbox;
  outbox.Put({"", shared});
  TakeAll(outbox, 100);
  EXPECT_EQ(shared.use_count(), 1);
}

}  // namespace
}  // namespace flotilla::controller
