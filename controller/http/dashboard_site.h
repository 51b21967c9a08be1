#ifndef FLOTILLA_CONTROLLER_HTTP_DASHBOARD_SITE_H_
#define FLOTILLA_CONTROLLER_HTTP_DASHBOARD_SITE_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "controller/expiry/expiry_desk.h"
#include "controller/fleet/fleet.h"
#include "controller/health/health_board.h"
#include "controller/http/api_routes.h"
#include "controller/http/artifact_routes.h"
#include "controller/http/https_server.h"
#include "controller/http/router.h"
#include "controller/release/blob_repository.h"

namespace flotilla::http {

struct DashboardSiteOptions {
  HttpsServerOptions artifacts;  // client_certificate is set by the site
  HttpsServerOptions dashboard;
  std::filesystem::path repository;  // folder with metadata/ and targets/
  std::uint64_t max_artifact_bytes = 0;
};

// The routes of each listener.
Router MakeArtifactRouter(const std::filesystem::path& repository, ArtifactCounters& counters);
Router MakeDashboardRouter(const DashboardScope& scope, controller::BlobRepository& blobs,
                           std::uint64_t max_artifact_bytes);

// Both HTTPS listeners of a controller: artifacts for devices (mutual TLS), and the dashboard with
// REST, events, page, metrics and uploads for operators.
class DashboardSite {
 public:
  // Everything referred to must outlive the site; stop the site before the fleet's loop.
  static StatusOr<std::unique_ptr<DashboardSite>> Start(const DashboardSiteOptions& options,
                                                        controller::Fleet& fleet,
                                                        const controller::ExpiryDesk& expiry,
                                                        const controller::HealthBoard& health,
                                                        controller::BlobRepository& blobs,
                                                        const Clock& clock, Random& random);
  ~DashboardSite();
  DashboardSite(const DashboardSite&) = delete;
  DashboardSite& operator=(const DashboardSite&) = delete;

  std::uint16_t artifact_port() const;
  std::uint16_t dashboard_port() const;
  // Closes listeners and connections. Idempotent.
  void Stop();

 private:
  struct Impl;
  explicit DashboardSite(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_DASHBOARD_SITE_H_
