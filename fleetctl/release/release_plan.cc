#include "fleetctl/release/release_plan.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/file.h"
#include "ota/format/leaf_map.h"
#include "security/sha256.h"
#include "security/tuf/json.h"

namespace flotilla::fleetctl {
namespace {

namespace json = boost::json;

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

StatusOr<ota::GoldenRef> PlanGolden(const ReleaseSpec& spec, std::vector<PlannedTarget>& targets) {
  FLOTILLA_ASSIGN_OR_RETURN(Bytes bytes, ReadFile(*spec.golden, ota::kMaxGoldenBytes));
  FLOTILLA_RETURN_IF_ERROR(CheckGolden(*spec.golden, bytes));
  PlannedTarget planned = FromContent(BasePath(spec) + ".golden.jsonl", "golden", std::move(bytes));
  const ota::GoldenRef golden{.target = planned.target, .floor_percent = spec.golden_floor_percent};
  targets.push_back(std::move(planned));
  return golden;
}

StatusOr<ota::ReleaseVariant> PlanVariant(const ReleaseSpec& spec, const VariantSpec& variant,
                                          std::vector<PlannedTarget>& targets) {
  const std::string base = BasePath(spec) + "-" + variant.name;
  FLOTILLA_ASSIGN_OR_RETURN(PlannedTarget model, FromFile(base + ".gguf", "model", variant.file));
  FLOTILLA_ASSIGN_OR_RETURN(const ota::LeafMap map, ota::LeafMap::Build(variant.file));
  PlannedTarget leaves = FromContent(base + ".map", "map", map.Encode());
  ota::ReleaseVariant planned;
  planned.name = variant.name;
  planned.hardware = variant.hardware;
  planned.min_ram_mb = variant.min_ram_mb;
  planned.context_tokens = spec.context_tokens;
  planned.files.push_back({.kind = "model", .target = model.target, .map = leaves.target});
  targets.push_back(std::move(leaves));
  targets.push_back(std::move(model));
  return planned;
}

const json::object* MemberOf(const json::object* object, std::string_view name) {
  const json::value* value = object == nullptr ? nullptr : object->if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

// SHA-256 of a listed target, as text; empty when it is not listed.
std::string ListedHash(const tuf::Draft& role, const std::string& path) {
  const json::object* file = MemberOf(MemberOf(&role.signed_part(), "targets"), path);
  const json::object* hashes = MemberOf(file, "hashes");
  const json::value* text = hashes == nullptr ? nullptr : hashes->if_contains("sha256");
  return text == nullptr || !text->is_string() ? "" : std::string(text->get_string());
}

json::object CustomOf(const ReleaseSpec& spec, const PlannedTarget& planned) {
  json::object inner;
  inner["kind"] = planned.kind;
  inner["line"] = spec.line.value();
  inner["version"] = spec.version;
  inner["release_counter"] = static_cast<std::int64_t>(spec.release_counter);
  json::object custom;
  custom["flotilla"] = std::move(inner);
  return custom;
}

}  // namespace

StatusOr<std::vector<PlannedTarget>> PlanRelease(const ReleaseSpec& spec) {
  ota::ReleaseDocument document;
  document.line = spec.line;
  document.version = spec.version;
  document.release_counter = spec.release_counter;
  document.engine = spec.engine;
  document.min_agent = spec.min_agent;
  document.notes = spec.notes;
  std::vector<PlannedTarget> targets;
  if (spec.golden) {
    FLOTILLA_ASSIGN_OR_RETURN(document.golden, PlanGolden(spec, targets));
  }
  for (const VariantSpec& variant : spec.variants) {
    FLOTILLA_RETURN_IF_ERROR(CheckIdText(variant.name, "variant"));
    FLOTILLA_ASSIGN_OR_RETURN(ota::ReleaseVariant planned, PlanVariant(spec, variant, targets));
    document.variants.push_back(std::move(planned));
  }
  FLOTILLA_ASSIGN_OR_RETURN(Bytes bytes, ota::EncodeReleaseDocument(document));
  targets.push_back(
      FromContent(ota::ReleaseTargetPath(spec.line, spec.version), "release", std::move(bytes)));
  return targets;
}

Status AddTargets(tuf::Draft& role, const ReleaseSpec& spec,
                  const std::vector<PlannedTarget>& targets) {
  for (const PlannedTarget& planned : targets) {
    const std::string listed = ListedHash(role, planned.target.path);
    if (!listed.empty() && listed != planned.target.sha256.ToHex()) {
      return AlreadyExists("version " + spec.version + " of " + spec.line.value() +
                           " was released with other bytes: choose another version");
    }
    FLOTILLA_RETURN_IF_ERROR(role.AddTarget(planned.target.path, planned.target.length,
                                            planned.target.sha256, CustomOf(spec, planned)));
  }
  return OkStatus();
}

std::uint64_t NextReleaseCounter(const tuf::Draft& role) {
  std::int64_t highest = 0;
  const json::object* targets = MemberOf(&role.signed_part(), "targets");
  if (targets != nullptr) {
    for (const json::key_value_pair& member : *targets) {
      const json::object* flotilla =
          MemberOf(MemberOf(member.value().if_object(), "custom"), "flotilla");
      const json::value* counter =
          flotilla == nullptr ? nullptr : flotilla->if_contains("release_counter");
      if (counter != nullptr && counter->is_int64()) {
        highest = std::max(highest, counter->get_int64());
      }
    }
  }
  return static_cast<std::uint64_t>(highest) + 1;
}

StatusOr<std::map<std::string, std::string>> ParseNamed(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> named;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return InvalidArgument("'" + text + "': write NAME=VALUE");
    }
    if (!named.emplace(text.substr(0, equals), text.substr(equals + 1)).second) {
      return InvalidArgument("'" + text.substr(0, equals) + "' is given twice");
    }
  }
  return named;
}

}  // namespace flotilla::fleetctl
