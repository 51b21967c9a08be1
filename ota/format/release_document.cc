#include "ota/format/release_document.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "flotilla/v1/failure_reason.pb.h"

#include "security/tuf/json.h"
#include "security/tuf/limits.h"

namespace flotilla::ota {
namespace {

namespace json = boost::json;

constexpr std::int64_t kSchema = 1;
constexpr std::size_t kMaxNameBytes = 64;
constexpr std::size_t kMaxNotesBytes = 1024;
constexpr std::size_t kMaxHardwareNames = 32;
constexpr std::uint64_t kMaxMapBytes = std::uint64_t{80} << 20;
constexpr std::uint64_t kMaxRamMb = std::uint64_t{1} << 30;
constexpr std::uint64_t kMaxContextTokens = std::uint64_t{1} << 24;

Status SchemaError(const std::string& what) {
  return WithReason(DataLoss("release document: " + what), v1::FAILURE_REASON_FORM_SCHEMA);
}

StatusOr<std::string> GetText(const json::object& object, std::string_view key,
                              std::size_t max_bytes) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string() || value->get_string().size() > max_bytes) {
    return SchemaError(std::string(key) + " is not a text of at most " + std::to_string(max_bytes) +
                       " bytes");
  }
  return std::string(value->get_string().data(), value->get_string().size());
}

StatusOr<std::string> GetOptionalText(const json::object& object, std::string_view key,
                                      std::size_t max_bytes) {
  return object.contains(key) ? GetText(object, key, max_bytes) : std::string();
}

StatusOr<std::string> GetId(const json::object& object, std::string_view key) {
  FLOTILLA_ASSIGN_OR_RETURN(std::string text, GetText(object, key, kMaxNameBytes));
  if (const Status status = CheckIdText(text, key); !status.ok()) {
    return SchemaError(MessageOf(status));
  }
  return text;
}

StatusOr<std::uint64_t> GetNumber(const json::object& object, std::string_view key,
                                  std::uint64_t least, std::uint64_t most) {
  const json::value* value = object.if_contains(key);
  const std::int64_t* number = value == nullptr ? nullptr : value->if_int64();
  if (number == nullptr || *number < 0 || static_cast<std::uint64_t>(*number) < least ||
      static_cast<std::uint64_t>(*number) > most) {
    return SchemaError(std::string(key) + " is not a number from " + std::to_string(least) +
                       " to " + std::to_string(most));
  }
  return static_cast<std::uint64_t>(*number);
}

StatusOr<const json::object*> GetObject(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_object()) {
    return SchemaError(std::string(key) + " is not an object");
  }
  return &value->get_object();
}

StatusOr<const json::array*> GetArray(const json::object& object, std::string_view key,
                                      std::size_t max_size) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_array() || value->get_array().size() > max_size) {
    return SchemaError(std::string(key) + " is not a list of at most " + std::to_string(max_size));
  }
  return &value->get_array();
}

StatusOr<TargetRef> ParseTarget(const json::object& object, std::uint64_t max_bytes) {
  TargetRef target;
  FLOTILLA_ASSIGN_OR_RETURN(target.path, GetText(object, "path", tuf::kMaxPathBytes));
  FLOTILLA_ASSIGN_OR_RETURN(const std::string hex, GetText(object, "sha256", 2 * Digest::kSize));
  const StatusOr<Digest> sha256 = Digest::FromHex(hex);
  if (target.path.empty() || !sha256.ok() || sha256->IsZero()) {
    return SchemaError("a file without path or SHA-256");
  }
  target.sha256 = *sha256;
  FLOTILLA_ASSIGN_OR_RETURN(target.length, GetNumber(object, "length", 1, max_bytes));
  return target;
}

// Names in an optional list.
StatusOr<std::vector<std::string>> GetNames(const json::object& object, std::string_view key,
                                            std::size_t max_size) {
  std::vector<std::string> names;
  if (!object.contains(key)) {
    return names;
  }
  FLOTILLA_ASSIGN_OR_RETURN(const json::array* list, GetArray(object, key, max_size));
  for (const json::value& name : *list) {
    if (!name.is_string() || name.get_string().empty() ||
        name.get_string().size() > kMaxNameBytes) {
      return SchemaError(std::string(key) + " holds something that is no name");
    }
    names.emplace_back(name.get_string().data(), name.get_string().size());
  }
  return names;
}

Status ParseAdapter(const json::object& object, VariantFile& file) {
  FLOTILLA_ASSIGN_OR_RETURN(file.name, GetId(object, "name"));
  if (!object.contains("scale_milli")) {
    return OkStatus();
  }
  FLOTILLA_ASSIGN_OR_RETURN(const std::uint64_t scale,
                            GetNumber(object, "scale_milli", 0, kMaxScaleMilli));
  file.scale_milli = static_cast<std::uint32_t>(scale);
  return OkStatus();
}

StatusOr<VariantFile> ParseFile(const json::value& value) {
  if (!value.is_object()) {
    return SchemaError("a file that is no object");
  }
  const json::object& object = value.get_object();
  VariantFile file;
  FLOTILLA_ASSIGN_OR_RETURN(file.kind, GetId(object, "kind"));
  const bool is_template = file.kind == kChatTemplateKind;
  FLOTILLA_ASSIGN_OR_RETURN(
      file.target, ParseTarget(object, is_template ? kMaxChatTemplateBytes : kMaxModelBytes));
  if (file.kind == kModelKind || file.kind == kAdapterKind || object.contains("map")) {
    FLOTILLA_ASSIGN_OR_RETURN(const json::object* map, GetObject(object, "map"));
    FLOTILLA_ASSIGN_OR_RETURN(file.map, ParseTarget(*map, kMaxMapBytes));
  }
  if (file.kind == kAdapterKind) {
    FLOTILLA_RETURN_IF_ERROR(ParseAdapter(object, file));
  }
  const json::value* optional = object.if_contains("optional");
  file.optional = optional != nullptr && optional->is_bool() && optional->get_bool();
  return file;
}

// One model, at most one template, no file twice, no name twice.
Status CheckFiles(const ReleaseVariant& variant) {
  const auto count = [&](const char* kind) {
    return std::count_if(variant.files.begin(), variant.files.end(),
                         [&](const VariantFile& file) { return file.kind == kind; });
  };
  if (count(kModelKind) != 1) {
    return SchemaError("variant " + variant.name + " does not have exactly one model file");
  }
  if (count(kChatTemplateKind) > 1) {
    return SchemaError("variant " + variant.name + " has two chat templates");
  }
  std::set<std::string> names;
  std::set<Digest> digests;
  for (const VariantFile& file : variant.files) {
    if (!digests.insert(file.target.sha256).second) {
      return SchemaError("variant " + variant.name + " has one file twice");
    }
    if (file.kind == kAdapterKind && !names.insert(file.name).second) {
      return SchemaError("variant " + variant.name + " has two adapters named " + file.name);
    }
  }
  return OkStatus();
}

Status ParseNeeds(const json::object& object, ReleaseVariant& variant) {
  FLOTILLA_ASSIGN_OR_RETURN(variant.hardware, GetNames(object, "hw", kMaxHardwareNames));
  FLOTILLA_ASSIGN_OR_RETURN(variant.architectures, GetNames(object, "arch", kMaxHardwareNames));
  FLOTILLA_ASSIGN_OR_RETURN(variant.cpu_features, GetNames(object, "cpu", kMaxHardwareNames));
  FLOTILLA_ASSIGN_OR_RETURN(variant.quantisation,
                            GetOptionalText(object, "quantisation", kMaxNameBytes));
  FLOTILLA_ASSIGN_OR_RETURN(variant.min_ram_mb, GetNumber(object, "min_ram_mb", 0, kMaxRamMb));
  FLOTILLA_ASSIGN_OR_RETURN(const std::uint64_t context,
                            GetNumber(object, "context_tokens", 0, kMaxContextTokens));
  variant.context_tokens = static_cast<std::uint32_t>(context);
  if (object.contains("context_bytes")) {
    FLOTILLA_ASSIGN_OR_RETURN(variant.context_bytes,
                              GetNumber(object, "context_bytes", 0, kMaxModelBytes));
  }
  return OkStatus();
}

StatusOr<ReleaseVariant> ParseVariant(const json::value& value) {
  if (!value.is_object()) {
    return SchemaError("a variant that is no object");
  }
  const json::object& object = value.get_object();
  ReleaseVariant variant;
  FLOTILLA_ASSIGN_OR_RETURN(variant.name, GetId(object, "name"));
  FLOTILLA_RETURN_IF_ERROR(ParseNeeds(object, variant));
  FLOTILLA_ASSIGN_OR_RETURN(const json::array* files,
                            GetArray(object, "files", kMaxFilesPerVariant));
  for (const json::value& item : *files) {
    FLOTILLA_ASSIGN_OR_RETURN(VariantFile file, ParseFile(item));
    variant.files.push_back(std::move(file));
  }
  FLOTILLA_RETURN_IF_ERROR(CheckFiles(variant));
  return variant;
}

Status ParseVariants(const json::object& object, ReleaseDocument& document) {
  FLOTILLA_ASSIGN_OR_RETURN(const json::array* variants,
                            GetArray(object, "variants", kMaxVariants));
  std::set<std::string> names;
  for (const json::value& item : *variants) {
    FLOTILLA_ASSIGN_OR_RETURN(ReleaseVariant variant, ParseVariant(item));
    if (!names.insert(variant.name).second) {
      return SchemaError("two variants named " + variant.name);
    }
    document.variants.push_back(std::move(variant));
  }
  return document.variants.empty() ? SchemaError("no variants") : OkStatus();
}

Status ParseGolden(const json::object& object, ReleaseDocument& document) {
  if (!object.contains("golden")) {
    return OkStatus();
  }
  FLOTILLA_ASSIGN_OR_RETURN(const json::object* golden, GetObject(object, "golden"));
  GoldenRef ref;
  FLOTILLA_ASSIGN_OR_RETURN(ref.target, ParseTarget(*golden, kMaxGoldenBytes));
  FLOTILLA_ASSIGN_OR_RETURN(const std::uint64_t floor, GetNumber(*golden, "floor_percent", 0, 100));
  ref.floor_percent = static_cast<std::uint32_t>(floor);
  document.golden = std::move(ref);
  return OkStatus();
}

Status ParseStandIn(const json::object& object, ReleaseDocument& document) {
  FLOTILLA_ASSIGN_OR_RETURN(document.fallback_answer,
                            GetOptionalText(object, "fallback_answer", kMaxFallbackAnswerBytes));
  if (object.contains("max_age_seconds")) {
    FLOTILLA_ASSIGN_OR_RETURN(
        document.max_age_seconds,
        GetNumber(object, "max_age_seconds", kLeastMaxAgeSeconds, kMostMaxAgeSeconds));
  }
  return OkStatus();
}

json::object EncodeTarget(const TargetRef& target) {
  return {{"path", target.path},
          {"sha256", target.sha256.ToHex()},
          {"length", static_cast<std::int64_t>(target.length)}};
}

json::object EncodeFile(const VariantFile& file) {
  json::object item = EncodeTarget(file.target);
  item["kind"] = file.kind;
  if (file.has_map()) {
    item["map"] = EncodeTarget(file.map);
  }
  if (file.kind == kAdapterKind) {
    item["name"] = file.name;
    item["scale_milli"] = static_cast<std::int64_t>(file.scale_milli);
  }
  if (file.optional) {
    item["optional"] = true;
  }
  return item;
}

json::array EncodeNames(const std::vector<std::string>& names) {
  json::array list;
  for (const std::string& name : names) {
    list.emplace_back(name);
  }
  return list;
}

json::object EncodeVariant(const ReleaseVariant& variant) {
  json::array files;
  for (const VariantFile& file : variant.files) {
    files.push_back(EncodeFile(file));
  }
  json::object object = {{"name", variant.name},
                         {"hw", EncodeNames(variant.hardware)},
                         {"min_ram_mb", static_cast<std::int64_t>(variant.min_ram_mb)},
                         {"context_tokens", static_cast<std::int64_t>(variant.context_tokens)},
                         {"files", std::move(files)}};
  if (!variant.architectures.empty()) {
    object["arch"] = EncodeNames(variant.architectures);
  }
  if (!variant.cpu_features.empty()) {
    object["cpu"] = EncodeNames(variant.cpu_features);
  }
  if (!variant.quantisation.empty()) {
    object["quantisation"] = variant.quantisation;
  }
  if (variant.context_bytes > 0) {
    object["context_bytes"] = static_cast<std::int64_t>(variant.context_bytes);
  }
  return object;
}

}  // namespace

const VariantFile& ReleaseVariant::model() const {
  return *std::find_if(files.begin(), files.end(),
                       [](const auto& file) { return file.kind == kModelKind; });
}

std::string RoleOfLine(const ModelLine& line) {
  return "models-" + line.value();
}

std::string ReleaseTargetPath(const ModelLine& line, const std::string& version) {
  return RoleOfLine(line) + "/" + version + ".release.json";
}

StatusOr<ReleaseDocument> ParseReleaseDocument(ByteView bytes) {
  FLOTILLA_ASSIGN_OR_RETURN(const json::value value,
                            tuf::ParseJson(bytes, kMaxReleaseDocumentBytes));
  if (!value.is_object()) {
    return SchemaError("not an object");
  }
  const json::object& object = value.get_object();
  FLOTILLA_RETURN_IF_ERROR(GetNumber(object, "schema", kSchema, kSchema).status());
  ReleaseDocument document;
  FLOTILLA_ASSIGN_OR_RETURN(const std::string line, GetText(object, "line", 128));
  StatusOr<ModelLine> parsed_line = ModelLine::Parse(line);
  if (!parsed_line.ok()) {
    return SchemaError(MessageOf(parsed_line.status()));
  }
  document.line = std::move(parsed_line).value();
  FLOTILLA_ASSIGN_OR_RETURN(document.version, GetId(object, "version"));
  FLOTILLA_ASSIGN_OR_RETURN(document.release_counter,
                            GetNumber(object, "release_counter", 1, INT64_MAX));
  FLOTILLA_ASSIGN_OR_RETURN(document.engine, GetOptionalText(object, "engine", kMaxNameBytes));
  FLOTILLA_ASSIGN_OR_RETURN(document.min_agent,
                            GetOptionalText(object, "min_agent", kMaxNameBytes));
  FLOTILLA_ASSIGN_OR_RETURN(document.notes, GetOptionalText(object, "notes", kMaxNotesBytes));
  FLOTILLA_RETURN_IF_ERROR(ParseStandIn(object, document));
  FLOTILLA_ASSIGN_OR_RETURN(document.required, GetNames(object, "requires", kMaxRequirements));
  FLOTILLA_RETURN_IF_ERROR(ParseGolden(object, document));
  FLOTILLA_RETURN_IF_ERROR(ParseVariants(object, document));
  return document;
}

StatusOr<Bytes> EncodeReleaseDocument(const ReleaseDocument& document) {
  json::object object = {{"schema", kSchema},
                         {"line", document.line.value()},
                         {"version", document.version},
                         {"release_counter", static_cast<std::int64_t>(document.release_counter)},
                         {"engine", document.engine},
                         {"min_agent", document.min_agent},
                         {"notes", document.notes}};
  if (document.golden.has_value()) {
    json::object golden = EncodeTarget(document.golden->target);
    golden["floor_percent"] = static_cast<std::int64_t>(document.golden->floor_percent);
    object["golden"] = std::move(golden);
  }
  if (!document.fallback_answer.empty()) {
    object["fallback_answer"] = document.fallback_answer;
  }
  if (document.max_age_seconds > 0) {
    object["max_age_seconds"] = static_cast<std::int64_t>(document.max_age_seconds);
  }
  if (!document.required.empty()) {
    object["requires"] = EncodeNames(document.required);
  }
  json::array variants;
  for (const ReleaseVariant& variant : document.variants) {
    variants.push_back(EncodeVariant(variant));
  }
  object["variants"] = std::move(variants);
  FLOTILLA_ASSIGN_OR_RETURN(const std::string text, tuf::EncodeLegible(json::value(object)));
  Bytes bytes = ToBytes(text);
  if (const auto read_back = ParseReleaseDocument(bytes); !read_back.ok()) {
    return InvalidArgument(MessageOf(read_back.status()));
  }
  return bytes;
}

}  // namespace flotilla::ota
