#include "agent/app/agent_options.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "agent/app/version.h"
#include "agent/condition/device_condition.h"
#include "base/file.h"
#include "security/key_file.h"

namespace flotilla::agent {
namespace {

constexpr std::uint64_t kMaxRootBytes = 1 << 20;
constexpr Duration kMeteredRefresh = absl::Hours(24);

}  // namespace

StatusOr<Bytes> ReadTrustRoot(const std::string& file) {
  const std::string next = "the root.json that this device was shipped with (--trust-root FILE)";
  if (file.empty()) {
    return InvalidArgument("trust_root is not set: name " + next);
  }
  StatusOr<Bytes> root = ReadFile(file, kMaxRootBytes);
  if (!root.ok()) {
    return Status(root.status().code(),
                  "trust_root: " + MessageOf(root.status()) + ": name " + next);
  }
  return root;
}

SessionOptions SessionOptionsOf(const config::v1::AgentConfig& config) {
  SessionOptions options;
  if (config.has_reconnect_cap()) {
    const Duration cap = absl::Seconds(config.reconnect_cap().seconds()) +
                         absl::Nanoseconds(config.reconnect_cap().nanos());
    options.reconnect.backoff.cap = cap;
    options.reconnect.refused_retry = cap;
    options.reconnect.spread = std::min(options.reconnect.spread, cap);
  }
  options.every = absl::Seconds(config.session().every().seconds());
  if (config.session().has_open_for()) {
    options.open_for = absl::Seconds(config.session().open_for().seconds());
  }
  return options;
}

StatusOr<ota::UpdateRunnerOptions> RunnerOptionsOf(const config::v1::AgentConfig& config,
                                                   const SystemProbe& probe) {
  ota::UpdateRunnerOptions options;
  options.state_dir = config.state_dir();
  options.facts = MakeFacts(config, probe);
  options.agent_version = kAgentVersion;
  options.disk_budget_bytes = config.disk_budget_bytes();
  options.engine_version = kEngineVersion;
  for (const std::string& file : config.approver_keys()) {
    FLOTILLA_ASSIGN_OR_RETURN(security::PublicKey key, security::LoadPublicKey(file));
    options.approvers.push_back(std::move(key));
  }
  options.approver_threshold = std::max<std::size_t>(config.approver_threshold(), 1);
  if (options.approver_threshold > options.approvers.size() && config.approver_threshold() > 0) {
    return InvalidArgument("approver_threshold: more than there are approver_keys");
  }
  return options;
}

StatusOr<std::shared_ptr<const security::HttpProxy>> ProxyOf(
    const config::v1::AgentConfig& config) {
  if (!config.proxy().empty()) {
    return security::HttpProxy::Read(config.proxy(), config.proxy_credentials_file());
  }
  if (!config.proxy_credentials_file().empty()) {
    return InvalidArgument("proxy_credentials_file: there is no proxy");
  }
  return std::shared_ptr<const security::HttpProxy>();
}

TrustDeskOptions TrustOptionsOf(const config::v1::AgentConfig& config) {
  TrustDeskOptions options;
  if (config.has_stale_after()) {
    options.stale_after = absl::Seconds(config.stale_after().seconds()) +
                          absl::Nanoseconds(config.stale_after().nanos());
  }
  if (config.metered()) {
    options.refresh_every = kMeteredRefresh;
  }
  options.refresh_every = std::min(options.refresh_every, options.stale_after / 4);
  return options;
}

}  // namespace flotilla::agent
