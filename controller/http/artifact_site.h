#ifndef FLOTILLA_CONTROLLER_HTTP_ARTIFACT_SITE_H_
#define FLOTILLA_CONTROLLER_HTTP_ARTIFACT_SITE_H_

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/clock.h"
#include "controller/fleet/revocation_set.h"
#include "controller/http/https_server.h"

namespace flotilla::http {

// The artifact listener alone (mutual TLS), for a replica that has no fleet of its own.
class ArtifactSite {
 public:
  // `options.client_certificate` is set by the site; `repository` has metadata/ and targets/.
  // Everything referred to outlives the site. INVALID_ARGUMENT, UNAVAILABLE: as HttpsServer.
  static StatusOr<std::unique_ptr<ArtifactSite>> Start(HttpsServerOptions options,
                                                       const std::filesystem::path& repository,
                                                       const controller::RevocationSet& revocations,
                                                       const Clock& clock);
  ~ArtifactSite();
  ArtifactSite(const ArtifactSite&) = delete;
  ArtifactSite& operator=(const ArtifactSite&) = delete;

  std::uint16_t port() const;
  // Closes listener and connections. Idempotent.
  void Stop();

 private:
  struct Impl;
  explicit ArtifactSite(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_ARTIFACT_SITE_H_
