#include "fleetctl/rpc/stage_publication.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "fleetctl/rpc/controller_metadata.h"
#include "fleetctl/rpc/published_role.h"
#include "fleetctl/trust/metadata_diff.h"
#include "fleetctl/trust/root_walk.h"

namespace flotilla::fleetctl {
namespace {

std::string WhoMay(const Requirement& need) {
  std::string text;
  for (const std::string& id : need.missing) {
    text += (text.empty() ? "" : ", ") + ShortKeyId(id);
  }
  return text;
}

std::string HowToSign(const Stage& stage) {
  return stage.folder().empty()
             ? std::string()
             : ": fleetctl root sign " + stage.folder().string() + " --key KEY.pem";
}

}  // namespace

Status TrustPublished(const Cli& cli, DurableFs& fs, const std::string& role, Stage& stage) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes root, PublishedMetadata(cli, "root"));
  FLOTILLA_RETURN_IF_ERROR(stage.Trust(fs, "root", root));
  for (const std::string& other : {std::string("targets"), role}) {
    if (other.empty() || stage.FindTrusted(other) != nullptr) {
      continue;
    }
    const auto bytes = PublishedMetadata(cli, other);
    if (bytes.status().code() == StatusCode::kNotFound) {
      continue;
    }
    FLOTILLA_RETURN_IF_ERROR(bytes.status());
    FLOTILLA_RETURN_IF_ERROR(stage.Trust(fs, other, *bytes));
  }
  return OkStatus();
}

Status CheckReady(const Stage& stage, Time now) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<StagedFile> files, stage.Files());
  for (const StagedFile& file : files) {
    const std::string name = file.role + " " + std::to_string(file.version);
    if (stage.Find(file.role)->expires() <= now) {
      return FailedPrecondition(name + " has expired at " +
                                UtcText(stage.Find(file.role)->expires()) +
                                "; stage it again with a later --expires");
    }
    const auto unmet = std::find_if(file.requirements.begin(), file.requirements.end(),
                                    [](const Requirement& need) { return !need.met; });
    if (unmet != file.requirements.end()) {
      return FailedPrecondition(name + " has " + std::to_string(unmet->signed_by.size()) + " of " +
                                std::to_string(unmet->threshold) + " signatures by keys of " +
                                unmet->of + "; one of " + WhoMay(*unmet) + " has to sign" +
                                HowToSign(stage));
    }
  }
  return OkStatus();
}

StatusOr<v1::PublishMetadataResponse> PublishStage(const Cli& cli, const Stage& stage,
                                                   const std::optional<Bytes>& first_root,
                                                   Time now) {
  FLOTILLA_RETURN_IF_ERROR(CheckReady(stage, now));
  ControllerMetadata published(cli);
  FLOTILLA_RETURN_IF_ERROR(CheckDevicesWalk(published, first_root, stage));
  std::vector<v1::MetadataFile> files;
  for (const auto& [role, draft] : stage.drafts()) {
    FLOTILLA_ASSIGN_OR_RETURN(v1::MetadataFile file, ToFile(role, draft));
    files.push_back(std::move(file));
  }
  return PublishFiles(cli, files);
}

}  // namespace flotilla::fleetctl
