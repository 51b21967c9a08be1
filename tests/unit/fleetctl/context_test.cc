#include "fleetctl/context/context.h"

#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace flotilla::fleetctl {
namespace {

class Contexts : public ::testing::Test {
 protected:
  // A context whose files exist.
  config::v1::Context Lab(const std::string& name) {
    config::v1::Context context;
    context.set_name(name);
    context.set_operator_address("127.0.0.1:7444");
    context.set_dashboard_address("127.0.0.1:7445");
    context.set_ca(File("ca.crt"));
    context.set_certificate(File("me.crt"));
    context.set_key(File("me.key"));
    return context;
  }

  std::string File(const std::string& name) {
    const auto path = dir_.path() / name;
    std::ofstream(path) << "PEM";
    return path.string();
  }

  flotilla::TempDir dir_;
  ContextStore store_{dir_.path() / "sub/contexts.yaml"};
};

TEST_F(Contexts, AnAbsentFileHoldsNone) {
  const auto file = store_.Read();
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->contexts_size(), 0);
  EXPECT_EQ(store_.Find("").status().code(), StatusCode::kNotFound);
}

TEST_F(Contexts, TheFirstIsUsedUntilAnotherIsChosen) {
  ASSERT_EQ(store_.Put(Lab("lab")), OkStatus());
  ASSERT_TRUE(store_.Put(Lab("field")).ok());
  EXPECT_EQ(store_.Find("")->name(), "lab");
  ASSERT_TRUE(store_.Use("field").ok());
  EXPECT_EQ(store_.Find("")->name(), "field");
  EXPECT_EQ(store_.Find("lab")->operator_address(), "127.0.0.1:7444");
  EXPECT_EQ(store_.Use("none").code(), StatusCode::kNotFound);
}

TEST_F(Contexts, RefusesOneWhoseFilesAreNotThere) {
  config::v1::Context context = Lab("lab");
  context.set_key((dir_.path() / "absent.key").string());
  EXPECT_EQ(store_.Put(context).code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace flotilla::fleetctl
