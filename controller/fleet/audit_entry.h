#ifndef FLOTILLA_CONTROLLER_FLEET_AUDIT_ENTRY_H_
#define FLOTILLA_CONTROLLER_FLEET_AUDIT_ENTRY_H_

#include <string>

#include "flotilla/v1/admin.pb.h"
#include "flotilla/v1/rollout.pb.h"

namespace flotilla::controller {

inline constexpr char kControllerActor[] = "controller";

// An entry with actor ("operator:alice"), action ("token.create"), subject ("token/ab12") and
// detail (cut at 1 KiB); the ledger fills in seq and time.
v1::AuditEntry MakeAuditEntry(const std::string& actor, const std::string& action,
                              const std::string& subject, const std::string& detail);

// "rollout.aborted": what a rollout that came into `state` by itself did.
std::string RolloutStateAction(v1::RolloutState state);
// "rollout.start": what an operator did to a rollout.
std::string RolloutActionText(v1::RolloutAction action);
// "alice" of "operator:alice".
std::string ActorName(const std::string& actor);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_AUDIT_ENTRY_H_
