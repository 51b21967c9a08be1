#include "controller/http/artifact_routes.h"

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "controller/http/byte_range.h"

namespace flotilla::http {
namespace {

// A path below the repository: segments of visible characters, none empty, hidden or climbing. Role
// names keep their percent signs: the file on disk is named by the encoded form.
bool IsSafe(std::string_view path) {
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    if (segment.empty() || segment.front() == '.' || segment.find('\\') != std::string_view::npos) {
      return false;
    }
    if (slash == std::string_view::npos) {
      return true;
    }
    path.remove_prefix(slash + 1);
  }
  return false;
}

std::string ETagOf(const struct stat& info) {
  return '"' + std::to_string(info.st_ino) + '-' + std::to_string(info.st_size) + '-' +
         std::to_string(info.st_mtim.tv_sec) + '.' + std::to_string(info.st_mtim.tv_nsec) + '"';
}

bool IsMutable(std::string_view path) {
  return path.ends_with("/timestamp.json");
}

Response Serve(const Request& request, const std::filesystem::path& repository,
               std::atomic<std::uint64_t>& counter) {
  const std::string_view relative = std::string_view(request.path).substr(1);
  if (!IsSafe(relative)) {
    return ProblemResponse(InvalidArgument("this path cannot name a file of the repository"));
  }
  FileSlice slice;
  slice.path = repository / relative;
  struct stat info {};
  if (::stat(slice.path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return ProblemResponse(NotFound("the repository has no " + std::string(relative)));
  }
  const auto size = static_cast<std::uint64_t>(info.st_size);
  const std::string etag = ETagOf(info);
  Response response;
  response.headers.emplace_back("ETag", etag);
  response.headers.emplace_back("Accept-Ranges", "bytes");
  response.headers.emplace_back("Content-Type", "application/octet-stream");
  response.headers.emplace_back("Cache-Control", IsMutable(request.path)
                                                     ? "no-cache"
                                                     : "public, max-age=31536000, immutable");
  if (request.Header("if-none-match") == etag) {
    response.status = 304;
    return response;
  }
  const std::string if_range = request.Header("if-range");
  const auto range =
      ParseRange(if_range.empty() || if_range == etag ? request.Header("range") : "", size);
  if (!range.ok()) {
    response.status = 416;
    response.headers.emplace_back("Content-Range", "bytes */" + std::to_string(size));
    return response;
  }
  slice.length = size;
  if (range->has_value()) {
    slice.offset = (*range)->first;
    slice.length = (*range)->length;
    response.status = 206;
    response.headers.emplace_back("Content-Range",
                                  "bytes " + std::to_string(slice.offset) + "-" +
                                      std::to_string(slice.offset + slice.length - 1) + "/" +
                                      std::to_string(size));
  }
  counter += request.method == "HEAD" ? 0 : slice.length;
  response.body = std::move(slice);
  return response;
}

}  // namespace

void AddArtifactRoutes(Router& router, const std::filesystem::path& repository, Access access,
                       ArtifactCounters& counters) {
  const auto add = [&router, &repository, access](const char* prefix,
                                                  std::atomic<std::uint64_t>& counter) {
    router.Add({"GET", prefix, access,
                [repository, &counter](const Request& request, const Responder& respond) {
                  respond(Serve(request, repository, counter));
                }});
  };
  add("/metadata/", counters.metadata_bytes);
  add("/targets/", counters.target_bytes);
}

}  // namespace flotilla::http
