#include "controller/rpc/release_service.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/status.h"
#include "controller/fleet/audit_entry.h"
#include "controller/fleet/fleet.h"
#include "controller/release/release_change.h"

namespace flotilla::controller {
namespace {

constexpr int kMaxDigests = 1000;
constexpr int kMaxReleases = 1000;

Status FillMissing(const Catalogue& catalogue, const v1::CheckBlobsRequest& request,
                   v1::CheckBlobsResponse& response) {
  if (request.sha256_size() > kMaxDigests) {
    return InvalidArgument("at most 1000 digests");
  }
  std::vector<Digest> digests;
  for (const std::string& bytes : request.sha256()) {
    FLOTILLA_ASSIGN_OR_RETURN(const Digest digest, Digest::FromBytes(AsBytes(bytes)));
    digests.push_back(digest);
  }
  for (const Digest& digest : catalogue.MissingBlobs(digests)) {
    response.add_missing_sha256(ToText(digest.bytes()));
  }
  return OkStatus();
}

// The catalogue knows what publishers say, the fleet what its operators say.
void AddRevocations(const FleetState& state, v1::ListReleasesResponse& response) {
  for (v1::Release& release : *response.mutable_releases()) {
    const v1::Release* known = state.FindRelease(release.ref().line(), release.ref().version());
    if (known != nullptr && known->has_revocation()) {
      *release.mutable_revocation() = known->revocation();
    }
  }
}

std::string AuditDetail(const v1::PublishMetadataResponse& response) {
  std::string detail = "snapshot " + std::to_string(response.snapshot_version());
  for (const v1::Release& release : response.releases()) {
    detail += ", " + release.ref().line() + " " + release.ref().version();
  }
  return detail;
}

}  // namespace

grpc::ServerUnaryReactor* ReleaseService::GetMetadata(grpc::CallbackServerContext* context,
                                                      const v1::GetMetadataRequest* request,
                                                      v1::GetMetadataResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& /*actor*/, const OperatorCalls::Finish& finish) {
        worker_.Post([this, request, response, finish] {
          auto file = catalogue_.GetMetadata(request->role(),
                                             static_cast<std::int64_t>(request->version()));
          if (file.ok()) {
            *response->mutable_file() = std::move(*file);
          }
          calls_.fleet().Post([finish, status = file.status()] { finish(status); });
        });
      });
}

grpc::ServerUnaryReactor* ReleaseService::PublishMetadata(grpc::CallbackServerContext* context,
                                                          const v1::PublishMetadataRequest* request,
                                                          v1::PublishMetadataResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& actor, const OperatorCalls::Finish& finish) {
        worker_.Post([this, request, response, actor, finish] {
          Publish(*request, actor, response, finish);
        });
      });
}

void ReleaseService::Publish(const v1::PublishMetadataRequest& request, const std::string& actor,
                             v1::PublishMetadataResponse* response,
                             const OperatorCalls::Finish& finish) {
  const std::vector<v1::MetadataFile> files(request.files().begin(), request.files().end());
  auto publication = catalogue_.Publish(files, clock_.Now());
  if (!publication.ok()) {
    calls_.fleet().Post([finish, status = publication.status()] { finish(status); });
    return;
  }
  response->set_snapshot_version(static_cast<std::uint64_t>(publication->snapshot_version));
  response->set_timestamp_version(static_cast<std::uint64_t>(publication->timestamp_version));
  response->mutable_releases()->Assign(publication->added.begin(), publication->added.end());
  calls_.fleet().Post([this, actor, response, finish] { Announce(actor, *response, finish); });
}

void ReleaseService::Announce(const std::string& actor, const v1::PublishMetadataResponse& response,
                              const OperatorCalls::Finish& finish) {
  FleetChange change = ReleaseChange(catalogue_.Releases(), calls_.fleet().state());
  change.audit.push_back(
      MakeAuditEntry(actor, "release.publish", "repository", AuditDetail(response)));
  calls_.fleet().Apply(std::move(change), finish);
}

grpc::ServerUnaryReactor* ReleaseService::CheckBlobs(grpc::CallbackServerContext* context,
                                                     const v1::CheckBlobsRequest* request,
                                                     v1::CheckBlobsResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& /*actor*/, const OperatorCalls::Finish& finish) {
        worker_.Post([this, request, response, finish] {
          const Status status = FillMissing(catalogue_, *request, *response);
          calls_.fleet().Post([finish, status] { finish(status); });
        });
      });
}

grpc::ServerUnaryReactor* ReleaseService::ListReleases(grpc::CallbackServerContext* context,
                                                       const v1::ListReleasesRequest* request,
                                                       v1::ListReleasesResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& /*actor*/, const OperatorCalls::Finish& finish) {
        worker_.Post([this, request, response, finish] {
          for (const v1::Release& release : catalogue_.Releases()) {
            if ((request->line().empty() || release.ref().line() == request->line()) &&
                response->releases_size() < kMaxReleases) {
              *response->add_releases() = release;
            }
          }
          calls_.fleet().Post([this, response, finish] {
            AddRevocations(calls_.fleet().state(), *response);
            finish(OkStatus());
          });
        });
      });
}

grpc::ServerUnaryReactor* ReleaseService::GetRelease(grpc::CallbackServerContext* context,
                                                     const v1::GetReleaseRequest* request,
                                                     v1::GetReleaseResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& /*actor*/, const OperatorCalls::Finish& finish) {
        const v1::Release* const release =
            calls_.fleet().state().FindRelease(request->line(), request->version());
        if (release == nullptr) {
          finish(NotFound("line " + request->line() + " has no release " + request->version()));
          return;
        }
        *response->mutable_release() = *release;
        finish(OkStatus());
      });
}

}  // namespace flotilla::controller
