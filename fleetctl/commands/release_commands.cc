#include "fleetctl/commands/release_commands.h"

#include <cstdint>

#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/bytes.h"
#include "base/file.h"
#include "base/os_clock.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/commands/release_files.h"
#include "fleetctl/commands/release_policy_commands.h"
#include "fleetctl/commands/release_push_command.h"
#include "fleetctl/commands/revocation_commands.h"
#include "fleetctl/release/revocation_text.h"
#include "fleetctl/rpc/channel.h"
#include "fleetctl/rpc/controller_metadata.h"
#include "flotilla/v1/failure_reason.pb.h"
#include "flotilla/v1/release.grpc.pb.h"
#include "ota/format/release_document.h"
#include "security/tuf/client.h"
#include "security/tuf/limits.h"
#include "security/tuf/metadata_store.h"

namespace flotilla::fleetctl {
namespace {

using v1::ReleaseService;

struct NamedRelease {
  std::string line;
  std::string version;
};

struct VerifyOptions {
  NamedRelease release;
  std::string root;
};

std::string Joined(const google::protobuf::RepeatedPtrField<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) {
    joined += (joined.empty() ? "" : ",") + text;
  }
  return joined;
}

StatusOr<int> List(Cli& cli, const std::string& line) {
  v1::ListReleasesRequest request;
  request.set_line(line);
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::ListReleasesResponse response,
      (Call<ReleaseService>(cli, &ReleaseService::Stub::ListReleases, request)));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
    return kExitOk;
  }
  Table table({"LINE", "VERSION", "COUNTER", "SIZE", "VARIANTS", "PUBLISHED", "STATE"});
  for (const v1::Release& release : response.releases()) {
    table.Add({release.ref().line(), release.ref().version(),
               std::to_string(release.ref().release_counter()), BytesCell(release.size_bytes()),
               Joined(release.variants()), TimeCell(release.published_at()),
               RevocationCell(release)});
  }
  table.Print(cli.out());
  return kExitOk;
}

StatusOr<int> Show(Cli& cli, const NamedRelease& named) {
  v1::GetReleaseRequest request;
  request.set_line(named.line);
  request.set_version(named.version);
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::GetReleaseResponse response,
      (Call<ReleaseService>(cli, &ReleaseService::Stub::GetRelease, request)));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
    return kExitOk;
  }
  const v1::Release& release = response.release();
  Table table({"FIELD", "VALUE"});
  table.Add({"release", release.ref().line() + " " + release.ref().version()});
  table.Add({"counter", std::to_string(release.ref().release_counter())});
  table.Add({"target", release.ref().target_path()});
  table.Add({"sha256", HexEncode(AsBytes(release.ref().sha256()))});
  table.Add({"size", BytesCell(release.size_bytes())});
  table.Add({"variants", Joined(release.variants())});
  table.Add({"published", TimeCell(release.published_at())});
  table.Add({"signed by", Joined(release.signed_by())});
  table.Add({"state", RevocationCell(release)});
  if (release.has_revocation()) {
    table.Add({"revocation", RevocationText(release.revocation())});
  }
  table.Add({"fallback answer", release.fallback_answer()});
  if (release.has_max_age()) {
    table.Add({"max age", DurationText(absl::Seconds(release.max_age().seconds()))});
  }
  table.Add({"notes", release.notes()});
  table.Print(cli.out());
  FLOTILLA_ASSIGN_OR_RETURN(const Digest sha256,
                            Digest::FromBytes(AsBytes(release.ref().sha256())));
  const auto document = FetchDocument(cli, sha256);
  if (document.status().code() == StatusCode::kPermissionDenied) {
    cli.err() << "its files are shown to release managers\n";
    return kExitOk;
  }
  FLOTILLA_RETURN_IF_ERROR(document.status());
  cli.out() << "\n";
  PrintFiles(cli, *document);
  return kExitOk;
}

// The counter that the publisher signed beside the target; 0 when there is none.
std::int64_t CounterOf(const tuf::TargetInfo& target) {
  const boost::json::value* ours = target.custom.if_contains("flotilla");
  const boost::json::object* fields = ours == nullptr ? nullptr : ours->if_object();
  const boost::json::value* counter =
      fields == nullptr ? nullptr : fields->if_contains("release_counter");
  return counter == nullptr || !counter->is_int64() ? 0 : counter->get_int64();
}

Status CheckPolicy(const tuf::TargetInfo& target, const tuf::LinePolicy& policy) {
  if (policy.Blocks(target.sha256)) {
    return WithReason(FailedPrecondition(target.path + " is blocked by its publisher"),
                      v1::FAILURE_REASON_POLICY_BLOCKLISTED);
  }
  const std::int64_t counter = CounterOf(target);
  if (counter < policy.floor) {
    return WithReason(
        FailedPrecondition(target.path + ": counter " + std::to_string(counter) +
                           " is below the publisher's floor " + std::to_string(policy.floor)),
        v1::FAILURE_REASON_POLICY_RELEASE_FLOOR);
  }
  return OkStatus();
}

StatusOr<int> Verify(Cli& cli, const VerifyOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const ModelLine line, ModelLine::Parse(options.release.line));
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes root, ReadFile(options.root, tuf::kMaxRootBytes));
  ControllerMetadata fetcher(cli);
  FLOTILLA_ASSIGN_OR_RETURN(
      auto client, tuf::TufClient::Create(std::make_unique<tuf::MemoryMetadataStore>(), root,
                                          tuf::MetadataSource::kNetwork, fetcher));
  const Time now = OsClock().Now();
  FLOTILLA_RETURN_IF_ERROR(client->Refresh(now));
  FLOTILLA_ASSIGN_OR_RETURN(
      const tuf::TargetInfo target,
      client->FindTarget(ota::ReleaseTargetPath(line, options.release.version), now));
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::LinePolicy policy, client->PolicyOf(target.role));
  FLOTILLA_RETURN_IF_ERROR(CheckPolicy(target, policy));
  const tuf::MetadataVersions versions = client->versions();
  cli.out() << "verified " << target.path << "\n  sha256   " << target.sha256.ToHex()
            << "\n  signed   by role " << target.role << "\n  metadata root " << versions.root
            << ", timestamp " << versions.timestamp << ", snapshot " << versions.snapshot
            << ", targets " << versions.targets << "\n";
  return kExitOk;
}

void AddNames(CLI::App& command, NamedRelease& named) {
  command.add_option("line", named.line, "Model line")->required();
  command.add_option("version", named.version, "Version")->required();
}

}  // namespace

void AddReleaseCommands(Cli& cli) {
  CLI::App& group = cli.AddGroup(cli.app(), "release", "Signed releases of models");
  AddReleasePushCommand(cli, group);
  AddReleasePolicyCommands(cli, group);
  AddRevocationCommands(cli, group);

  const auto line = std::make_shared<std::string>();
  cli.AddCommand(group, "list", "Show the releases, newest first", "fleetctl release list",
                 [line](Cli& run) { return List(run, *line); })
      .add_option("--line", *line, "Only this model line");

  const auto shown = std::make_shared<NamedRelease>();
  AddNames(cli.AddCommand(group, "show", "Show one release and every file of it",
                          "fleetctl release show pump-assistant 2.0.0",
                          [shown](Cli& run) { return Show(run, *shown); }),
           *shown);

  const auto verify = std::make_shared<VerifyOptions>();
  CLI::App& verify_command = cli.AddCommand(
      group, "verify", "Check a release as a device would that knows only the first root",
      "fleetctl release verify pump-assistant 2.0.0 --root 1.root.json",
      [verify](Cli& run) { return Verify(run, *verify); });
  AddNames(verify_command, verify->release);
  verify_command.add_option("--root", verify->root, "A root you trust")->required();
}

}  // namespace flotilla::fleetctl
