#include "controller/rpc/site_services.h"

#include <memory>
#include <vector>

#include "controller/rpc/enrolment_admin_service.h"
#include "controller/rpc/enrolment_service.h"
#include "controller/rpc/release_service.h"
#include "controller/rpc/system_service.h"

namespace flotilla::controller {

RpcSiteServices MakeSiteServices(Enrolment& enrolment, TokenDesk& tokens, Catalogue& catalogue,
                                 Executor& loop, Executor& worker, const Clock& clock) {
  using Services = std::vector<std::shared_ptr<grpc::Service>>;
  RpcSiteServices services;
  services.enrolment = [&enrolment, &loop] {
    return Services{std::make_shared<EnrolmentService>(enrolment, loop)};
  };
  services.operators = [&tokens, &catalogue, &worker, &clock](const OperatorCalls& calls) {
    return Services{std::make_shared<EnrolmentAdminService>(calls, tokens),
                    std::make_shared<ReleaseService>(calls, catalogue, worker, clock),
                    std::make_shared<SystemService>(calls, catalogue, worker, clock)};
  };
  return services;
}

}  // namespace flotilla::controller
