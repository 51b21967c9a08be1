#include "fleetctl/rpc/published_role.h"

#include <algorithm>
#include <string>

#include "base/bytes.h"
#include "base/os_clock.h"
#include "fleetctl/rpc/channel.h"
#include "fleetctl/trust/signing_keys.h"
#include "flotilla/v1/release.grpc.pb.h"
#include "security/tuf/online_roles.h"

namespace flotilla::fleetctl {

using v1::ReleaseService;

namespace {

// Snapshots of a restored controller count on from the seconds since 1970; others never come so far
// by themselves. What lies beyond is a thief's.
constexpr std::int64_t kLeastAfterRestore = 1'000'000'000;
constexpr std::int64_t kMostAfterRestore = 100'000'000'000;

}  // namespace

StatusOr<Bytes> PublishedMetadata(const Cli& cli, const std::string& role,
                                  std::int64_t root_version) {
  v1::GetMetadataRequest request;
  request.set_role(role);
  request.set_version(static_cast<std::uint64_t>(root_version));
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::GetMetadataResponse response,
      (Call<ReleaseService>(cli, &ReleaseService::Stub::GetMetadata, request)));
  return ToBytes(response.file().content());
}

StatusOr<std::int64_t> NextRoleVersion(const Cli& cli, std::int64_t published) {
  const StatusOr<Bytes> snapshot = PublishedMetadata(cli, "snapshot");
  if (snapshot.status().code() == StatusCode::kNotFound) {
    return published + 1;
  }
  FLOTILLA_RETURN_IF_ERROR(snapshot.status());
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Draft draft, tuf::Draft::Load(*snapshot));
  const std::int64_t version = draft.version();
  const bool restored = version >= kLeastAfterRestore && version <= kMostAfterRestore;
  return restored ? std::max(published + 1, version) : published + 1;
}

StatusOr<tuf::Draft> EditRole(const Cli& cli, const std::string& role, Duration life) {
  const StatusOr<Bytes> published = PublishedMetadata(cli, role);
  const Time expires = OsClock().Now() + life;
  if (published.status().code() == StatusCode::kNotFound) {
    return tuf::Draft::New(tuf::RoleType::kTargets, expires);
  }
  FLOTILLA_RETURN_IF_ERROR(published.status());
  FLOTILLA_ASSIGN_OR_RETURN(tuf::Draft draft, tuf::Draft::Load(*published));
  FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t version, NextRoleVersion(cli, draft.version()));
  draft.SetVersion(version);
  draft.SetExpires(expires);
  return draft;
}

StatusOr<v1::PublishMetadataResponse> PublishFiles(const Cli& cli,
                                                   const std::vector<v1::MetadataFile>& files) {
  v1::PublishMetadataRequest request;
  request.mutable_files()->Assign(files.begin(), files.end());
  return Call<ReleaseService>(cli, &ReleaseService::Stub::PublishMetadata, request);
}

StatusOr<v1::MetadataFile> ToFile(const std::string& role, const tuf::Draft& draft) {
  v1::MetadataFile file;
  file.set_name(tuf::MetadataFileName(role, draft.version()));
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, draft.Encode());
  file.set_content(ToText(bytes));
  return file;
}

StatusOr<v1::PublishMetadataResponse> PublishRole(const Cli& cli, const std::string& role,
                                                  tuf::Draft draft, const Signers& signers) {
  FLOTILLA_RETURN_IF_ERROR(SignWith(draft, signers));
  FLOTILLA_ASSIGN_OR_RETURN(const v1::MetadataFile file, ToFile(role, draft));
  return PublishFiles(cli, {file});
}

}  // namespace flotilla::fleetctl
