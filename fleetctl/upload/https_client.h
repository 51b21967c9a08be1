#ifndef FLOTILLA_FLEETCTL_UPLOAD_HTTPS_CLIENT_H_
#define FLOTILLA_FLEETCTL_UPLOAD_HTTPS_CLIENT_H_

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/status.h"
#include "flotilla/config/v1/fleetctl.pb.h"

namespace flotilla::fleetctl {

// HTTPS to the dashboard listener with this person's certificate. Blocking; one thread at a time.
class HttpsClient {
 public:
  // Bytes that are safe at the controller, and all of them.
  using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

  static StatusOr<std::unique_ptr<HttpsClient>> Create(const config::v1::Context& context);
  ~HttpsClient();
  HttpsClient(const HttpsClient&) = delete;
  HttpsClient& operator=(const HttpsClient&) = delete;

  // The artifact of this digest, in pieces; its bytes are not checked. An error of `sink` ends it.
  Status Download(const Digest& digest, const std::function<Status(ByteView)>& sink);

  // The body of a POST without one. Errors as the controller's problem document says them;
  // UNAVAILABLE: no answer.
  StatusOr<std::string> Post(const std::string& path);
  // Brings `file` to the controller under its digest; goes on where an earlier try stopped, and
  // does nothing when the controller has it. DATA_LOSS: the file is not what `digest` says.
  Status Upload(const std::filesystem::path& file, const Digest& digest, const Progress& progress);
  // The same for bytes in memory.
  Status UploadBytes(ByteView bytes, const Digest& digest, const Progress& progress);

 private:
  struct Impl;
  Status UploadStream(std::FILE* stream, std::uint64_t size, const Digest& digest,
                      const Progress& progress);

  explicit HttpsClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_UPLOAD_HTTPS_CLIENT_H_
