#ifndef FLOTILLA_AGENT_SESSION_PROXY_STATUS_H_
#define FLOTILLA_AGENT_SESSION_PROXY_STATUS_H_

#include <string>

#include "base/status.h"
#include "security/http_proxy.h"

namespace flotilla::agent {

// `status` of a call that went through `proxy` (null: unchanged) to `target`: where gRPC's text
// (1.51) says that it failed at the proxy, HttpProxy's words and reason stand in its place. Another
// failure to connect names the proxy.
Status ExplainProxy(const Status& status, const security::HttpProxy* proxy,
                    const std::string& target);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_SESSION_PROXY_STATUS_H_
