#include "fleetctl/commands/bundle_commands.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/os_clock.h"
#include "base/os_durable_fs.h"
#include "base/time.h"
#include "fleetctl/bundle/bundle_contents.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/rpc/channel.h"
#include "fleetctl/upload/https_client.h"
#include "flotilla/v1/admin.grpc.pb.h"
#include "flotilla/v1/failure_reason.pb.h"
#include "flotilla/v1/release.grpc.pb.h"
#include "ota/format/bundle_file.h"
#include "security/sha256.h"
#include "security/tuf/limits.h"
#include "security/tuf/repository.h"

namespace flotilla::fleetctl {
namespace {

struct MakeOptions {
  std::vector<std::string> releases;  // LINE@VERSION
  std::int64_t since_root = 1;
  std::string valid = "90d";
  std::string out;
};

struct CheckOptions {
  std::string file;
  std::string root;
};

struct NamedRelease {
  std::string line;
  std::string version;
};

StatusOr<NamedRelease> ParseRelease(const std::string& text) {
  const std::size_t at = text.find('@');
  if (at == std::string::npos || at == 0 || at + 1 == text.size()) {
    return InvalidArgument("--release " + text + ": LINE@VERSION is wanted");
  }
  return NamedRelease{text.substr(0, at), text.substr(at + 1)};
}

// Every root from `since` on.
Status AddRoots(const Cli& cli, std::int64_t since, tuf::RepositoryFiles& files) {
  for (std::int64_t version = since;; ++version) {
    v1::GetMetadataRequest request;
    request.set_role("root");
    request.set_version(static_cast<std::uint64_t>(version));
    auto response = Call<v1::ReleaseService>(cli, &v1::ReleaseService::Stub::GetMetadata, request);
    if (response.status().code() == StatusCode::kNotFound && version > since) {
      return OkStatus();
    }
    FLOTILLA_RETURN_IF_ERROR(response.status());
    files[std::to_string(version) + ".root.json"] = ToBytes(response->file().content());
  }
}

// Roots, and what the controller signs over the publishers' metadata for a bundle.
StatusOr<tuf::RepositoryFiles> GetMetadata(const Cli& cli, const MakeOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const Duration valid, ParseDurationText(options.valid));
  v1::SignBundleTimestampRequest request;
  request.mutable_valid_for()->set_seconds(absl::ToInt64Seconds(valid));
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::SignBundleTimestampResponse response,
      (Call<v1::SystemService>(cli, &v1::SystemService::Stub::SignBundleTimestamp, request)));
  tuf::RepositoryFiles files;
  for (const v1::MetadataFile& file : response.files()) {
    files[file.name()] = ToBytes(file.content());
  }
  FLOTILLA_RETURN_IF_ERROR(AddRoots(cli, options.since_root, files));
  return files;
}

// When the bundle is of no use any more: the earliest end of all that it rests on.
StatusOr<Time> EndOf(const tuf::TufClient& device, const Bytes& timestamp) {
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Draft draft, tuf::Draft::Load(timestamp));
  return std::min(draft.expires(), device.dates().publisher_expires.value_or(draft.expires()));
}

// The members of a bundle in the order in which they are written.
struct Plan {
  ota::BundleIndex index;
  std::vector<tuf::TargetInfo> targets;
};

void PlanRelease(const BundledRelease& release, Plan& plan) {
  plan.index.releases.push_back(release.ref);
  for (const tuf::TargetInfo& target : release.targets) {
    const std::string name = ota::kBundleTargetsPrefix + target.url_path;
    if (plan.index.Find(name) == nullptr) {
      plan.index.members.push_back({name, 0, target.length});
      plan.targets.push_back(target);
    }
  }
}

class BundleOutput {
 public:
  static StatusOr<std::unique_ptr<BundleOutput>> Create(DurableFs& fs,
                                                        const std::filesystem::path& path) {
    const std::filesystem::path part = path.string() + ".part";
    std::error_code error;
    std::filesystem::remove(part, error);
    CreateOptions options;
    options.permissions = 0644;
    FLOTILLA_ASSIGN_OR_RETURN(auto file, fs.Create(part, options));
    return std::unique_ptr<BundleOutput>(new BundleOutput(fs, part, path, std::move(file)));
  }
  ~BundleOutput() {
    std::error_code error;
    std::filesystem::remove(part_, error);  // gone already when it was finished
  }
  BundleOutput(const BundleOutput&) = delete;
  BundleOutput& operator=(const BundleOutput&) = delete;

  Status Append(ByteView bytes) {
    FLOTILLA_RETURN_IF_ERROR(file_->Write(size_, bytes));
    size_ += bytes.size();
    return OkStatus();
  }
  Status Finish() {
    FLOTILLA_RETURN_IF_ERROR(file_->Sync());
    FLOTILLA_RETURN_IF_ERROR(fs_.Rename(part_, path_));
    const std::filesystem::path folder = path_.parent_path();
    return fs_.SyncDir(folder.empty() ? "." : folder);
  }
  std::uint64_t size() const { return size_; }

 private:
  BundleOutput(DurableFs& fs, std::filesystem::path part, std::filesystem::path path,
               std::unique_ptr<DurableFile> file)
      : fs_(fs), part_(std::move(part)), path_(std::move(path)), file_(std::move(file)) {}

  DurableFs& fs_;
  const std::filesystem::path part_;
  const std::filesystem::path path_;
  std::unique_ptr<DurableFile> file_;
  std::uint64_t size_ = 0;
};

Status WriteTarget(const tuf::TargetInfo& target, HttpsClient& https, BundleOutput& output) {
  security::Sha256Hasher hasher;
  const std::uint64_t before = output.size();
  FLOTILLA_RETURN_IF_ERROR(https.Download(target.sha256, [&](ByteView piece) {
    hasher.Update(piece);
    return output.Append(piece);
  }));
  if (output.size() - before != target.length || hasher.Finish() != target.sha256) {
    return WithReason(DataLoss(target.path + ": the controller has other bytes than were signed"),
                      v1::FAILURE_REASON_TRUST_HASH_MISMATCH);
  }
  return OkStatus();
}

Status WriteBundle(Cli& cli, const Plan& plan, const tuf::RepositoryFiles& files,
                   HttpsClient& https, BundleOutput& output) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes head, ota::EncodeBundleHead(plan.index));
  FLOTILLA_RETURN_IF_ERROR(output.Append(head));
  for (const auto& [name, bytes] : files) {
    FLOTILLA_RETURN_IF_ERROR(output.Append(bytes));
  }
  for (std::size_t i = 0; i < plan.targets.size(); ++i) {
    const tuf::TargetInfo& target = plan.targets[i];
    cli.err() << "[" << i + 1 << "/" << plan.targets.size() << "] " << target.path << " "
              << BytesCell(target.length) << "\n";
    FLOTILLA_RETURN_IF_ERROR(WriteTarget(target, https, output));
  }
  return output.Finish();
}

StatusOr<int> Make(Cli& cli, const MakeOptions& options) {
  const Time now = OsClock().Now();
  FLOTILLA_ASSIGN_OR_RETURN(tuf::RepositoryFiles files, GetMetadata(cli, options));
  MetadataInMemory metadata(std::move(files));
  const std::string first_root = std::to_string(options.since_root) + ".root.json";
  FLOTILLA_ASSIGN_OR_RETURN(const auto device,
                            DeviceWithMedium(metadata.files().at(first_root), metadata, now));
  FLOTILLA_ASSIGN_OR_RETURN(const config::v1::Context context, cli.UsedContext());
  FLOTILLA_ASSIGN_OR_RETURN(const auto https, HttpsClient::Create(context));
  const TargetReader read = [&https](const tuf::TargetInfo& target) -> StatusOr<Bytes> {
    Bytes bytes;
    FLOTILLA_RETURN_IF_ERROR(https->Download(target.sha256, [&](ByteView piece) {
      bytes.insert(bytes.end(), piece.begin(), piece.end());
      return bytes.size() <= target.length ? OkStatus() : DataLoss(target.path + " is too long");
    }));
    return bytes;
  };
  Plan plan;
  plan.index.created = absl::FromUnixSeconds(absl::ToUnixSeconds(now));
  for (const auto& [name, bytes] : metadata.files()) {
    plan.index.members.push_back({ota::kBundleMetadataPrefix + name, 0, bytes.size()});
  }
  for (const std::string& text : options.releases) {
    FLOTILLA_ASSIGN_OR_RETURN(const NamedRelease named, ParseRelease(text));
    FLOTILLA_ASSIGN_OR_RETURN(const BundledRelease release,
                              FindRelease(named.line, named.version, *device, read, now));
    PlanRelease(release, plan);
  }
  OsDurableFs fs;
  FLOTILLA_ASSIGN_OR_RETURN(const auto output, BundleOutput::Create(fs, options.out));
  FLOTILLA_RETURN_IF_ERROR(WriteBundle(cli, plan, metadata.files(), *https, *output));
  FLOTILLA_ASSIGN_OR_RETURN(const Time end, EndOf(*device, metadata.files().at("timestamp.json")));
  cli.out() << "wrote " << options.out << ": " << plan.index.releases.size() << " releases, "
            << BytesCell(output->size()) << ", for devices that know root " << options.since_root
            << " or newer\n  good until " << UtcText(end) << "\n";
  return kExitOk;
}

// Metadata out of the file.
class MetadataInBundle final : public tuf::MetadataFetcher {
 public:
  explicit MetadataInBundle(const ota::BundleFile& file) : file_(file) {}
  StatusOr<Bytes> Fetch(const std::string& file_name, std::uint64_t max_bytes) override {
    return file_.ReadMetadata(file_name, max_bytes);
  }

 private:
  const ota::BundleFile& file_;
};

// The oldest root in the file: the one of `bundle make --since-root`.
StatusOr<Bytes> OldestRoot(const ota::BundleFile& file) {
  std::int64_t oldest = 0;
  for (const ota::BundleMember& member : file.index().members) {
    const auto name =
        tuf::ParseMetadataName(member.name.substr(std::string(ota::kBundleMetadataPrefix).size()));
    if (member.name.starts_with(ota::kBundleMetadataPrefix) && name.ok() && name->role == "root" &&
        (oldest == 0 || name->version < oldest)) {
      oldest = name->version;
    }
  }
  return file.ReadMetadata(std::to_string(oldest) + ".root.json", tuf::kMaxRootBytes);
}

Status CheckTarget(const ota::BundleFile& file, const tuf::TargetInfo& target) {
  const ota::BundleMember* member = file.index().Find(ota::kBundleTargetsPrefix + target.url_path);
  if (member == nullptr) {
    return WithReason(NotFound("the bundle lacks " + target.path),
                      v1::FAILURE_REASON_FETCH_NOT_FOUND);
  }
  security::Sha256Hasher hasher;
  FLOTILLA_RETURN_IF_ERROR(file.Read(*member, 0, member->length, [&](ByteView piece) {
    hasher.Update(piece);
    return OkStatus();
  }));
  if (member->length != target.length || hasher.Finish() != target.sha256) {
    return WithReason(DataLoss(target.path + " is not what its publisher signed"),
                      v1::FAILURE_REASON_TRUST_HASH_MISMATCH);
  }
  return OkStatus();
}

StatusOr<Bytes> ReadWhole(const ota::BundleFile& file, const tuf::TargetInfo& target) {
  FLOTILLA_RETURN_IF_ERROR(CheckTarget(file, target));
  const ota::BundleMember* member = file.index().Find(ota::kBundleTargetsPrefix + target.url_path);
  Bytes bytes;
  FLOTILLA_RETURN_IF_ERROR(file.Read(*member, 0, member->length, [&](ByteView piece) {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    return OkStatus();
  }));
  return bytes;
}

StatusOr<int> Check(Cli& cli, const CheckOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const ota::BundleFile file, ota::BundleFile::Open(options.file));
  StatusOr<Bytes> root =
      options.root.empty() ? OldestRoot(file) : ReadFile(options.root, tuf::kMaxRootBytes);
  FLOTILLA_RETURN_IF_ERROR(root.status());
  const Time now = OsClock().Now();
  MetadataInBundle metadata(file);
  FLOTILLA_ASSIGN_OR_RETURN(const auto device, DeviceWithMedium(*root, metadata, now));
  const TargetReader read = [&file](const tuf::TargetInfo& target) {
    return ReadWhole(file, target);
  };
  Table table({"LINE", "VERSION", "COUNTER", "FILES", "SIZE"});
  for (const v1::ReleaseRef& ref : file.index().releases) {
    FLOTILLA_ASSIGN_OR_RETURN(const BundledRelease release,
                              FindRelease(ref.line(), ref.version(), *device, read, now));
    if (release.ref.SerializeAsString() != ref.SerializeAsString()) {
      return WithReason(PermissionDenied(ref.target_path() + ": the index differs from what was"
                                                             " signed"),
                        v1::FAILURE_REASON_TRUST_ASSIGNMENT_MISMATCH);
    }
    std::uint64_t size = 0;
    for (const tuf::TargetInfo& target : release.targets) {
      FLOTILLA_RETURN_IF_ERROR(CheckTarget(file, target));
      size += target.length;
    }
    table.Add({ref.line(), ref.version(), std::to_string(ref.release_counter()),
               std::to_string(release.targets.size()), BytesCell(size)});
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes timestamp,
                            file.ReadMetadata("timestamp.json", tuf::kMaxTimestampBytes));
  FLOTILLA_ASSIGN_OR_RETURN(const Time end, EndOf(*device, timestamp));
  table.Print(cli.out());
  cli.out() << "verified as a device does that trusts "
            << (options.root.empty() ? "the oldest root in the bundle itself (name yours: --root)"
                                     : options.root)
            << "\n  made " << UtcText(file.index().created) << ", good until " << UtcText(end)
            << "\n";
  return kExitOk;
}

}  // namespace

void AddBundleCommands(Cli& cli) {
  CLI::App& group =
      cli.AddGroup(cli.app(), "bundle", "Releases that are carried to devices in a file");

  const auto make = std::make_shared<MakeOptions>();
  CLI::App& make_command = cli.AddCommand(
      group, "make", "Write releases and all the metadata that vouches for them into one file",
      "fleetctl bundle make --release pump-assistant@2.0.0 --since-root 1 --valid 90d"
      " --out pump-2.0.0.bundle",
      [make](Cli& run) { return Make(run, *make); });
  make_command.add_option("--release", make->releases, "LINE@VERSION; may be given more than once")
      ->required();
  make_command
      .add_option("--since-root", make->since_root,
                  "Oldest root version that a device may still be at")
      ->check(CLI::PositiveNumber);
  make_command.add_option("--valid", make->valid, "Life of its timestamp, 1h to 90d");
  make_command.add_option("--out", make->out, "File to write")->required();

  const auto check = std::make_shared<CheckOptions>();
  CLI::App& check_command =
      cli.AddCommand(group, "check", "Verify a bundle as a device would; needs no network",
                     "fleetctl bundle check pump-2.0.0.bundle --root 1.root.json",
                     [check](Cli& run) { return Check(run, *check); });
  check_command.add_option("file", check->file, "The bundle")->required();
  check_command.add_option("--root", check->root, "A root you trust, as devices were shipped with");
}

}  // namespace flotilla::fleetctl
