#include "fleetctl/commands/repo_commands.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/os_clock.h"
#include "base/time.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/rpc/controller_metadata.h"
#include "fleetctl/trust/folder_metadata.h"
#include "flotilla/v1/failure_reason.pb.h"
#include "security/sha256.h"
#include "security/tuf/limits.h"
#include "security/tuf/metadata_store.h"
#include "security/tuf/online_roles.h"

namespace flotilla::fleetctl {
namespace {

struct VerifyOptions {
  std::int64_t from_root = 1;
  bool all_roots = false;
  std::string folder;
  std::string at;
};

// One device that starts with one root.
struct Replay {
  std::int64_t from = 0;
  Status status;
  tuf::MetadataVersions versions;
  std::vector<tuf::TargetInfo> targets;
};

// A device that is more than 256 roots behind needs more than one refresh.
Status RefreshToTheEnd(tuf::TufClient& client, Time now) {
  while (true) {
    const std::int64_t before = client.versions().root;
    Status status = client.Refresh(now);
    if (ReasonNumber(status) != v1::FAILURE_REASON_TRUST_ROOT_CHAIN_TOO_LONG ||
        client.versions().root == before) {
      return status;
    }
  }
}

Status ReplayInto(tuf::MetadataFetcher& fetcher, const Bytes& root, Time now, Replay& replay) {
  FLOTILLA_ASSIGN_OR_RETURN(
      auto client, tuf::TufClient::Create(std::make_unique<tuf::MemoryMetadataStore>(), root,
                                          tuf::MetadataSource::kNetwork, fetcher));
  const Status refreshed = RefreshToTheEnd(*client, now);
  replay.versions = client->versions();
  FLOTILLA_RETURN_IF_ERROR(refreshed);
  FLOTILLA_ASSIGN_OR_RETURN(replay.targets, client->ListTargets(now));
  return OkStatus();
}

// The bytes of every target, where the folder of a whole repository is at hand.
Status CheckTargetFiles(const std::filesystem::path& folder,
                        const std::vector<tuf::TargetInfo>& targets) {
  for (const tuf::TargetInfo& target : targets) {
    FLOTILLA_ASSIGN_OR_RETURN(const Digest digest, security::Sha256File(folder / target.url_path));
    if (!target.sha256.IsZero() && digest != target.sha256) {
      return WithReason(DataLoss(target.path + ": the file in " + folder.string() +
                                 " has other bytes than were signed"),
                        v1::FAILURE_REASON_TRUST_HASH_MISMATCH);
    }
  }
  return OkStatus();
}

StatusOr<std::vector<Replay>> ReplayAll(tuf::MetadataFetcher& fetcher, const VerifyOptions& options,
                                        Time now) {
  std::vector<Replay> replays;
  for (std::int64_t version = options.from_root;; ++version) {
    auto root = fetcher.Fetch(tuf::MetadataFileName("root", version), tuf::kMaxRootBytes);
    if (root.status().code() == StatusCode::kNotFound && !replays.empty()) {
      return replays;
    }
    if (!root.ok()) {
      return Annotate(root.status(), "root " + std::to_string(version));
    }
    Replay replay;
    replay.from = version;
    replay.status = ReplayInto(fetcher, *root, now, replay);
    replays.push_back(std::move(replay));
    if (!options.all_roots) {
      return replays;
    }
  }
}

std::string ResultText(const Replay& replay) {
  if (replay.status.ok()) {
    return "ok, " + std::to_string(replay.targets.size()) + " targets";
  }
  const int reason = ReasonNumber(replay.status);
  return MessageOf(replay.status) +
         (reason == 0 ? "" : " [" + ReasonName(reason) + " " + std::to_string(reason) + "]");
}

void PrintReplays(Cli& cli, const std::vector<Replay>& replays) {
  if (cli.form() == OutputForm::kJson) {
    boost::json::array list;
    for (const Replay& replay : replays) {
      boost::json::object object;
      object["from_root"] = replay.from;
      object["root"] = replay.versions.root;
      object["timestamp"] = replay.versions.timestamp;
      object["snapshot"] = replay.versions.snapshot;
      object["targets"] = replay.versions.targets;
      object["ok"] = replay.status.ok();
      object["result"] = ResultText(replay);
      list.push_back(std::move(object));
    }
    boost::json::object answer;
    answer["replays"] = std::move(list);
    cli.out() << boost::json::serialize(answer) << "\n";
    return;
  }
  Table table({"FROM", "ROOT", "TIMESTAMP", "SNAPSHOT", "TARGETS", "RESULT"});
  for (const Replay& replay : replays) {
    const tuf::MetadataVersions& versions = replay.versions;
    table.Add({"root " + std::to_string(replay.from), std::to_string(versions.root),
               std::to_string(versions.timestamp), std::to_string(versions.snapshot),
               std::to_string(versions.targets), ResultText(replay)});
  }
  table.Print(cli.out());
}

std::unique_ptr<tuf::MetadataFetcher> FetcherOf(const Cli& cli, const std::string& folder) {
  if (folder.empty()) {
    return std::make_unique<ControllerMetadata>(cli);
  }
  return std::make_unique<FolderMetadata>(std::filesystem::path(folder) / "metadata");
}

StatusOr<int> Verify(Cli& cli, const VerifyOptions& options) {
  Time now = OsClock().Now();
  if (!options.at.empty()) {
    FLOTILLA_ASSIGN_OR_RETURN(now, ParseUtcText(options.at));
  }
  const auto fetcher = FetcherOf(cli, options.folder);
  FLOTILLA_ASSIGN_OR_RETURN(std::vector<Replay> replays, ReplayAll(*fetcher, options, now));
  for (Replay& replay : replays) {
    if (replay.status.ok() && !options.folder.empty() && replay.from == replays.front().from) {
      replay.status =
          CheckTargetFiles(std::filesystem::path(options.folder) / "targets", replay.targets);
    }
  }
  PrintReplays(cli, replays);
  for (const Replay& replay : replays) {
    if (!replay.status.ok()) {
      return Annotate(replay.status, "a device that knows root " + std::to_string(replay.from) +
                                         " would not catch up");
    }
  }
  return kExitOk;
}

}  // namespace

void AddRepoCommands(Cli& cli) {
  CLI::App& group = cli.AddGroup(cli.app(), "repo", "The repository that devices are served");
  const auto options = std::make_shared<VerifyOptions>();
  CLI::App& verify = cli.AddCommand(
      group, "verify", "Replay a device's refresh from a past root, or from every one",
      "fleetctl repo verify --all-roots\n  fleetctl repo verify --folder backup/repo --from-root 3",
      [options](Cli& run) { return Verify(run, *options); });
  CLI::Option* from = verify.add_option("--from-root", options->from_root,
                                        "The root that the device was shipped with");
  from->check(CLI::PositiveNumber)->capture_default_str();
  verify.add_flag("--all-roots", options->all_roots, "Every root from 1.root.json on")
      ->excludes(from);
  verify.add_option("--folder", options->folder,
                    "A repository on disk (metadata/ and targets/) instead of the controller's");
  verify.add_option("--at", options->at, "Judge expiry at this time: 2027-01-31T00:00:00Z");
}

}  // namespace flotilla::fleetctl
