#include "controller/rpc/system_service.h"

#include <utility>
#include <vector>

#include "controller/fleet/audit_entry.h"
#include "controller/fleet/fleet.h"
#include "controller/fleet/proto_time.h"

namespace flotilla::controller {
namespace {

Duration LifeOf(const v1::SignBundleTimestampRequest& request) {
  return absl::Seconds(request.valid_for().seconds()) +
         absl::Nanoseconds(request.valid_for().nanos());
}

}  // namespace

SystemService::SystemService(SystemServiceOptions options, const OperatorCalls& calls,
                             const SystemParts& parts)
    : options_(std::move(options)),
      calls_(calls),
      expiry_(parts.expiry),
      catalogue_(parts.catalogue),
      authorities_(parts.authorities),
      worker_(parts.worker),
      clock_(parts.clock) {}

grpc::ServerUnaryReactor* SystemService::ListExpiry(grpc::CallbackServerContext* context,
                                                    const v1::ListExpiryRequest* request,
                                                    v1::ListExpiryResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string&, const OperatorCalls::Finish& finish) {
        expiry_.List([this, request, response, finish](const v1::ListExpiryResponse& all) {
          *response = request->has_within()
                          ? EndingWithin(all, FromProto(request->within()), clock_.Now())
                          : all;
          finish(OkStatus());
        });
      });
}

grpc::ServerUnaryReactor* SystemService::SignBundleTimestamp(
    grpc::CallbackServerContext* context, const v1::SignBundleTimestampRequest* request,
    v1::SignBundleTimestampResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& actor, const OperatorCalls::Finish& finish) {
        worker_.Post([this, request, response, actor, finish] {
          SignBundle(*request, actor, response, finish);
        });
      });
}

void SystemService::SignBundle(const v1::SignBundleTimestampRequest& request,
                               const std::string& actor, v1::SignBundleTimestampResponse* response,
                               const OperatorCalls::Finish& finish) {
  auto files = catalogue_.SignBundle(clock_.Now(), LifeOf(request));
  if (files.ok()) {
    response->mutable_files()->Assign(files->begin(), files->end());
  }
  calls_.fleet().Post([this, actor, finish, life = LifeOf(request), status = files.status()] {
    if (!status.ok()) {
      finish(status);
      return;
    }
    FleetChange change;
    change.audit.push_back(MakeAuditEntry(actor, "bundle.sign", "repository",
                                          "a timestamp that is good for " + DurationText(life)));
    calls_.fleet().Apply(std::move(change), finish);
  });
}

}  // namespace flotilla::controller
