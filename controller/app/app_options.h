#ifndef FLOTILLA_CONTROLLER_APP_APP_OPTIONS_H_
#define FLOTILLA_CONTROLLER_APP_APP_OPTIONS_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/log.h"
#include "base/status.h"
#include "base/time.h"
#include "controller/bootstrap/state_layout.h"
#include "controller/enrolment/enrolment.h"
#include "controller/health/health_words.h"
#include "controller/session/admission_queue.h"
#include "security/tuf/online_roles.h"

namespace flotilla::controller {

// Where one listener listens.
struct ListenAddress {
  std::string host;
  // 0: a free one.
  std::uint16_t port = 0;
  // "127.0.0.1:7442".
  std::string Text() const;
};

// The second party of private health.
struct HealthHelperOptions {
  std::string address;  // "host:port"; empty: there is none
  std::filesystem::path credentials_dir;
  HelperOperator named;
};

// One of several controllers on one database.
struct ReplicaOptions {
  std::string name;
  // For the other replicas: sessions; four more listeners on the ports after it.
  ListenAddress listen;
  // Ends in '/'; empty: devices are told this replica's own artifact listener.
  std::string artifact_url;
  // Where devices reach this replica; filled in when its listeners are open.
  ListenAddress public_device;
};

// ControllerConfig with its defaults filled in and its values checked.
struct AppOptions {
  StateLayout layout;
  std::vector<std::string> host_names;
  ListenAddress enrolment;
  ListenAddress device;
  ListenAddress artifact;
  ListenAddress operators;
  ListenAddress dashboard;
  Duration heartbeat_interval;
  Duration device_life;
  Duration renew_after_expiry;
  EnrolmentRules enrolment_rules;
  // Where the issuing CA's key lies; empty: in the state folder.
  std::string ca_key;
  Duration report_retention;
  tuf::OnlineLives lives;
  // The only root that may be the first one; absent: the first that comes.
  std::optional<Digest> first_root;
  std::uint64_t max_artifact_bytes = 0;
  double enrolments_per_second = 0;
  std::uint32_t rollout_approvals = 0;
  HealthHelperOptions health_helper;
  // A PostgreSQL database; empty: SQLite in the state folder.
  std::string store;
  AdmissionOptions admission;  // zeros: by the machine
  // Full handshakes; 0: by the machine's cores.
  double handshakes_per_second = 0;
  // Sessions that are told of a change of many devices.
  double fan_out_per_second = 0;
  // Sessions are closed over this at most when the controller ends.
  Duration drain_limit = absl::Seconds(30);
  // Absent: the only controller of its fleet.
  std::optional<ReplicaOptions> replica;
  LogLevel log_level = LogLevel::kInfo;
  // As it is in force, for the log.
  std::string effective_yaml;

  // The name that agents are told.
  const std::string& host() const { return host_names.front(); }
};

// Reads and checks a configuration file. NOT_FOUND; INVALID_ARGUMENT names file, line and field.
StatusOr<AppOptions> ReadAppOptions(const std::filesystem::path& file);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_APP_APP_OPTIONS_H_
