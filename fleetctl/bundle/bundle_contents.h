// What belongs into a bundle, and whether it does what it should on a device.
#ifndef FLOTILLA_FLEETCTL_BUNDLE_BUNDLE_CONTENTS_H_
#define FLOTILLA_FLEETCTL_BUNDLE_BUNDLE_CONTENTS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"
#include "flotilla/v1/release.pb.h"
#include "ota/format/release_document.h"
#include "security/tuf/client.h"
#include "security/tuf/online_roles.h"

namespace flotilla::fleetctl {

// Metadata in memory, for a client that trusts none of it.
class MetadataInMemory final : public tuf::MetadataFetcher {
 public:
  explicit MetadataInMemory(tuf::RepositoryFiles files) : files_(std::move(files)) {}
  StatusOr<Bytes> Fetch(const std::string& file_name, std::uint64_t max_bytes) override;
  const tuf::RepositoryFiles& files() const { return files_; }

 private:
  tuf::RepositoryFiles files_;
};

// A device that trusts `root` and has just refreshed from `fetcher`, a medium.
StatusOr<std::unique_ptr<tuf::TufClient>> DeviceWithMedium(const Bytes& root,
                                                           tuf::MetadataFetcher& fetcher, Time now);

// A release and every target that some device may need of it.
struct BundledRelease {
  v1::ReleaseRef ref;
  std::vector<tuf::TargetInfo> targets;  // the release document first
};

// Reads a target's bytes; they are compared with its length and hash.
using TargetReader = std::function<StatusOr<Bytes>(const tuf::TargetInfo& target)>;

// As signed. NOT_FOUND; TRUST_*; POLICY_RELEASE_FLOOR and POLICY_BLOCKLISTED: no device takes it.
StatusOr<BundledRelease> FindRelease(const std::string& line, const std::string& version,
                                     tuf::TufClient& device, const TargetReader& read, Time now);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_BUNDLE_BUNDLE_CONTENTS_H_
