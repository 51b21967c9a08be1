#include "fleetctl/trust/stage_view.h"

#include <algorithm>
#include <ostream>
#include <string>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "fleetctl/trust/metadata_diff.h"
#include "security/sha256.h"
#include "security/tuf/online_roles.h"

namespace flotilla::fleetctl {
namespace {

namespace json = boost::json;

std::string ShortIds(const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) {
    text += (text.empty() ? "" : ", ") + ShortKeyId(id);
  }
  return text.empty() ? "nobody" : text;
}

std::string Title(const Stage& stage, const StagedFile& file) {
  const std::string name = file.role + " " + std::to_string(file.version);
  const tuf::Draft* before = stage.FindTrusted(file.role);
  if (before == nullptr) {
    return name + ", the first one this stage knows of";
  }
  std::string title = name + " replaces " + file.role + " " + std::to_string(before->version());
  if (file.role == "root" && !stage.folder().empty()) {
    const auto digest = security::Sha256File(stage.folder() / "trusted" /
                                             tuf::MetadataFileName("root", before->version()));
    title += digest.ok() ? " (SHA-256 " + digest->ToHex().substr(0, 16) + "...)" : "";
  }
  return title;
}

std::string NeedText(const Requirement& need) {
  std::string text = "  keys of " + need.of + ": " + std::to_string(need.signed_by.size()) +
                     " of " + std::to_string(need.threshold) + " signatures, by " +
                     ShortIds(need.signed_by);
  if (!need.met) {
    text += "; may still sign: " + ShortIds(need.missing);
  }
  return text;
}

json::array TextArray(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) {
    array.emplace_back(text);
  }
  return array;
}

json::object NeedJson(const Requirement& need) {
  json::object object;
  object["of"] = need.of;
  object["threshold"] = need.threshold;
  object["signed_by"] = TextArray(need.signed_by);
  object["missing"] = TextArray(need.missing);
  object["met"] = need.met;
  return object;
}

StatusOr<std::vector<std::string>> ChangesOf(const Stage& stage, const StagedFile& file, Time now) {
  return DiffMetadata(file.role, stage.FindTrusted(file.role), *stage.Find(file.role), now);
}

}  // namespace

bool IsComplete(const std::vector<StagedFile>& files) {
  return std::all_of(files.begin(), files.end(),
                     [](const StagedFile& file) { return file.complete(); });
}

Status PrintStage(std::ostream& out, const Stage& stage, Time now) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<StagedFile> files, stage.Files());
  for (const StagedFile& file : files) {
    FLOTILLA_ASSIGN_OR_RETURN(const auto changes, ChangesOf(stage, file, now));
    out << Title(stage, file) << "\n";
    for (const std::string& line : changes) {
      out << "  " << line << "\n";
    }
    for (const Requirement& need : file.requirements) {
      out << NeedText(need) << "\n";
    }
  }
  return OkStatus();
}

StatusOr<json::object> StageJson(const Stage& stage, Time now) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<StagedFile> files, stage.Files());
  json::array list;
  for (const StagedFile& file : files) {
    FLOTILLA_ASSIGN_OR_RETURN(const auto changes, ChangesOf(stage, file, now));
    json::object object;
    object["role"] = file.role;
    object["version"] = file.version;
    const tuf::Draft* before = stage.FindTrusted(file.role);
    object["replaces"] = before == nullptr ? 0 : before->version();
    object["expires"] = UtcText(stage.Find(file.role)->expires());
    object["changes"] = TextArray(changes);
    json::array needs;
    for (const Requirement& need : file.requirements) {
      needs.push_back(NeedJson(need));
    }
    object["requirements"] = std::move(needs);
    object["complete"] = file.complete();
    list.push_back(std::move(object));
  }
  json::object answer;
  answer["files"] = std::move(list);
  answer["complete"] = IsComplete(files);
  return answer;
}

}  // namespace flotilla::fleetctl
