#include "tests/support/release_repository.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

#include "ota/format/leaf_map.h"
#include "security/sha256.h"
#include "tests/support/temp_dir.h"

namespace flotilla::ota {
namespace {

constexpr Duration kLongLife = absl::Hours(24 * 365);

void Require(const Status& status) {
  if (!status.ok()) {
    // A fixture that cannot be built is no test.
    std::abort();
  }
}

template <typename T>
T Require(StatusOr<T> value) {
  Require(value.status());
  return std::move(value).value();
}

Bytes MapOf(const Bytes& model) {
  const TempDir dir;
  const std::filesystem::path path = dir.path() / "model.gguf";
  std::ofstream(path, std::ios::binary)
      .write(AsText(model).data(), static_cast<std::streamsize>(model.size()));
  return Require(LeafMap::Build(path)).Encode();
}

}  // namespace

ReleaseRepository::ReleaseRepository(const ModelLine& line, Time now, MemoryBlobFetcher& blobs)
    : line_(line),
      blobs_(blobs),
      root_key_(Require(security::GenerateEd25519())),
      targets_key_(Require(security::GenerateEd25519())),
      line_key_(Require(security::GenerateEd25519())),
      online_key_(Require(security::GenerateEd25519())),
      line_role_(tuf::Draft::New(tuf::RoleType::kTargets, now + kLongLife)) {
  tuf::Draft root = tuf::Draft::New(tuf::RoleType::kRoot, now + kLongLife);
  Require(root.AddKey("root", root_key_->public_key()));
  Require(root.AddKey("targets", targets_key_->public_key()));
  Require(root.AddKey("snapshot", online_key_->public_key()));
  Require(root.AddKey("timestamp", online_key_->public_key()));
  Require(root.Sign(*root_key_));
  files_["1.root.json"] = Require(root.Encode());
  tuf::Draft targets = tuf::Draft::New(tuf::RoleType::kTargets, now + kLongLife);
  tuf::DelegationSpec delegation;
  delegation.name = RoleOfLine(line);
  delegation.keys.push_back(line_key_->public_key());
  delegation.paths.push_back(RoleOfLine(line) + "/*");
  Require(targets.SetDelegation(delegation));
  Require(targets.Sign(*targets_key_));
  files_["1.targets.json"] = Require(targets.Encode());
  Publish(now);
}

ReleaseRepository::~ReleaseRepository() = default;

StatusOr<Bytes> ReleaseRepository::Fetch(const std::string& file_name, std::uint64_t max_bytes) {
  ++requests_;
  FLOTILLA_RETURN_IF_ERROR(offline_);
  const auto it = files_.find(file_name);
  if (it == files_.end()) {
    return WithReason(NotFound("HTTP status 404"), v1::FAILURE_REASON_FETCH_NOT_FOUND);
  }
  if (it->second.size() > max_bytes) {
    return WithReason(DataLoss("too large"), v1::FAILURE_REASON_FETCH_TOO_LARGE);
  }
  return it->second;
}

std::string ReleaseRepository::UrlPath(const TargetRef& target) {
  const std::size_t slash = target.path.rfind('/');
  return target.path.substr(0, slash + 1) + target.sha256.ToHex() + "." +
         target.path.substr(slash + 1);
}

TargetRef ReleaseRepository::AddTarget(const std::string& name, const Bytes& bytes) {
  TargetRef target;
  target.path = RoleOfLine(line_) + "/" + name;
  target.sha256 = security::Sha256(bytes);
  target.length = bytes.size();
  Require(line_role_.AddTarget(target.path, target.length, target.sha256, {}));
  blobs_.Put(UrlPath(target), bytes);
  return target;
}

VariantFile ReleaseRepository::AddFile(const std::string& kind, const std::string& name,
                                       const Bytes& bytes) {
  VariantFile file;
  file.kind = kind;
  file.target = AddTarget(name, bytes);
  if (kind != kChatTemplateKind) {
    file.map = AddTarget(name + ".map", MapOf(bytes));
  }
  return file;
}

v1::ReleaseRef ReleaseRepository::Add(const ReleaseSpec& spec) {
  ReleaseDocument document;
  document.line = line_;
  document.version = spec.version;
  document.release_counter = spec.counter;
  ReleaseVariant variant;
  variant.name = "full";
  variant.context_tokens = 512;
  variant.files.push_back(spec.base.has_value()
                              ? *spec.base
                              : AddFile(kModelKind, spec.version + "-full.gguf", spec.model));
  for (const AdapterSpec& adapter : spec.adapters) {
    VariantFile file =
        AddFile(kAdapterKind, spec.version + "." + adapter.name + ".gguf", adapter.bytes);
    file.name = adapter.name;
    file.scale_milli = 1500;
    variant.files.push_back(std::move(file));
  }
  if (!spec.chat_template.empty()) {
    variant.files.push_back(
        AddFile(kChatTemplateKind, spec.version + ".template", spec.chat_template));
  }
  document.variants.push_back(variant);
  if (!spec.golden.empty()) {
    document.golden =
        GoldenRef{AddTarget(spec.version + "-golden.jsonl", spec.golden), spec.floor_percent};
  }
  if (spec.edit) {
    spec.edit(document);
  }
  last_ = document;
  const TargetRef target =
      AddTarget(spec.version + ".release.json", Require(EncodeReleaseDocument(document)));
  v1::ReleaseRef ref;
  ref.set_line(line_.value());
  ref.set_version(spec.version);
  ref.set_target_path(target.path);
  ref.set_sha256(ToText(target.sha256.bytes()));
  ref.set_release_counter(spec.counter);
  return ref;
}

void ReleaseRepository::RaiseFloor(std::int64_t counter) {
  Require(line_role_.RaiseFloor(counter));
}

void ReleaseRepository::ResetFloor(std::int64_t counter) {
  Require(line_role_.ResetFloor(counter));
  tuf::Draft root = Require(tuf::Draft::Load(files_.at("1.root.json")));
  root.SetVersion(2);
  Require(root.SetFloorReset(RoleOfLine(line_), counter));
  Require(root.Sign(*root_key_));
  files_["2.root.json"] = Require(root.Encode());
}

void ReleaseRepository::Block(const Digest& digest) {
  Require(line_role_.Block(digest));
}

void ReleaseRepository::Publish(Time now) {
  line_role_.SetVersion(++line_version_);
  Require(line_role_.Sign(*line_key_));
  files_[tuf::MetadataFileName(RoleOfLine(line_), line_version_)] = Require(line_role_.Encode());
  const tuf::OnlineRoles online(*online_key_, *online_key_, tuf::OnlineLives());
  tuf::OnlineMetadata made = Require(online.SignAll(files_, now));
  files_[made.snapshot_name] = std::move(made.snapshot);
  files_["timestamp.json"] = std::move(made.timestamp);
}

}  // namespace flotilla::ota
