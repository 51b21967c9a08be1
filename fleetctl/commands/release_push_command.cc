#include "fleetctl/commands/release_push_command.h"

#include <filesystem>
#include <map>
#include <memory>
#include <ostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "base/bytes.h"
#include "base/file.h"
#include "base/os_durable_fs.h"
#include "base/time.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/commands/release_files.h"
#include "fleetctl/release/release_plan.h"
#include "fleetctl/rpc/blob_upload.h"
#include "fleetctl/rpc/published_role.h"
#include "fleetctl/trust/signing_keys.h"
#include "security/tuf/limits.h"
#include "security/tuf/online_roles.h"

namespace flotilla::fleetctl {
namespace {

struct PushOptions {
  std::string line;
  std::string version;
  std::string file;
  std::vector<std::string> variants;       // NAME=FILE
  std::vector<std::string> hardware;       // NAME=CLASS,CLASS
  std::vector<std::string> min_ram;        // NAME=MB
  std::vector<std::string> architectures;  // NAME=ARCH,ARCH
  std::vector<std::string> cpu_features;   // NAME=FEATURE,FEATURE
  std::string base;                        // LINE@VERSION
  std::vector<std::string> adapters;       // NAME=FILE[:SCALE]
  std::string chat_template;
  std::string golden;
  std::uint32_t golden_floor = 0;
  std::uint32_t context_tokens = 0;
  std::uint64_t counter = 0;
  std::string engine;
  std::string min_agent;
  std::string notes;
  std::string fallback_answer;
  std::string max_age;
  std::string expires = "90d";
  std::string stage;
  SigningOptions signing;
};

struct FileOptions {
  std::string file;
  SigningOptions signing;
};

std::vector<std::string> SplitCommas(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) {
    parts.push_back(part);
  }
  return parts;
}

// What is said of variants beside their files, by the variants' names.
struct VariantNeeds {
  std::map<std::string, std::string> hardware;
  std::map<std::string, std::string> min_ram;
  std::map<std::string, std::string> architectures;
  std::map<std::string, std::string> cpu_features;

  bool NamesOthersThan(const std::map<std::string, std::string>& files) const {
    for (const auto* named : {&hardware, &min_ram, &architectures, &cpu_features}) {
      for (const auto& [name, value] : *named) {
        if (!files.contains(name)) {
          return true;
        }
      }
    }
    return false;
  }
};

StatusOr<VariantNeeds> NeedsOf(const PushOptions& options) {
  VariantNeeds needs;
  FLOTILLA_ASSIGN_OR_RETURN(needs.hardware, ParseNamed(options.hardware));
  FLOTILLA_ASSIGN_OR_RETURN(needs.min_ram, ParseNamed(options.min_ram));
  FLOTILLA_ASSIGN_OR_RETURN(needs.architectures, ParseNamed(options.architectures));
  FLOTILLA_ASSIGN_OR_RETURN(needs.cpu_features, ParseNamed(options.cpu_features));
  return needs;
}

StatusOr<std::map<std::string, std::string>> ModelsOf(const PushOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(auto files, ParseNamed(options.variants));
  const int ways =
      (files.empty() ? 0 : 1) + (options.file.empty() ? 0 : 1) + (options.base.empty() ? 0 : 1);
  if (ways != 1) {
    return InvalidArgument(
        "give one FILE, or --variant NAME=FILE for each variant, or --base LINE@VERSION");
  }
  if (!options.file.empty()) {
    files["default"] = options.file;
  }
  return files;
}

StatusOr<std::vector<VariantSpec>> VariantsOf(const PushOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto files, ModelsOf(options));
  FLOTILLA_ASSIGN_OR_RETURN(VariantNeeds needs, NeedsOf(options));
  if (needs.NamesOthersThan(files)) {
    return InvalidArgument("--hw, --arch, --cpu and --min-ram name variants that --variant gives");
  }
  std::vector<VariantSpec> variants;
  for (const auto& [name, file] : files) {
    VariantSpec variant{.name = name, .file = file};
    variant.hardware = SplitCommas(needs.hardware[name]);
    variant.architectures = SplitCommas(needs.architectures[name]);
    variant.cpu_features = SplitCommas(needs.cpu_features[name]);
    const std::string& ram = needs.min_ram[name];
    if (!ram.empty() && !absl::SimpleAtoi(ram, &variant.min_ram_mb)) {
      return InvalidArgument(absl::StrCat("--min-ram ", name, "=", ram, ": write megabytes"));
    }
    variants.push_back(std::move(variant));
  }
  return variants;
}

StatusOr<ReleaseSpec> SpecOf(const PushOptions& options) {
  ReleaseSpec spec;
  FLOTILLA_ASSIGN_OR_RETURN(spec.line, ModelLine::Parse(options.line));
  FLOTILLA_RETURN_IF_ERROR(CheckIdText(options.version, "version"));
  spec.version = options.version;
  FLOTILLA_ASSIGN_OR_RETURN(spec.variants, VariantsOf(options));
  for (const std::string& text : options.adapters) {
    FLOTILLA_ASSIGN_OR_RETURN(AdapterSpec adapter, ParseAdapter(text));
    spec.adapters.push_back(std::move(adapter));
  }
  if (!options.chat_template.empty()) {
    spec.chat_template = options.chat_template;
  }
  if (!options.golden.empty()) {
    spec.golden = options.golden;
  }
  spec.golden_floor_percent = options.golden_floor;
  spec.context_tokens = options.context_tokens;
  spec.engine = options.engine;
  spec.min_agent = options.min_agent;
  spec.notes = options.notes;
  spec.fallback_answer = options.fallback_answer;
  if (!options.max_age.empty()) {
    FLOTILLA_ASSIGN_OR_RETURN(const Duration age, ParseDurationText(options.max_age));
    if (age < absl::Seconds(1)) {
      return InvalidArgument("--max-age: at least a second");
    }
    spec.max_age_seconds = static_cast<std::uint64_t>(absl::ToInt64Seconds(age));
  }
  return spec;
}

void PrintTargets(Cli& cli, const std::vector<PlannedTarget>& targets) {
  Table table({"KIND", "TARGET", "SIZE", "SHA-256"});
  for (const PlannedTarget& planned : targets) {
    table.Add({planned.kind, planned.target.path, BytesCell(planned.target.length),
               planned.target.sha256.ToHex().substr(0, 12)});
  }
  table.Print(cli.out());
}

StatusOr<int> Stage(Cli& cli, const std::string& role, const tuf::Draft& draft,
                    const std::string& folder) {
  OsDurableFs fs;
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, draft.Encode());
  const auto path =
      std::filesystem::absolute(folder) / tuf::MetadataFileName(role, draft.version());
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, path.parent_path()));
  FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs, path, bytes, 0644));
  cli.out() << "staged " << path.string() << "; fleetctl release sign, then release publish\n";
  return kExitOk;
}

StatusOr<int> Push(Cli& cli, const PushOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(ReleaseSpec spec, SpecOf(options));
  FLOTILLA_ASSIGN_OR_RETURN(const Duration life, ParseDurationText(options.expires));
  FLOTILLA_ASSIGN_OR_RETURN(const auto signers, LoadSigners(options.signing));
  const std::string role = ota::RoleOfLine(spec.line);
  FLOTILLA_ASSIGN_OR_RETURN(tuf::Draft draft, EditRole(cli, role, life));
  spec.release_counter = options.counter > 0 ? options.counter : NextReleaseCounter(draft);
  if (!options.base.empty()) {
    FLOTILLA_RETURN_IF_ERROR(TakeBase(cli, draft, options.base, spec));
  }
  FLOTILLA_ASSIGN_OR_RETURN(const auto targets, PlanRelease(spec));
  FLOTILLA_RETURN_IF_ERROR(AddTargets(draft, spec, targets));
  FLOTILLA_RETURN_IF_ERROR(SignWith(draft, signers));
  FLOTILLA_RETURN_IF_ERROR(UploadMissing(cli, targets));
  if (!options.stage.empty()) {
    return Stage(cli, role, draft, options.stage);
  }
  FLOTILLA_ASSIGN_OR_RETURN(const v1::MetadataFile file, ToFile(role, draft));
  FLOTILLA_ASSIGN_OR_RETURN(const auto response, PublishFiles(cli, {file}));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
    return kExitOk;
  }
  PrintTargets(cli, targets);
  cli.out() << "published " << options.line << " " << options.version << ", counter "
            << spec.release_counter << "; " << role << " " << draft.version() << ", snapshot "
            << response.snapshot_version() << ", timestamp " << response.timestamp_version()
            << "\n";
  return kExitOk;
}

StatusOr<tuf::Draft> LoadDraft(const std::string& file) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(file, tuf::kMaxTargetsBytes));
  return tuf::Draft::Load(bytes);
}

StatusOr<int> SignFile(Cli& cli, const FileOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto signers, LoadSigners(options.signing));
  FLOTILLA_ASSIGN_OR_RETURN(tuf::Draft draft, LoadDraft(options.file));
  FLOTILLA_RETURN_IF_ERROR(SignWith(draft, signers));
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, draft.Encode());
  OsDurableFs fs;
  FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs, std::filesystem::absolute(options.file), bytes, 0644));
  cli.out() << options.file << " has " << draft.signed_by().size() << " signatures\n";
  return kExitOk;
}

StatusOr<int> PublishFile(Cli& cli, const std::string& path) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(path, tuf::kMaxTargetsBytes));
  v1::MetadataFile file;
  file.set_name(std::filesystem::path(path).filename().string());
  file.set_content(ToText(bytes));
  FLOTILLA_ASSIGN_OR_RETURN(const auto response, PublishFiles(cli, {file}));
  cli.out() << "published " << file.name() << "; snapshot " << response.snapshot_version()
            << ", timestamp " << response.timestamp_version() << "\n";
  return kExitOk;
}

void AddPushOptions(CLI::App& push, PushOptions& options) {
  push.add_option("--line", options.line, "Model line")->required();
  push.add_option("--version", options.version, "Version, new in the line")->required();
  push.add_option("file,--model", options.file, "The model, when there is one variant");
  push.add_option("--variant", options.variants, "NAME=FILE; several")->allow_extra_args(false);
  push.add_option("--hw", options.hardware, "NAME=CLASS,CLASS: hardware a variant is for")
      ->allow_extra_args(false);
  push.add_option("--min-ram", options.min_ram, "NAME=MB: memory a variant needs")
      ->allow_extra_args(false);
  push.add_option("--arch", options.architectures, "NAME=ARCH,ARCH: architectures it is for")
      ->allow_extra_args(false);
  push.add_option("--cpu", options.cpu_features, "NAME=FEATURE,FEATURE: what the CPU must have")
      ->allow_extra_args(false);
  push.add_option("--base", options.base,
                  "LINE@VERSION: the models, golden prompts and chat template of that release; "
                  "nothing of them is uploaded, and devices that have them fetch them no more");
  push.add_option(
          "--adapter", options.adapters,
          "NAME=FILE or NAME=FILE:SCALE (0 to 4): a LoRA adapter for every variant; several")
      ->allow_extra_args(false);
  push.add_option("--chat-template", options.chat_template,
                  "In place of the model's own: a Jinja text, or the name of a family (chatml)");
  push.add_option("--golden", options.golden, "Golden prompts, JSON lines");
  push.add_option("--floor", options.golden_floor,
                  "Score in percent below which a device refuses the release")
      ->check(CLI::Range(0, 100));
  push.add_option("--context-tokens", options.context_tokens, "Context length; 0: the model's");
  push.add_option("--counter", options.counter, "Release counter; the next one by default");
  push.add_option("--engine", options.engine, "Engine it needs: >=0.5");
  push.add_option("--min-agent", options.min_agent, "Agent it needs: 0.1.0");
  push.add_option("--notes", options.notes, "What is new, at most 1 KiB");
  push.add_option("--fallback-answer", options.fallback_answer,
                  "What devices answer in its place when the release must not answer any more, at "
                  "most 4 KiB; signed with it");
  push.add_option("--max-age", options.max_age,
                  "A device that heard nothing from its controller for so long stops serving it: "
                  "30d; for ever by default");
  push.add_option("--expires", options.expires, "Life of the line's metadata")
      ->capture_default_str();
  push.add_option("--stage", options.stage,
                  "Write the signed metadata to this folder and do not publish it yet");
  AddSigningOptions(push, options.signing);
}

}  // namespace

void AddReleasePushCommand(Cli& cli, CLI::App& group) {
  const auto options = std::make_shared<PushOptions>();
  CLI::App& push = cli.AddCommand(
      group, "push", "Sign, upload and publish a release",
      "fleetctl release push --line pump-assistant --version 2.0.0 --key models.pem --golden "
      "golden.jsonl --floor 90 model.gguf\n"
      "  fleetctl release push --line pump-assistant --version 2.0.0 --key models.pem --variant "
      "q8=q8.gguf --variant q4=q4.gguf --min-ram q8=2048\n"
      "  fleetctl release push --line pump-assistant --version 2.0.1 --key models.pem --base "
      "pump-assistant@2.0.0 --adapter french=fr-lora.gguf:0.8",
      [options](Cli& run) { return Push(run, *options); });
  AddPushOptions(push, *options);

  const auto signing = std::make_shared<FileOptions>();
  CLI::App& sign = cli.AddCommand(group, "sign", "Add a signature to staged metadata, offline",
                                  "fleetctl release sign stage/7.models-pump.json --key second.pem",
                                  [signing](Cli& run) { return SignFile(run, *signing); });
  sign.add_option("file", signing->file, "Metadata file")->required();
  AddSigningOptions(sign, signing->signing);

  const auto published = std::make_shared<std::string>();
  cli.AddCommand(group, "publish", "Publish staged metadata",
                 "fleetctl release publish stage/7.models-pump.json",
                 [published](Cli& run) { return PublishFile(run, *published); })
      .add_option("file", *published, "Metadata file, VERSION.ROLE.json")
      ->required();
}

}  // namespace flotilla::fleetctl
