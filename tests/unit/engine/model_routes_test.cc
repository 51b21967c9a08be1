#include "engine/worker/model_routes.h"

#include <gtest/gtest.h>

namespace flotilla::engine {
namespace {

ModelRoutes MakeRoutes() {
  return ModelRoutes("pump", "pump@2.0.0", {{"fan", "/run/fan.sock"}, {"pump", "/own"}});
}

TEST(ModelRoutes, AnswerForTheOwnLineUnderItsThreeNames) {
  for (const char* model : {"", "pump", "pump@2.0.0"}) {
    EXPECT_EQ(MakeRoutes().Find(model).kind, RouteKind::kOwn) << model;
  }
}

TEST(ModelRoutes, LeadToASiblingWithAnyVersion) {
  EXPECT_EQ(MakeRoutes().Find("fan").socket_path, "/run/fan.sock");
  EXPECT_EQ(MakeRoutes().Find("fan@9").kind, RouteKind::kSibling);
}

TEST(ModelRoutes, KnowNoOtherModelOrVersion) {
  for (const char* model : {"pump@1.0.0", "pump@", "fa", "@"}) {
    EXPECT_EQ(MakeRoutes().Find(model).kind, RouteKind::kUnknown) << model;
  }
}

}  // namespace
}  // namespace flotilla::engine
