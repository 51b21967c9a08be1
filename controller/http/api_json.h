#ifndef FLOTILLA_CONTROLLER_HTTP_API_JSON_H_
#define FLOTILLA_CONTROLLER_HTTP_API_JSON_H_

#include <string>
#include <vector>

#include "controller/http/dashboard_source.h"

namespace flotilla::http {

// The bodies of the REST answers, as JSON text. Pure.
std::string OverviewJson(const FleetPicture& fleet, Time now);
std::string DevicePageJson(const std::vector<v1::Device>& devices,
                           const std::string& next_page_token);
std::string RolloutListJson(const std::vector<v1::Rollout>& rollouts);
std::string RolloutJson(const v1::Rollout& rollout, const std::vector<v1::RolloutDevice>& devices);
// One message in proto's JSON mapping, field names as in the .proto files.
std::string MessageJson(const google::protobuf::Message& message);

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_API_JSON_H_
