#include "controller/fleet/audit_entry.h"

#include <cctype>
#include <cstddef>
#include <string_view>

namespace flotilla::controller {
namespace {

constexpr std::size_t kMaxDetailBytes = 1024;

// "ROLLOUT_STATE_ABORTED" without its prefix, in lower case.
std::string Short(const std::string& name, std::string_view prefix) {
  std::string out;
  for (const char letter : name.substr(std::min(prefix.size(), name.size()))) {
    out.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(letter))));
  }
  return out;
}

// Cuts at a character's start, so that the text stays UTF-8.
std::string CutText(const std::string& text, std::size_t most) {
  if (text.size() <= most) {
    return text;
  }
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) {
    --end;
  }
  return text.substr(0, end);
}

}  // namespace

v1::AuditEntry MakeAuditEntry(const std::string& actor, const std::string& action,
                              const std::string& subject, const std::string& detail) {
  v1::AuditEntry entry;
  entry.set_actor(actor);
  entry.set_action(action);
  entry.set_subject(subject);
  entry.set_detail(CutText(detail, kMaxDetailBytes));
  return entry;
}

std::string RolloutStateAction(v1::RolloutState state) {
  return "rollout." + Short(v1::RolloutState_Name(state), "ROLLOUT_STATE_");
}

std::string RolloutActionText(v1::RolloutAction action) {
  return "rollout." + Short(v1::RolloutAction_Name(action), "ROLLOUT_ACTION_");
}

std::string ActorName(const std::string& actor) {
  const std::size_t colon = actor.find(':');
  return colon == std::string::npos ? actor : actor.substr(colon + 1);
}

}  // namespace flotilla::controller
