// Where downloaded targets lie, by target path.
#ifndef FLOTILLA_TESTS_CONFORMANCE_ARTIFACT_FOLDER_H_
#define FLOTILLA_TESTS_CONFORMANCE_ARTIFACT_FOLDER_H_

#include <filesystem>
#include <string>

#include "base/durable_fs.h"
#include "base/status.h"
#include "ota/fetch/blob_fetcher.h"
#include "security/tuf/client.h"

namespace flotilla::conformance {

class ArtifactFolder {
 public:
  // `staging` holds what is not verified yet, and is no part of `folder`. `fs` outlives this.
  ArtifactFolder(std::filesystem::path folder, std::filesystem::path staging, DurableFs& fs);

  // Brings the target into the folder, without a request when its very bytes are there already.
  // On an error the folder is as it was. DATA_LOSS with TRUST_LENGTH_MISMATCH or
  // TRUST_HASH_MISMATCH; those of BlobFetcher::Fetch; storage errors.
  Status Bring(const tuf::TargetInfo& target, ota::BlobFetcher& fetcher);

 private:
  std::filesystem::path PathOf(const tuf::TargetInfo& target) const;
  Status Stage(const tuf::TargetInfo& target, ota::BlobFetcher& fetcher,
               const std::filesystem::path& part);

  std::filesystem::path folder_;
  std::filesystem::path staging_;
  DurableFs& fs_;
};

}  // namespace flotilla::conformance

#endif  // FLOTILLA_TESTS_CONFORMANCE_ARTIFACT_FOLDER_H_
