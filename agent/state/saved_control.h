// What the controller said last, kept so that a start without a link goes on.
#ifndef FLOTILLA_AGENT_STATE_SAVED_CONTROL_H_
#define FLOTILLA_AGENT_STATE_SAVED_CONTROL_H_

#include <string>

#include "flotilla/v1/session.pb.h"

#include "agent/state/state_db.h"
#include "base/status.h"

namespace flotilla::agent {

// Generation 0 when there is none. DATA_LOSS: it does not parse.
StatusOr<v1::DesiredState> LoadDesiredState(StateDb& db);
Status SaveDesiredState(StateDb& db, const v1::DesiredState& desired);

// The last Welcome (its URLs lead to metadata and targets); empty when there is none.
StatusOr<v1::Welcome> LoadWelcome(StateDb& db);
Status SaveWelcome(StateDb& db, const v1::Welcome& welcome);

// The bundle that releases were installed from last; empty when there is none.
StatusOr<std::string> LoadBundlePath(StateDb& db);
Status SaveBundlePath(StateDb& db, const std::string& path);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_STATE_SAVED_CONTROL_H_
