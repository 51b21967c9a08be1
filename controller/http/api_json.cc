#include "controller/http/api_json.h"

#include <string>
#include <vector>

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace flotilla::http {
namespace {

template <typename Messages>
std::string ArrayOf(const Messages& messages) {
  std::string text = "[";
  for (const auto& message : messages) {
    text += text.size() > 1 ? "," : "";
    text += MessageJson(message);
  }
  return text + "]";
}

}  // namespace

std::string MessageJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text, options);
  return status.ok() ? text : "{}";
}

std::string OverviewJson(const FleetPicture& fleet, Time now) {
  const FleetCounts counts = fleet.Counts();
  boost::json::object overview;
  overview["time"] = UtcText(now);
  overview["devices"] = counts.devices;
  overview["sessions"] = counts.sessions;
  boost::json::object liveness;
  for (const auto& [state, count] : counts.liveness) {
    liveness[v1::Liveness_Name(state)] = count;
  }
  overview["liveness"] = std::move(liveness);
  boost::json::array installed;
  for (const auto& [release, count] : counts.installed) {
    installed.push_back({{"line", release.first}, {"version", release.second}, {"devices", count}});
  }
  overview["installed"] = std::move(installed);
  std::uint64_t running = 0;
  std::uint64_t paused = 0;
  const auto rollouts = fleet.Rollouts();
  for (const v1::Rollout& rollout : rollouts) {
    running += rollout.state() == v1::ROLLOUT_STATE_RUNNING ? 1U : 0U;
    paused += rollout.state() == v1::ROLLOUT_STATE_PAUSED ? 1U : 0U;
  }
  overview["rollouts"] = {{"total", rollouts.size()}, {"running", running}, {"paused", paused}};
  return boost::json::serialize(overview);
}

std::string DevicePageJson(const std::vector<v1::Device>& devices,
                           const std::string& next_page_token) {
  return "{\"devices\":" + ArrayOf(devices) +
         ",\"next_page_token\":" + boost::json::serialize(boost::json::string(next_page_token)) +
         "}";
}

std::string RolloutListJson(const std::vector<v1::Rollout>& rollouts) {
  return "{\"rollouts\":" + ArrayOf(rollouts) + "}";
}

std::string RolloutJson(const v1::Rollout& rollout, const std::vector<v1::RolloutDevice>& devices) {
  return "{\"rollout\":" + MessageJson(rollout) + ",\"devices\":" + ArrayOf(devices) + "}";
}

}  // namespace flotilla::http
