#include "fleetctl/commands/stage_commands.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/file.h"
#include "base/os_clock.h"
#include "base/os_durable_fs.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/rpc/stage_publication.h"
#include "fleetctl/trust/folder_metadata.h"
#include "fleetctl/trust/metadata_diff.h"
#include "fleetctl/trust/root_walk.h"
#include "fleetctl/trust/stage_view.h"
#include "security/sha256.h"
#include "security/tuf/key.h"
#include "security/tuf/limits.h"
#include "security/tuf/online_roles.h"

namespace flotilla::fleetctl {
namespace {

constexpr unsigned kPermissions = 0644;

struct SignOptions {
  std::string folder;
  std::string against;
  SigningOptions signing;
};

struct MergeOptions {
  std::string folder;
  std::vector<std::string> copies;
};

struct PublishOptions {
  std::string folder;
  std::string to;
  std::string trust_root;
  std::string expect_root;
};

bool IsJson(const Cli& cli) {
  return cli.form() == OutputForm::kJson;
}

void PrintJsonObject(const Cli& cli, const boost::json::object& object) {
  cli.out() << boost::json::serialize(object) << "\n";
}

// In JSON form the answer alone goes to standard output.
Status ShowBefore(Cli& cli, const Stage& stage) {
  return IsJson(cli) ? OkStatus() : PrintStage(cli.out(), stage, OsClock().Now());
}

// The person's own copy of the root that is replaced has to be the one in the stage.
Status CheckAgainst(const Stage& stage, const std::string& file) {
  if (file.empty()) {
    return OkStatus();
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(file, tuf::kMaxRootBytes));
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Draft own, tuf::Draft::Load(bytes));
  const tuf::Draft* trusted = stage.FindTrusted("root");
  if (trusted == nullptr || !(trusted->signed_part() == own.signed_part())) {
    return FailedPrecondition(file + " is not the root that this stage replaces; do not sign");
  }
  return OkStatus();
}

Status ShowMissing(Cli& cli, const Stage& stage) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<StagedFile> files, stage.Files());
  for (const StagedFile& file : files) {
    for (const Requirement& need : file.requirements) {
      if (!need.met) {
        cli.out() << file.role << " " << file.version << " needs "
                  << need.threshold - static_cast<std::int64_t>(need.signed_by.size())
                  << " more by keys of " << need.of << "\n";
      }
    }
  }
  if (IsComplete(files)) {
    cli.out() << "nothing is missing; fleetctl root publish " << stage.folder().string() << "\n";
  }
  return OkStatus();
}

StatusOr<boost::json::array> SignAll(Cli& cli, Stage& stage, const SigningOptions& signing) {
  OsDurableFs fs;
  boost::json::array signed_files;
  if (signing.keys.empty() && signing.pkcs11.empty() && signing.tpm2.empty() &&
      signing.programs.empty() && !stage.folder().empty()) {
    return signed_files;  // a stage may wait for all of its signatures
  }
  FLOTILLA_ASSIGN_OR_RETURN(const auto signers, LoadSigners(signing));
  for (const auto& signer : signers) {
    const std::string id = tuf::KeyId(signer->public_key());
    FLOTILLA_ASSIGN_OR_RETURN(const auto roles, stage.Sign(fs, *signer));
    if (roles.empty() && !IsJson(cli)) {
      cli.out() << "key " << ShortKeyId(id) << " may sign, and has nothing to sign yet\n";
    }
    for (const std::string& role : roles) {
      boost::json::object entry;
      entry["role"] = role;
      entry["key"] = id;
      signed_files.push_back(std::move(entry));
      if (!IsJson(cli)) {
        cli.out() << "signed " << role << " " << stage.Find(role)->version() << " with "
                  << ShortKeyId(id) << "\n";
      }
    }
  }
  return signed_files;
}

StatusOr<int> Sign(Cli& cli, const SignOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(Stage stage, Stage::Load(std::filesystem::absolute(options.folder)));
  FLOTILLA_RETURN_IF_ERROR(CheckAgainst(stage, options.against));
  FLOTILLA_RETURN_IF_ERROR(ShowBefore(cli, stage));
  FLOTILLA_RETURN_IF_ERROR(cli.Confirm("Sign this?"));
  FLOTILLA_ASSIGN_OR_RETURN(auto signed_files, SignAll(cli, stage, options.signing));
  if (signed_files.empty()) {
    return InvalidArgument(
        "nothing was signed: name a key of this stage by --key, --pkcs11, --tpm2 or --signer-cmd");
  }
  if (IsJson(cli)) {
    FLOTILLA_ASSIGN_OR_RETURN(boost::json::object answer, StageJson(stage, OsClock().Now()));
    answer["signed"] = std::move(signed_files);
    PrintJsonObject(cli, answer);
    return kExitOk;
  }
  FLOTILLA_RETURN_IF_ERROR(ShowMissing(cli, stage));
  return kExitOk;
}

StatusOr<int> Show(Cli& cli, const SignOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const Stage stage, Stage::Load(options.folder));
  FLOTILLA_RETURN_IF_ERROR(CheckAgainst(stage, options.against));
  return ShowStage(cli, stage);
}

StatusOr<int> Merge(Cli& cli, const MergeOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(Stage stage, Stage::Load(std::filesystem::absolute(options.folder)));
  OsDurableFs fs;
  for (const std::string& copy : options.copies) {
    FLOTILLA_ASSIGN_OR_RETURN(const Stage other, Stage::Load(copy));
    FLOTILLA_ASSIGN_OR_RETURN(const auto roles, stage.Merge(fs, other));
    for (const std::string& role : roles) {
      if (!IsJson(cli)) {
        cli.out() << "took signatures of " << role << " from " << copy << "\n";
      }
    }
  }
  return ShowStage(cli, stage);
}

Status CheckExpected(const Stage& stage, const std::string& expected) {
  const tuf::Draft* root = stage.Find("root");
  if (expected.empty()) {
    return OkStatus();
  }
  if (root == nullptr) {
    return InvalidArgument("--expect-root is for a stage that holds a root");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, root->Encode());
  const std::string digest = security::Sha256(bytes).ToHex();
  return digest == expected ? OkStatus()
                            : FailedPrecondition("the staged root has SHA-256 " + digest +
                                                 ", and not the one of --expect-root");
}

// A repository that no controller serves: the offline files alone.
StatusOr<int> PublishToFolder(Cli& cli, const Stage& stage, const std::optional<Bytes>& first,
                              const std::filesystem::path& folder) {
  FLOTILLA_RETURN_IF_ERROR(CheckReady(stage, OsClock().Now()));
  FolderMetadata published(folder);
  FLOTILLA_RETURN_IF_ERROR(CheckDevicesWalk(published, first, stage));
  OsDurableFs fs;
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, folder));
  for (const auto& [role, draft] : stage.drafts()) {
    FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, draft.Encode());
    const auto path = folder / tuf::MetadataFileName(role, draft.version());
    FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs, path, bytes, kPermissions));
    if (!IsJson(cli)) {
      cli.out() << "wrote " << path.string() << "\n";
    }
  }
  if (IsJson(cli)) {
    FLOTILLA_ASSIGN_OR_RETURN(const boost::json::object answer, StageJson(stage, OsClock().Now()));
    PrintJsonObject(cli, answer);
  }
  return kExitOk;
}

int PrintPublication(Cli& cli, const Stage& stage, const v1::PublishMetadataResponse& response) {
  if (IsJson(cli)) {
    PrintJson(cli.out(), response);
    return kExitOk;
  }
  std::string names;
  for (const auto& [role, draft] : stage.drafts()) {
    names += (names.empty() ? "" : ", ") + role + " " + std::to_string(draft.version());
  }
  cli.out() << "published " << names << "; snapshot " << response.snapshot_version()
            << ", timestamp " << response.timestamp_version() << "\n";
  return kExitOk;
}

StatusOr<int> Publish(Cli& cli, const PublishOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const Stage stage, Stage::Load(options.folder));
  FLOTILLA_RETURN_IF_ERROR(CheckExpected(stage, options.expect_root));
  std::optional<Bytes> first;
  if (!options.trust_root.empty()) {
    FLOTILLA_ASSIGN_OR_RETURN(first, ReadFile(options.trust_root, tuf::kMaxRootBytes));
  }
  FLOTILLA_RETURN_IF_ERROR(ShowBefore(cli, stage));
  FLOTILLA_RETURN_IF_ERROR(CheckReady(stage, OsClock().Now()));
  FLOTILLA_RETURN_IF_ERROR(cli.Confirm("Publish this?"));
  if (!options.to.empty()) {
    return PublishToFolder(cli, stage, first, std::filesystem::absolute(options.to));
  }
  FLOTILLA_ASSIGN_OR_RETURN(const auto response, PublishStage(cli, stage, first, OsClock().Now()));
  return PrintPublication(cli, stage, response);
}

void AddFolder(CLI::App& command, std::string& folder) {
  command.add_option("folder", folder, "Folder of the stage")->required();
}

void AddAgainst(CLI::App& command, std::string& against) {
  command.add_option("--against", against,
                     "Your own copy of the root that is replaced; another one is refused");
}

void AddPublish(Cli& cli, CLI::App& group, const std::string& name) {
  const auto options = std::make_shared<PublishOptions>();
  CLI::App& publish =
      cli.AddCommand(group, "publish", "Publish what is staged, once every threshold is met",
                     "fleetctl " + name + " publish stage/\n  fleetctl " + name +
                         " publish stage/ --trust-root 1.root.json --yes",
                     [options](Cli& run) { return Publish(run, *options); });
  AddFolder(publish, options->folder);
  publish.add_option("--trust-root", options->trust_root,
                     "The root your devices were shipped with; the walk starts there");
  publish.add_option("--expect-root", options->expect_root,
                     "SHA-256 that the staged root must have (hexadecimal)");
  publish.add_option("--to", options->to,
                     "Write into this metadata folder instead of sending to the controller");
}

}  // namespace

StatusOr<int> ShowStage(Cli& cli, const Stage& stage) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<StagedFile> files, stage.Files());
  if (IsJson(cli)) {
    FLOTILLA_ASSIGN_OR_RETURN(const boost::json::object answer, StageJson(stage, OsClock().Now()));
    PrintJsonObject(cli, answer);
  } else {
    FLOTILLA_RETURN_IF_ERROR(PrintStage(cli.out(), stage, OsClock().Now()));
    FLOTILLA_RETURN_IF_ERROR(ShowMissing(cli, stage));
  }
  return IsComplete(files) ? kExitOk : kExitPartlyDone;
}

void AddChangeOptions(CLI::App& command, ChangeOptions& options) {
  AddSigningOptions(command, options.signing);
  command.add_option("--stage", options.stage,
                     "Write to this folder instead of publishing, for others to sign too");
}

StatusOr<Stage> OpenChange(const ChangeOptions& options) {
  if (options.stage.empty()) {
    return Stage::InMemory();
  }
  OsDurableFs fs;
  return Stage::Create(fs, std::filesystem::absolute(options.stage));
}

StatusOr<int> FinishChange(Cli& cli, Stage stage, const ChangeOptions& options,
                           const std::string& done) {
  FLOTILLA_RETURN_IF_ERROR(ShowBefore(cli, stage));
  FLOTILLA_RETURN_IF_ERROR(
      cli.Confirm(options.stage.empty() ? "Sign and publish this?" : "Sign this?"));
  FLOTILLA_RETURN_IF_ERROR(SignAll(cli, stage, options.signing).status());
  if (!options.stage.empty()) {
    FLOTILLA_RETURN_IF_ERROR(IsJson(cli) ? ShowStage(cli, stage).status()
                                         : ShowMissing(cli, stage));
    return kExitOk;
  }
  const auto response = PublishStage(cli, stage, std::nullopt, OsClock().Now());
  if (response.status().code() == StatusCode::kFailedPrecondition &&
      !CheckReady(stage, OsClock().Now()).ok()) {
    return FailedPrecondition(MessageOf(response.status()) +
                              " (add --key, or --stage FOLDER for several people)");
  }
  FLOTILLA_RETURN_IF_ERROR(response.status());
  if (!IsJson(cli)) {
    cli.out() << done << "\n";
  }
  return PrintPublication(cli, stage, *response);
}

void AddStageCommands(Cli& cli, CLI::App& group, const std::string& name) {
  const auto sign = std::make_shared<SignOptions>();
  CLI::App& sign_command =
      cli.AddCommand(group, "sign", "Sign what is staged with the keys you hold, offline",
                     "fleetctl " + name + " sign stage/ --key anna.pem\n  fleetctl " + name +
                         " sign stage/ --key anna.pem --against my-copy/3.root.json",
                     [sign](Cli& run) { return Sign(run, *sign); });
  AddFolder(sign_command, sign->folder);
  AddAgainst(sign_command, sign->against);
  AddSigningOptions(sign_command, sign->signing);

  const auto shown = std::make_shared<SignOptions>();
  CLI::App& show_command = cli.AddCommand(
      group, "show", "Show what changes and who has signed; 8 while signatures are missing",
      "fleetctl " + name + " show stage/", [shown](Cli& run) { return Show(run, *shown); });
  AddFolder(show_command, shown->folder);
  AddAgainst(show_command, shown->against);

  const auto merged = std::make_shared<MergeOptions>();
  CLI::App& merge_command = cli.AddCommand(
      group, "merge", "Take over the signatures of copies that others signed, offline",
      "fleetctl " + name + " merge stage/ from-anna/ from-boris/",
      [merged](Cli& run) { return Merge(run, *merged); });
  AddFolder(merge_command, merged->folder);
  merge_command.add_option("copies", merged->copies, "Folders of the copies")->required();

  AddPublish(cli, group, name);
}

}  // namespace flotilla::fleetctl
