#include "agent/state/saved_control.h"

#include <string>
#include <vector>

namespace flotilla::agent {
namespace {

template <typename Message>
StatusOr<Message> Load(StateDb& db, const std::string& name) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<SqlRow> rows,
                            db.Query("SELECT value FROM meta WHERE name=?1", {name}));
  Message message;
  if (rows.empty()) {
    return message;
  }
  const auto* bytes = std::get_if<std::string>(&rows[0][0]);
  if (bytes == nullptr || !message.ParseFromString(*bytes)) {
    return DataLoss("agent.db: " + name + " does not parse");
  }
  return message;
}

template <typename Message>
Status Save(StateDb& db, const std::string& name, const Message& message) {
  return db.Run("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", {name, message.SerializeAsString()});
}

}  // namespace

StatusOr<v1::DesiredState> LoadDesiredState(StateDb& db) {
  return Load<v1::DesiredState>(db, "desired");
}

Status SaveDesiredState(StateDb& db, const v1::DesiredState& desired) {
  return Save(db, "desired", desired);
}

StatusOr<v1::Welcome> LoadWelcome(StateDb& db) {
  return Load<v1::Welcome>(db, "welcome");
}

Status SaveWelcome(StateDb& db, const v1::Welcome& welcome) {
  return Save(db, "welcome", welcome);
}

StatusOr<std::string> LoadBundlePath(StateDb& db) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<SqlRow> rows,
                            db.Query("SELECT value FROM meta WHERE name='bundle'", {}));
  const auto* path = rows.empty() ? nullptr : std::get_if<std::string>(&rows[0][0]);
  return path == nullptr ? std::string() : *path;
}

Status SaveBundlePath(StateDb& db, const std::string& path) {
  return db.Run("INSERT OR REPLACE INTO meta VALUES ('bundle', ?1)", {path});
}

}  // namespace flotilla::agent
