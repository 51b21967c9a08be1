#include "engine/worker/answer_id.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "engine/worker/answered_ids.h"
#include "engine/worker/model_routes.h"
#include "tests/support/seeded_random.h"

namespace flotilla::engine {
namespace {

TEST(AnswerId, HasTheFormThatClientsKnowAndNamesItsLine) {
  SeededRandom random(1);
  const std::string id = MakeAnswerId(ApiKind::kChat, "pump", random);
  EXPECT_EQ(id.size(), 9U + 8U + 24U);
  EXPECT_TRUE(id.starts_with("chatcmpl-" + LineTag("pump")));
  EXPECT_EQ(TagOf(id), LineTag("pump"));
  EXPECT_EQ(TagOf(MakeAnswerId(ApiKind::kCompletion, "fan", random)), LineTag("fan"));
  EXPECT_NE(LineTag("pump"), LineTag("fan"));
}

TEST(AnswerId, IsNeverTheSameTwice) {
  SeededRandom random(1);
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) {
    ids.insert(MakeAnswerId(ApiKind::kChat, "pump", random));
  }
  EXPECT_EQ(ids.size(), 1000U);
}

TEST(AnswerId, HasNoTagWhenItIsNotOneOfOurs) {
  for (const char* id : {"", "chatcmpl-", "chatcmpl-1", "cmpl-00112233", "x"}) {
    EXPECT_EQ(TagOf(id), "") << id;
  }
  EXPECT_EQ(TagOf("chatcmpl-" + std::string(33, '0')), "");
}

TEST(AnswerId, LeadsToTheEngineOfItsLine) {
  const ModelRoutes routes("pump", "pump@2", {{"fan", "/run/fan.sock"}});
  SeededRandom random(1);
  const auto route = [&](std::string_view line) {
    return routes.FindAnswer(MakeAnswerId(ApiKind::kChat, line, random));
  };
  EXPECT_EQ(route("pump").kind, RouteKind::kOwn);
  EXPECT_EQ(route("fan").socket_path, "/run/fan.sock");
  EXPECT_EQ(route("valve").kind, RouteKind::kUnknown);
  EXPECT_EQ(routes.FindAnswer("").kind, RouteKind::kUnknown);
}

TEST(AnsweredIds, AreMarkedOnceEach) {
  AnsweredIds ids;
  ids.Add("a");
  EXPECT_EQ(ids.Mark("b"), Marking::kUnknown);
  EXPECT_EQ(ids.Mark("a"), Marking::kMarked);
  EXPECT_EQ(ids.Mark("a"), Marking::kMarkedBefore);
}

TEST(AnsweredIds, AreForgottenOldestFirstBeyondTheirNumber) {
  AnsweredIds ids;
  for (std::size_t i = 0; i < 3 * AnsweredIds::kKept; ++i) {
    ids.Add(std::to_string(i));
    EXPECT_LE(ids.size(), AnsweredIds::kKept);
  }
  EXPECT_EQ(ids.Mark(std::to_string(2 * AnsweredIds::kKept - 1)), Marking::kUnknown);
  EXPECT_EQ(ids.Mark(std::to_string(2 * AnsweredIds::kKept)), Marking::kMarked);
}

}  // namespace
}  // namespace flotilla::engine
