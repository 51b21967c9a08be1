#include "fleetctl/output/output.h"

#include <sstream>

#include <gtest/gtest.h>

#include "flotilla/v1/device.pb.h"

namespace flotilla::fleetctl {
namespace {

TEST(Table, AlignsColumnsByTheWidestCell) {
  Table table({"A", "LONG"});
  table.Add({"wide cell", "x"});
  table.Add({"", "y"});
  std::ostringstream out;
  table.Print(out);
  EXPECT_EQ(out.str(),
            "A          LONG\n"
            "wide cell  x\n"
            "-          y\n");
}

TEST(Output, JsonHasTheFieldNamesOfTheProto) {
  v1::Device device;
  device.set_agent_version("1.2");
  EXPECT_EQ(JsonLine(device), "{\"agent_version\":\"1.2\"}");
}

TEST(Output, ShortensNames) {
  EXPECT_EQ(ShortName("LIVENESS_ONLINE", "LIVENESS_"), "ONLINE");
  EXPECT_EQ(ReasonName(v1::FAILURE_REASON_TRUST_THRESHOLD), "TRUST_THRESHOLD");
  EXPECT_EQ(LabelsCell({{"a", "1"}, {"b", "2"}}), "a=1,b=2");
  EXPECT_EQ(TimeCell({}), "");
}

}  // namespace
}  // namespace flotilla::fleetctl
