#include "fleetctl/release/release_plan.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace flotilla::fleetctl {
namespace {

namespace json = boost::json;

const json::object* MemberOf(const json::object* object, std::string_view name) {
  const json::value* value = object == nullptr ? nullptr : object->if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
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

std::string ListedHash(const tuf::Draft& role, const std::string& path) {
  const json::object* file = MemberOf(MemberOf(&role.signed_part(), "targets"), path);
  const json::object* hashes = MemberOf(file, "hashes");
  const json::value* text = hashes == nullptr ? nullptr : hashes->if_contains("sha256");
  return text == nullptr || !text->is_string() ? "" : std::string(text->get_string());
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
