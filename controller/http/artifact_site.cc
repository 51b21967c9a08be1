#include "controller/http/artifact_site.h"

#include <string>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

#include "controller/access/permissions.h"
#include "controller/http/artifact_routes.h"
#include "security/x509/peer.h"

namespace flotilla::http {
namespace {

Status CheckStanding(const controller::RevocationSet& revocations, const Clock& clock,
                     const security::PeerIdentity& peer) {
  if (revocations.RefusesFetch(peer.serial_hex, clock.Monotonic())) {
    return WithReason(Unauthenticated("the certificate was revoked"),
                      v1::FAILURE_REASON_CONTROL_CERTIFICATE_REVOKED);
  }
  return clock.Now() < peer.not_after ? OkStatus() : Unauthenticated("the certificate is over");
}

}  // namespace

struct ArtifactSite::Impl {
  EventHub events;
  ArtifactCounters counters;
  std::unique_ptr<HttpsServer> server;
};

ArtifactSite::ArtifactSite(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

ArtifactSite::~ArtifactSite() {
  Stop();
}

StatusOr<std::unique_ptr<ArtifactSite>> ArtifactSite::Start(
    HttpsServerOptions options, const std::filesystem::path& repository,
    const controller::RevocationSet& revocations, const Clock& clock) {
  auto impl = std::make_unique<Impl>();
  HttpsServerChecks checks;
  checks.peer = [&clock, ca = options.client_ca_pem](const std::string& leaf) {
    return security::CheckPeer(leaf, ca, clock.Now());
  };
  checks.standing = [&revocations, &clock](const security::PeerIdentity& peer) {
    return CheckStanding(revocations, clock, peer);
  };
  checks.permit = controller::CheckPermission;
  Router router;
  AddArtifactRoutes(router, repository, Access::kDevice, impl->counters);
  options.client_certificate = ClientCertificate::kRequired;
  FLOTILLA_ASSIGN_OR_RETURN(impl->server,
                            HttpsServer::Start(options, checks, std::move(router), impl->events));
  return std::unique_ptr<ArtifactSite>(new ArtifactSite(std::move(impl)));
}

std::uint16_t ArtifactSite::port() const {
  return impl_->server->port();
}

void ArtifactSite::Stop() {
  impl_->server->Stop();
}

}  // namespace flotilla::http
