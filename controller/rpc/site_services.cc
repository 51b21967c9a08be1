#include "controller/rpc/site_services.h"

#include <memory>
#include <vector>

#include "controller/rpc/enrolment_admin_service.h"
#include "controller/rpc/enrolment_service.h"
#include "controller/rpc/health_service.h"
#include "controller/rpc/health_task_service.h"
#include "controller/rpc/metrics_service.h"
#include "controller/rpc/operator_admin_service.h"
#include "controller/rpc/release_service.h"
#include "controller/rpc/revocation_service.h"
#include "controller/rpc/system_service.h"

namespace flotilla::controller {

DeviceMethods DeviceMethodsOf(HealthDesk* health, Fleet& fleet, const HealthBoard& board) {
  DeviceMethods methods;
  methods[kUploadMethod] = [health](const security::PeerIdentity& device) {
    return Typed<v1::UploadRequest, v1::UploadResponse>(
        [health, id = device.name](const auto& request, auto done) {
          TakeUpload(health, id, request, done);
        });
  };
  methods[kGetHealthTasksMethod] = [&fleet, &board](const security::PeerIdentity& device) {
    return Typed<v1::GetHealthTasksRequest, v1::GetHealthTasksResponse>(
        [&fleet, &board, id = device.name](const auto& request, auto done) {
          TellHealthTasks(fleet, board, id, request.schema_version(), done);
        });
  };
  return methods;
}

RpcSiteServices MakeSiteServices(const SiteParts& parts, const SystemServiceOptions& system) {
  using Services = std::vector<std::shared_ptr<grpc::Service>>;
  RpcSiteServices services;
  services.enrolment = [parts] {
    return Services{std::make_shared<EnrolmentService>(parts.enrolment, parts.loop)};
  };
  services.devices = DeviceMethodsOf(parts.health, parts.fleet, parts.health_board);
  services.replicas = [parts](const PeerGate& gate) {
    return Services{std::make_shared<MetricsService>(gate, parts.health),
                    std::make_shared<HealthTaskService>(gate, parts.fleet, parts.health_board)};
  };
  services.operators = [parts, system](const OperatorCalls& calls) {
    return Services{
        std::make_shared<EnrolmentAdminService>(calls, parts.tokens, parts.approvals),
        std::make_shared<HealthService>(calls, parts.health_board, parts.health),
        std::make_shared<OperatorAdminService>(calls, parts.operators),
        std::make_shared<ReleaseService>(calls, parts.catalogue, parts.worker, parts.clock),
        std::make_shared<RevocationService>(calls),
        std::make_shared<SystemService>(system, calls,
                                        SystemParts{parts.expiry, parts.catalogue,
                                                    parts.authorities, parts.worker, parts.clock})};
  };
  return services;
}

}  // namespace flotilla::controller
