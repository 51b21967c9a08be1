#include "controller/access/permissions.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "flotilla/v1/failure_reason.pb.h"
#include "google/protobuf/descriptor.h"

namespace flotilla::controller {
namespace {

using enum Caller;
constexpr Effect kRead = Effect::kRead;
constexpr Effect kChange = Effect::kChange;

// One row a line; the order is that of docs/access.md.
constexpr Permission kPermissions[] = {
    // Devices.
    {"EnrolmentService.Enroll", kAnyone, kChange},
    {"EnrolmentService.Renew", kAnyone, kChange},
    {"DeviceService.Session", kDevice, kChange},
    {"HealthTaskService.GetHealthTasks", kDevice, kRead},
    {"MetricsService.Upload", kDevice, kChange},
    {"GET /metadata/", kDevice, kRead},
    {"GET /targets/", kDevice, kRead},

    // The page and what a load balancer asks.
    {"GET /", kAnyone, kRead},
    {"GET /api.js", kAnyone, kRead},
    {"GET /app.js", kAnyone, kRead},
    {"GET /fleet_view.js", kAnyone, kRead},
    {"GET /health_view.js", kAnyone, kRead},
    {"GET /mark.svg", kAnyone, kRead},
    {"GET /rollout_view.js", kAnyone, kRead},
    {"GET /style.css", kAnyone, kRead},
    {"GET /words.js", kAnyone, kRead},
    {"GET /healthz", kAnyone, kRead},
    {"GET /readyz", kAnyone, kRead},

    // Looking.
    {"AuditService.ListAudit", kViewer, kRead},
    {"DeviceAdminService.ListDevices", kViewer, kRead},
    {"DeviceAdminService.GetDevice", kViewer, kRead},
    {"DeviceAdminService.ExplainDevice", kViewer, kRead},
    {"EnrolmentAdminService.ListEnrolmentRequests", kViewer, kRead},
    {"EnrolmentAdminService.ListTokens", kViewer, kRead},
    {"HealthService.ListHealth", kViewer, kRead},
    {"OperatorAdminService.GetSelf", kViewer, kRead},
    {"OperatorAdminService.ListOperators", kViewer, kRead},
    {"SystemService.ListCas", kViewer, kRead},
    {"SystemService.ListExpiry", kViewer, kRead},
    {"ReleaseService.GetMetadata", kViewer, kRead},
    {"ReleaseService.CheckBlobs", kViewer, kRead},
    {"ReleaseService.ListReleases", kViewer, kRead},
    {"ReleaseService.GetRelease", kViewer, kRead},
    {"RevocationService.GetRevocation", kViewer, kRead},
    {"RolloutService.GetRollout", kViewer, kRead},
    {"RolloutService.ListRollouts", kViewer, kRead},
    {"RolloutService.ListRolloutDevices", kViewer, kRead},
    {"RolloutService.WatchRollout", kViewer, kRead},
    {"RolloutService.ExplainRollout", kViewer, kRead},
    {"PolicyService.ListFreezes", kViewer, kRead},
    {"PolicyService.ListPins", kViewer, kRead},
    {"GET /api/v1/overview", kViewer, kRead},
    {"GET /api/v1/devices", kViewer, kRead},
    {"GET /api/v1/devices/", kViewer, kRead},
    {"GET /api/v1/rollouts", kViewer, kRead},
    {"GET /api/v1/rollouts/", kViewer, kRead},
    {"GET /api/v1/audit", kViewer, kRead},
    {"GET /api/v1/audit/verification", kViewer, kRead},
    {"GET /api/v1/events", kViewer, kRead},
    {"GET /api/v1/expiry", kViewer, kRead},
    {"GET /api/v1/health", kViewer, kRead},
    {"GET /metrics", kViewer, kRead},
    // A token for one's own browser; it carries its maker's role.
    {"POST /api/v1/tokens", kViewer, kChange},

    // Running devices and rollouts.
    {"DeviceAdminService.RevokeDevice", kOperator, kChange},
    {"DeviceAdminService.DecommissionDevice", kOperator, kChange},
    {"EnrolmentAdminService.CreateToken", kOperator, kChange},
    {"EnrolmentAdminService.DecideEnrolmentRequest", kOperator, kChange},
    {"EnrolmentAdminService.RevokeToken", kOperator, kChange},
    {"HealthService.CreateHealthTask", kOperator, kChange},
    {"RevocationService.AskRevocation", kOperator, kChange},
    {"RevocationService.DecideRevocation", kOperator, kChange},
    {"RolloutService.CreateRollout", kOperator, kChange},
    {"RolloutService.ActOnRollout", kOperator, kChange},
    {"RolloutService.SetRollout", kOperator, kChange},
    {"PolicyService.CreateFreeze", kOperator, kChange},
    {"PolicyService.DeleteFreeze", kOperator, kChange},
    {"PolicyService.PinDevice", kOperator, kChange},
    {"PolicyService.UnpinDevice", kOperator, kChange},

    // Bringing releases in.
    {"ReleaseService.PublishMetadata", kReleaseManager, kChange},
    {"SystemService.SignBundleTimestamp", kReleaseManager, kChange},
    {"GET /artifacts/", kReleaseManager, kRead},
    {"HEAD /artifacts/", kReleaseManager, kRead},
    {"PUT /artifacts/", kReleaseManager, kChange},

    // Saying who is trusted. A serial may be another operator's certificate.
    {"DeviceAdminService.RevokeCertificate", kAdmin, kChange},
    {"OperatorAdminService.AddOperator", kAdmin, kChange},
    {"OperatorAdminService.RevokeOperator", kAdmin, kChange},
    {"SystemService.RetireCa", kAdmin, kChange},
    {"SystemService.RotateCa", kAdmin, kChange},
};

// The least caller that a certificate is, kUnspecified for a server's.
Caller CallerOf(const security::PeerIdentity& peer) {
  if (peer.kind == security::PeerKind::kDevice) {
    return kDevice;
  }
  if (peer.kind != security::PeerKind::kOperator) {
    return Caller::kUnspecified;
  }
  switch (peer.role) {
    case security::OperatorRole::kViewer:
      return kViewer;
    case security::OperatorRole::kOperator:
      return kOperator;
    case security::OperatorRole::kReleaseManager:
      return kReleaseManager;
    case security::OperatorRole::kAdmin:
      return kAdmin;
    default:
      return Caller::kUnspecified;
  }
}

// Devices are no lower rank of operators: what is theirs is theirs alone.
bool May(Caller shown, Caller least) {
  return least == kDevice ? shown == kDevice : shown >= kViewer && shown >= least;
}

std::string Described(const security::PeerIdentity* peer) {
  if (peer == nullptr) {
    return "nobody we know";
  }
  switch (peer->kind) {
    case security::PeerKind::kDevice:
      return "device " + peer->name;
    case security::PeerKind::kOperator:
      return "operator " + peer->name + ", role " + security::OperatorRoleName(peer->role);
    default:
      return "server " + peer->name;
  }
}

Status Refused(const std::string& text) {
  return WithReason(PermissionDenied(text), v1::FAILURE_REASON_CONTROL_NOT_ALLOWED);
}

}  // namespace

std::span<const Permission> Permissions() {
  return kPermissions;
}

const Permission* FindPermission(std::string_view what) {
  const auto* const found =
      std::find_if(std::begin(kPermissions), std::end(kPermissions),
                   [what](const Permission& row) { return row.what == what; });
  return found == std::end(kPermissions) ? nullptr : found;
}

std::string MethodOf(const google::protobuf::Message& request) {
  const google::protobuf::Descriptor* const wanted = request.GetDescriptor();
  const google::protobuf::FileDescriptor* const file = wanted->file();
  for (int i = 0; i < file->service_count(); ++i) {
    const google::protobuf::ServiceDescriptor* const service = file->service(i);
    for (int j = 0; j < service->method_count(); ++j) {
      if (service->method(j)->input_type() == wanted) {
        return service->name() + "." + service->method(j)->name();
      }
    }
  }
  return {};
}

std::string WhoMay(Caller least) {
  switch (least) {
    case kAnyone:
      return "anyone";
    case kDevice:
      return "devices";
    case kViewer:
      return "viewer, operator, release-manager and admin";
    case kOperator:
      return "operator, release-manager and admin";
    case kReleaseManager:
      return "release-manager and admin";
    case kAdmin:
      return "admin";
    default:
      return "nobody";
  }
}

Status CheckPermission(std::string_view what, const security::PeerIdentity* peer) {
  const Permission* const row = FindPermission(what);
  if (row != nullptr &&
      (row->least == kAnyone || (peer != nullptr && May(CallerOf(*peer), row->least)))) {
    return OkStatus();
  }
  return Refused(std::string(what) + " is for " +
                 WhoMay(row == nullptr ? Caller::kUnspecified : row->least) + "; you are " +
                 Described(peer));
}

}  // namespace flotilla::controller
