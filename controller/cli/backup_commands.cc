#include "controller/cli/backup_commands.h"

#include <cstdio>
#include <filesystem>
#include <vector>

#include "base/time.h"
#include "controller/backup/backup.h"
#include "controller/backup/restore.h"

namespace flotilla::controller {
namespace {

constexpr Duration kTellEach = absl::Seconds(1);

// A line a second at most, on standard error: what is being done and how far it came.
class ProgressLines {
 public:
  explicit ProgressLines(const Clock& clock) : clock_(&clock) {}

  void operator()(const TransferStep& step) {
    const Time now = clock_->Now();
    if (now < next_) {
      return;
    }
    next_ = now + kTellEach;
    if (step.of == 0) {
      std::fprintf(stderr, "%s: %llu\n", step.what.c_str(),
                   static_cast<unsigned long long>(step.done));
    } else {
      std::fprintf(stderr, "%s: %llu of %llu\n", step.what.c_str(),
                   static_cast<unsigned long long>(step.done),
                   static_cast<unsigned long long>(step.of));
    }
  }

 private:
  const Clock* clock_;
  Time next_ = absl::InfinitePast();
};

void Print(const char* name, const std::string& value) {
  std::printf("%-10s %s\n", name, value.c_str());
}

void Print(const char* what, const std::vector<std::string>& items) {
  if (items.empty()) {
    return;
  }
  std::printf("%s\n", what);
  for (const std::string& item : items) {
    std::printf("  %s\n", item.c_str());
  }
}

std::string Counted(std::uint64_t number, const char* what) {
  return std::to_string(number) + " " + what;
}

// A path may end in a slash; what is beside it has to be its sibling.
std::filesystem::path Folder(const std::string& text) {
  std::filesystem::path path = std::filesystem::absolute(text).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

void Report(const BackupManifest& manifest, const std::filesystem::path& to) {
  Print("backup", manifest.id);
  Print("folder", to.string());
  Print("taken at", UtcText(manifest.taken_at));
  Print("devices", std::to_string(manifest.devices));
  Print("audit log", "up to seq " + std::to_string(manifest.audit_seq));
  Print("files", Counted(manifest.files.size(), "with digests in MANIFEST"));
  if (!manifest.elsewhere.empty()) {
    Print("artifacts", Counted(manifest.elsewhere.size(), "named, not in it"));
  }
  Print("secrets", manifest.secrets == BackupSecrets::kIncluded
                       ? "in it: keep it as you keep the CA's key"
                       : "not in it: keep ca/*.key and online-keys/*.key of the state folder "
                         "somewhere safe, a restore needs them (--keys)");
}

void Report(const RestoreReport& report, const AppOptions& options) {
  Print("restored", options.layout.state_dir.string());
  Print("backup", report.manifest.id + " of " + UtcText(report.manifest.taken_at));
  Print("devices", std::to_string(report.devices));
  Print("versions",
        "snapshot and timestamp go on from " + std::to_string(report.mark.least_version));
  Print("Rollouts that ran and are paused now (look before you resume them):",
        report.paused_rollouts);
  Print("Keys that are missing; put them there before the controller starts:", report.missing_keys);
  Print("Artifacts that are missing; put them there, or upload them again:",
        report.missing_artifacts);
  std::printf(
      "What was decided after %s is not known here: revocations, operators and tokens of that\n"
      "time have to be made again, and releases published again by their publishers.\n"
      "next       flotilla-controller init (makes certificates that are missing), then run\n",
      UtcText(report.manifest.taken_at).c_str());
}

}  // namespace

BackupCommands::BackupCommands(CLI::App& cli, std::string& config)
    : backup_(cli.add_subcommand(
          "backup",
          "write a backup of database, repository and certificates into a new folder, beside the "
          "running controller")),
      restore_(cli.add_subcommand(
          "restore", "make an empty state folder, and the fleet's database, out of a backup")) {
  backup_->add_option("--config", config, "configuration file")->required();
  backup_->add_option("--to", to_, "folder that is made; it must not be there")->required();
  backup_->add_flag("--with-secrets", with_secrets_,
                    "private keys too (CA, online roles, listeners, first operator)");
  backup_->add_flag("--without-artifacts", without_artifacts_,
                    "only name the artifacts by digest; they are kept elsewhere");
  restore_->add_option("--config", config, "configuration file")->required();
  restore_->add_option("--from", from_, "folder of the backup")->required();
  restore_->add_option("--keys", keys_,
                       "folder with the keys that the backup leaves out, as in a state folder: "
                       "ca/ca.key, online-keys/snapshot.key, ...");
  restore_->add_option("--artifacts", artifacts_,
                       "folder with the artifacts that the backup leaves out, by digest");
  restore_
      ->add_option("--readmit", readmit_,
                   "for so long devices that enrolled or renewed after the backup are let in "
                   "by their certificate; 0s: they enrol again")
      ->capture_default_str();
}

Status BackupCommands::Run(const AppOptions& options, const BackupCommandWorld& world) const {
  return backup_->parsed() ? Backup(options, world) : Restore(options, world);
}

Status BackupCommands::Backup(const AppOptions& options, const BackupCommandWorld& world) const {
  BackupOptions wanted;
  wanted.layout = options.layout;
  wanted.store = options.store;
  wanted.config_yaml = options.effective_yaml;
  wanted.to = Folder(to_);
  wanted.secrets = with_secrets_ ? BackupSecrets::kIncluded : BackupSecrets::kLeftOut;
  wanted.artifacts = without_artifacts_ ? BackupArtifacts::kElsewhere : BackupArtifacts::kIncluded;
  FLOTILLA_ASSIGN_OR_RETURN(
      const BackupManifest manifest,
      TakeBackup(wanted, {world.fs, world.clock, world.random, ProgressLines(world.clock)}));
  Report(manifest, wanted.to);
  return OkStatus();
}

Status BackupCommands::Restore(const AppOptions& options, const BackupCommandWorld& world) const {
  RestoreOptions wanted;
  wanted.from = Folder(from_);
  wanted.layout.state_dir = Folder(options.layout.state_dir.string());
  wanted.store = options.store;
  wanted.keys = keys_.empty() ? std::filesystem::path() : Folder(keys_);
  wanted.artifacts = artifacts_.empty() ? std::filesystem::path() : Folder(artifacts_);
  wanted.ca_key_elsewhere = !options.ca_key.empty();
  FLOTILLA_ASSIGN_OR_RETURN(wanted.readmit, ParseDurationText(readmit_));
  FLOTILLA_ASSIGN_OR_RETURN(
      const RestoreReport report,
      controller::Restore(wanted, {world.fs, world.clock, ProgressLines(world.clock)}));
  Report(report, options);
  return OkStatus();
}

}  // namespace flotilla::controller
