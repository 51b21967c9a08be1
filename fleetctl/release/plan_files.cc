#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "absl/strings/numbers.h"

#include "base/file.h"
#include "engine/gguf/adapter_check.h"
#include "engine/gguf/model_facts.h"
#include "fleetctl/release/release_plan.h"
#include "ota/format/leaf_map.h"
#include "ota/format/requirements.h"
#include "security/sha256.h"
#include "security/tuf/json.h"

namespace flotilla::fleetctl {
namespace {

namespace json = boost::json;

// The context that the engine makes when a release names none.
constexpr std::uint64_t kDefaultContextTokens = 4096;

std::string BasePath(const ReleaseSpec& spec) {
  return ota::RoleOfLine(spec.line) + "/" + spec.version;
}

PlannedTarget FromContent(const std::string& path, const std::string& kind, Bytes content) {
  PlannedTarget planned;
  planned.target = {.path = path, .sha256 = security::Sha256(content), .length = content.size()};
  planned.kind = kind;
  planned.content = std::move(content);
  return planned;
}

StatusOr<PlannedTarget> FromFile(const std::string& path, const std::string& kind,
                                 const std::filesystem::path& file) {
  PlannedTarget planned;
  planned.target.path = path;
  FLOTILLA_ASSIGN_OR_RETURN(planned.target.length, FileSize(file));
  FLOTILLA_ASSIGN_OR_RETURN(planned.target.sha256, security::Sha256File(file));
  planned.kind = kind;
  planned.file = file;
  return planned;
}

// Every line is an object with a prompt and what is expected.
Status CheckGolden(const std::filesystem::path& file, const Bytes& bytes) {
  std::string_view rest = AsText(bytes);
  for (int number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
      continue;
    }
    const auto value = tuf::ParseJson(AsBytes(line), ota::kMaxGoldenBytes);
    const json::object* object = value.ok() ? value->if_object() : nullptr;
    if (object == nullptr || !object->contains("prompt") || !object->contains("expected")) {
      return InvalidArgument(file.string() + ":" + std::to_string(number) +
                             R"(: write {"prompt": "..", "expected": "..", "label": ".."})");
    }
  }
  return OkStatus();
}

// Collects the targets of one release in the order in which they are uploaded.
class Planner {
 public:
  explicit Planner(const ReleaseSpec& spec) : spec_(spec) {}

  StatusOr<std::vector<PlannedTarget>> Plan();

 private:
  StatusOr<ota::VariantFile> AddLargeFile(const std::string& path, const std::string& map_path,
                                          const char* kind, const std::filesystem::path& file);
  StatusOr<ota::GoldenRef> AddGolden();
  StatusOr<ota::VariantFile> AddChatTemplate();
  // What every variant gets beside its model.
  StatusOr<std::vector<ota::VariantFile>> AddCommonFiles();
  StatusOr<ota::ReleaseVariant> AddVariant(const VariantSpec& variant);
  void TakeFacts(const gguf::Header& header, ota::ReleaseVariant& variant) const;
  Status CheckAdapters(const std::filesystem::path& model) const;
  // The base's variants without what this release replaces.
  std::vector<ota::ReleaseVariant> BaseVariants() const;

  const ReleaseSpec& spec_;
  std::vector<PlannedTarget> targets_;
};

StatusOr<ota::VariantFile> Planner::AddLargeFile(const std::string& path,
                                                 const std::string& map_path, const char* kind,
                                                 const std::filesystem::path& file) {
  FLOTILLA_ASSIGN_OR_RETURN(PlannedTarget large, FromFile(path, kind, file));
  FLOTILLA_ASSIGN_OR_RETURN(const ota::LeafMap map, ota::LeafMap::Build(file));
  PlannedTarget leaves = FromContent(map_path, "map", map.Encode());
  ota::VariantFile planned;
  planned.kind = kind;
  planned.target = large.target;
  planned.map = leaves.target;
  targets_.push_back(std::move(leaves));
  targets_.push_back(std::move(large));
  return planned;
}

StatusOr<ota::GoldenRef> Planner::AddGolden() {
  FLOTILLA_ASSIGN_OR_RETURN(Bytes bytes, ReadFile(*spec_.golden, ota::kMaxGoldenBytes));
  FLOTILLA_RETURN_IF_ERROR(CheckGolden(*spec_.golden, bytes));
  PlannedTarget planned =
      FromContent(BasePath(spec_) + ".golden.jsonl", "golden", std::move(bytes));
  const ota::GoldenRef golden{.target = planned.target,
                              .floor_percent = spec_.golden_floor_percent};
  targets_.push_back(std::move(planned));
  return golden;
}

StatusOr<ota::VariantFile> Planner::AddChatTemplate() {
  FLOTILLA_ASSIGN_OR_RETURN(Bytes bytes,
                            ReadFile(*spec_.chat_template, ota::kMaxChatTemplateBytes));
  if (bytes.empty()) {
    return InvalidArgument(spec_.chat_template->string() + " is empty");
  }
  PlannedTarget planned =
      FromContent(BasePath(spec_) + ".chat_template.txt", ota::kChatTemplateKind, std::move(bytes));
  ota::VariantFile file;
  file.kind = ota::kChatTemplateKind;
  file.target = planned.target;
  targets_.push_back(std::move(planned));
  return file;
}

StatusOr<std::vector<ota::VariantFile>> Planner::AddCommonFiles() {
  std::vector<ota::VariantFile> files;
  for (const AdapterSpec& adapter : spec_.adapters) {
    const std::string base = BasePath(spec_) + "." + adapter.name + ".lora";
    FLOTILLA_ASSIGN_OR_RETURN(ota::VariantFile file, AddLargeFile(base + ".gguf", base + ".map",
                                                                  ota::kAdapterKind, adapter.file));
    file.name = adapter.name;
    file.scale_milli = adapter.scale_milli;
    files.push_back(std::move(file));
  }
  if (spec_.chat_template.has_value()) {
    FLOTILLA_ASSIGN_OR_RETURN(ota::VariantFile file, AddChatTemplate());
    files.push_back(std::move(file));
  }
  return files;
}

void Planner::TakeFacts(const gguf::Header& header, ota::ReleaseVariant& variant) const {
  const gguf::ModelFacts facts = gguf::ReadModelFacts(header);
  variant.quantisation = facts.quantisation;
  const std::uint64_t tokens = spec_.context_tokens != 0
                                   ? spec_.context_tokens
                                   : std::min(facts.trained_context, kDefaultContextTokens);
  if (__builtin_mul_overflow(tokens, facts.context_bytes_per_token, &variant.context_bytes)) {
    variant.context_bytes = 0;
  }
}

Status Planner::CheckAdapters(const std::filesystem::path& model) const {
  if (spec_.adapters.empty()) {
    return OkStatus();
  }
  FLOTILLA_ASSIGN_OR_RETURN(const gguf::Header base, gguf::ReadHeader(model));
  for (const AdapterSpec& adapter : spec_.adapters) {
    const auto header = gguf::ReadHeader(adapter.file);
    const Status status = header.ok() ? gguf::CheckAdapter(*header, base) : header.status();
    if (!status.ok()) {
      return InvalidArgument(adapter.file.string() + " on " + model.string() + ": " +
                             MessageOf(status));
    }
  }
  return OkStatus();
}

StatusOr<ota::ReleaseVariant> Planner::AddVariant(const VariantSpec& variant) {
  FLOTILLA_RETURN_IF_ERROR(CheckIdText(variant.name, "variant"));
  FLOTILLA_RETURN_IF_ERROR(CheckAdapters(variant.file));
  const std::string base = BasePath(spec_) + "-" + variant.name;
  ota::ReleaseVariant planned;
  planned.name = variant.name;
  planned.hardware = variant.hardware;
  planned.architectures = variant.architectures;
  planned.cpu_features = variant.cpu_features;
  planned.min_ram_mb = variant.min_ram_mb;
  planned.context_tokens = spec_.context_tokens;
  FLOTILLA_ASSIGN_OR_RETURN(ota::VariantFile model, AddLargeFile(base + ".gguf", base + ".map",
                                                                 ota::kModelKind, variant.file));
  planned.files.push_back(std::move(model));
  if (const auto header = gguf::ReadHeader(variant.file); header.ok()) {
    TakeFacts(*header, planned);
  }
  return planned;
}

std::vector<ota::ReleaseVariant> Planner::BaseVariants() const {
  std::vector<ota::ReleaseVariant> variants = spec_.base->variants;
  for (ota::ReleaseVariant& variant : variants) {
    std::erase_if(variant.files, [this](const ota::VariantFile& file) {
      return file.kind == ota::kAdapterKind ||
             (file.kind == ota::kChatTemplateKind && spec_.chat_template.has_value());
    });
  }
  return variants;
}

StatusOr<std::vector<PlannedTarget>> Planner::Plan() {
  ota::ReleaseDocument document;
  document.line = spec_.line;
  document.version = spec_.version;
  document.release_counter = spec_.release_counter;
  document.engine = spec_.engine;
  document.min_agent = spec_.min_agent;
  document.notes = spec_.notes;
  document.fallback_answer = spec_.fallback_answer;
  document.max_age_seconds = spec_.max_age_seconds;
  if (spec_.golden) {
    FLOTILLA_ASSIGN_OR_RETURN(document.golden, AddGolden());
  } else if (spec_.base.has_value()) {
    document.golden = spec_.base->golden;
    if (document.golden.has_value() && spec_.golden_floor_percent > 0) {
      document.golden->floor_percent = spec_.golden_floor_percent;
    }
  }
  if (spec_.base.has_value()) {
    document.variants = BaseVariants();
  }
  for (const VariantSpec& variant : spec_.variants) {
    FLOTILLA_ASSIGN_OR_RETURN(ota::ReleaseVariant planned, AddVariant(variant));
    document.variants.push_back(std::move(planned));
  }
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<ota::VariantFile> common, AddCommonFiles());
  for (ota::ReleaseVariant& variant : document.variants) {
    variant.files.insert(variant.files.end(), common.begin(), common.end());
  }
  document.required = ota::RequirementsOf(document);
  FLOTILLA_ASSIGN_OR_RETURN(Bytes bytes, ota::EncodeReleaseDocument(document));
  targets_.push_back(
      FromContent(ota::ReleaseTargetPath(spec_.line, spec_.version), "release", std::move(bytes)));
  return std::move(targets_);
}

}  // namespace

StatusOr<std::vector<PlannedTarget>> PlanRelease(const ReleaseSpec& spec) {
  return Planner(spec).Plan();
}

StatusOr<AdapterSpec> ParseAdapter(const std::string& text) {
  constexpr double kMilli = 1000.0;
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) {
    return InvalidArgument("--adapter " + text + ": write NAME=FILE or NAME=FILE:SCALE");
  }
  AdapterSpec adapter;
  adapter.name = text.substr(0, equals);
  FLOTILLA_RETURN_IF_ERROR(CheckIdText(adapter.name, "adapter"));
  std::string file = text.substr(equals + 1);
  const std::size_t colon = file.rfind(':');
  double scale = 1.0;
  if (colon != std::string::npos && absl::SimpleAtod(file.substr(colon + 1), &scale)) {
    file.resize(colon);
  }
  const double milli = std::round(scale * kMilli);
  if (file.empty() || !(milli >= 0.0 && milli <= ota::kMaxScaleMilli) ||
      std::abs(milli - scale * kMilli) > 1e-6) {
    return InvalidArgument("--adapter " + text +
                           ": the scale is a number from 0 to 4 with at most three decimals");
  }
  adapter.file = file;
  adapter.scale_milli = static_cast<std::uint32_t>(milli);
  return adapter;
}

}  // namespace flotilla::fleetctl
