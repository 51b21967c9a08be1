#include "tests/swarm/agents/herd_report.h"

#include <algorithm>
#include <iterator>
#include <map>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "absl/strings/str_cat.h"

namespace flotilla::swarm {
namespace {

namespace json = boost::json;

json::object SpreadJson(const std::vector<AgentMemory>& memory, std::uint64_t AgentMemory::*kb) {
  std::vector<std::uint64_t> sorted;
  std::transform(memory.begin(), memory.end(), std::back_inserter(sorted),
                 [kb](const AgentMemory& one) { return one.*kb; });
  std::sort(sorted.begin(), sorted.end());
  return {{"p50", sorted[(sorted.size() - 1) / 2]}, {"max", sorted.back()}};
}

json::object CodesJson(const std::map<int, std::uint64_t>& codes) {
  json::object object;
  for (const auto& [code, count] : codes) {
    object[absl::StrCat(code)] = count;
  }
  return object;
}

json::object OwnDevicesJson(const OwnDevices& own) {
  json::object releases;
  for (const auto& [release, count] : own.releases) {
    releases[release] = count;
  }
  return {{"known", own.known}, {"online", own.online}, {"releases", std::move(releases)}};
}

}  // namespace

bool HerdReport::clean() const {
  return live == agents && killed == 0 && controller_error.empty() &&
         (!controller.has_value() || controller->online == agents);
}

std::string HerdReportJson(const HerdReport& report) {
  json::object all{{"agents", report.agents},
                   {"live", report.live},
                   {"enrolled", report.enrolled},
                   {"started", report.counts.started},
                   {"restarted", report.counts.restarted},
                   {"deaths", CodesJson(report.counts.deaths)},
                   {"ends", CodesJson(report.counts.ends)},
                   {"killed", report.killed},
                   {"run_ms", absl::ToInt64Milliseconds(report.time)}};
  if (!report.memory.empty()) {
    all["resident_kb"] = SpreadJson(report.memory, &AgentMemory::resident_kb);
    all["private_dirty_kb"] = SpreadJson(report.memory, &AgentMemory::private_dirty_kb);
  }
  if (report.controller.has_value()) {
    all["controller"] = OwnDevicesJson(*report.controller);
  }
  if (!report.controller_error.empty()) {
    all["controller_error"] = report.controller_error;
  }
  return json::serialize(all);
}

}  // namespace flotilla::swarm
