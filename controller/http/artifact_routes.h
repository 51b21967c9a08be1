#ifndef FLOTILLA_CONTROLLER_HTTP_ARTIFACT_ROUTES_H_
#define FLOTILLA_CONTROLLER_HTTP_ARTIFACT_ROUTES_H_

#include <atomic>
#include <cstdint>
#include <filesystem>

#include "controller/http/router.h"

namespace flotilla::http {

// Bytes handed out, for /metrics. Thread-safe.
struct ArtifactCounters {
  std::atomic<std::uint64_t> metadata_bytes{0};
  std::atomic<std::uint64_t> target_bytes{0};
};

// GET /metadata/<file> and /targets/<dir>/<file> out of a repository folder: single ranges, strong
// ETags, 304. Files whose name holds a version or a digest are immutable and cacheable; the rest is
// not. `counters` must outlive the router.
void AddArtifactRoutes(Router& router, const std::filesystem::path& repository, Access access,
                       ArtifactCounters& counters);

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_ARTIFACT_ROUTES_H_
