#include "controller/http/dashboard_site.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

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

}  // namespace

struct DashboardSite::Impl {
  Impl(controller::Fleet& fleet, Random& random) : tokens(NewKey(random)), source(fleet, events) {}

  EventHub events;
  ArtifactCounters counters;
  DashboardTokens tokens;
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
                                                              controller::BlobRepository& blobs,
                                                              const Clock& clock, Random& random) {
  auto impl = std::make_unique<Impl>(fleet, random);
  HttpsServerChecks checks;
  checks.peer = [&fleet, &clock, ca = options.artifacts.client_ca_pem](
                    const std::string& leaf) -> StatusOr<security::PeerIdentity> {
    FLOTILLA_ASSIGN_OR_RETURN(security::PeerIdentity peer,
                              security::CheckPeer(leaf, ca, clock.Now()));
    const bool revoked_device =
        peer.kind == security::PeerKind::kDevice && fleet.revocations().ContainsDevice(peer.name);
    if (revoked_device || fleet.revocations().Contains(peer.serial_hex)) {
      return Unauthenticated("the certificate was revoked");
    }
    return peer;
  };

  Router files;
  AddArtifactRoutes(files, options.repository, Access::kDevice, impl->counters);
  HttpsServerOptions artifacts = options.artifacts;
  artifacts.client_certificate = ClientCertificate::kRequired;
  FLOTILLA_ASSIGN_OR_RETURN(impl->artifacts,
                            HttpsServer::Start(artifacts, checks, std::move(files), impl->events));

  Router pages;
  AddApiRoutes(pages, {impl->source, impl->tokens, clock, impl->counters});
  AddPageRoutes(pages);
  AddUploadRoutes(pages, blobs, options.max_artifact_bytes);
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
