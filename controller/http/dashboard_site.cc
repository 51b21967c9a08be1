#include "controller/http/dashboard_site.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

#include "controller/access/permissions.h"
#include "controller/access/refusal_audit.h"
#include "controller/http/api_routes.h"
#include "controller/http/artifact_routes.h"
#include "controller/http/dashboard_token.h"
#include "controller/http/fleet_dashboard.h"
#include "controller/http/page_routes.h"
#include "controller/http/upload_routes.h"

namespace flotilla::http {
namespace {

Bytes NewKey(Random& random) {
  std::array<std::uint8_t, 32> key{};
  random.Fill(key);
  return {key.begin(), key.end()};
}

Status CheckStanding(const controller::RevocationSet& revocations, const Clock& clock,
                     const security::PeerIdentity& peer) {
  const bool revoked_device =
      peer.kind == security::PeerKind::kDevice && revocations.ContainsDevice(peer.name);
  if (revoked_device || revocations.RefusesFetch(peer.serial_hex, clock.Monotonic())) {
    return WithReason(Unauthenticated("the certificate was revoked"),
                      v1::FAILURE_REASON_CONTROL_CERTIFICATE_REVOKED);
  }
  return clock.Now() < peer.not_after ? OkStatus()
                                      : Unauthenticated("the certificate or token is over");
}

}  // namespace

Router MakeArtifactRouter(const std::filesystem::path& repository, ArtifactCounters& counters) {
  Router router;
  AddArtifactRoutes(router, repository, Access::kDevice, counters);
  return router;
}

Router MakeDashboardRouter(const DashboardScope& scope, controller::BlobRepository& blobs,
                           std::uint64_t max_artifact_bytes) {
  Router router;
  AddApiRoutes(router, scope);
  AddPageRoutes(router);
  AddUploadRoutes(router, blobs, max_artifact_bytes);
  return router;
}

struct DashboardSite::Impl {
  Impl(controller::Fleet& fleet, const controller::ExpiryDesk& expiry,
       const controller::HealthBoard& health, const Clock& clock, Random& random)
      : tokens(NewKey(random)), refusals(fleet, clock), source(fleet, expiry, health, events) {}

  EventHub events;
  ArtifactCounters counters;
  DashboardTokens tokens;
  controller::RefusalAudit refusals;
  FleetDashboard source;
  std::unique_ptr<HttpsServer> artifacts;
  std::unique_ptr<HttpsServer> dashboard;
};

DashboardSite::DashboardSite(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

DashboardSite::~DashboardSite() {
  Stop();
}

StatusOr<std::unique_ptr<DashboardSite>> DashboardSite::Start(const DashboardSiteOptions& options,
                                                              controller::Fleet& fleet,
                                                              const controller::ExpiryDesk& expiry,
                                                              const controller::HealthBoard& health,
                                                              controller::BlobRepository& blobs,
                                                              const Clock& clock, Random& random) {
  auto impl = std::make_unique<Impl>(fleet, expiry, health, clock, random);
  HttpsServerChecks checks;
  const std::string& ca = options.artifacts.client_ca_pem;
  checks.peer = [&clock, ca](const std::string& leaf) {
    return security::CheckPeer(leaf, ca, clock.Now());
  };
  checks.standing = [&revocations = fleet.revocations(), &clock](const auto& peer) {
    return CheckStanding(revocations, clock, peer);
  };
  checks.permit = controller::CheckPermission;
  checks.refused = [&refusals = impl->refusals](
                       const std::string& what, const security::PeerIdentity* peer,
                       const Status& why) { refusals.Note(peer, what, why); };

  Router files = MakeArtifactRouter(options.repository, impl->counters);
  HttpsServerOptions artifacts = options.artifacts;
  artifacts.client_certificate = ClientCertificate::kRequired;
  FLOTILLA_ASSIGN_OR_RETURN(impl->artifacts,
                            HttpsServer::Start(artifacts, checks, std::move(files), impl->events));

  Router pages = MakeDashboardRouter({impl->source, impl->tokens, clock, impl->counters}, blobs,
                                     options.max_artifact_bytes);
  checks.token = [&tokens = impl->tokens, &clock](const std::string& token) {
    return tokens.Check(token, clock.Now());
  };
  HttpsServerOptions dashboard = options.dashboard;
  dashboard.client_certificate = ClientCertificate::kOptional;
  FLOTILLA_ASSIGN_OR_RETURN(impl->dashboard,
                            HttpsServer::Start(dashboard, checks, std::move(pages), impl->events));
  return std::unique_ptr<DashboardSite>(new DashboardSite(std::move(impl)));
}

std::uint16_t DashboardSite::artifact_port() const {
  return impl_->artifacts->port();
}

std::uint16_t DashboardSite::dashboard_port() const {
  return impl_->dashboard->port();
}

void DashboardSite::Stop() {
  impl_->artifacts->Stop();
  impl_->dashboard->Stop();
}

}  // namespace flotilla::http
