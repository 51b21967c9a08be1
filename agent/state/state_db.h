#ifndef FLOTILLA_AGENT_STATE_STATE_DB_H_
#define FLOTILLA_AGENT_STATE_STATE_DB_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/status.h"

namespace flotilla::agent {

// A value of a row or of a statement's parameter: a number, or text or bytes.
using SqlValue = std::variant<std::int64_t, std::string>;
using SqlRow = std::vector<SqlValue>;

// state_dir/agent.db: WAL, synchronous=FULL, so that what was committed survives a power cut. Calls
// block for one disk sync at most. One thread: the agent's loop.
// Errors: RESOURCE_EXHAUSTED the disk is full; DATA_LOSS the file is no database or damaged
// (STORAGE_STATE_CORRUPT); FAILED_PRECONDITION read-only; UNAVAILABLE the rest.
class StateDb {
 public:
  // Creates the file and the tables that are missing.
  static StatusOr<std::unique_ptr<StateDb>> Open(const std::filesystem::path& path);
  // For looking only, beside a running agent.
  static StatusOr<std::unique_ptr<StateDb>> OpenReadOnly(const std::filesystem::path& path);
  ~StateDb();
  StateDb(const StateDb&) = delete;
  StateDb& operator=(const StateDb&) = delete;

  Status Run(std::string_view sql, const std::vector<SqlValue>& parameters = {});
  StatusOr<std::vector<SqlRow>> Query(std::string_view sql,
                                      const std::vector<SqlValue>& parameters = {});
  // All of `body` or nothing.
  Status Transaction(const std::function<Status()>& body);

 private:
  struct Impl;
  explicit StateDb(std::unique_ptr<Impl> impl);
  static StatusOr<std::unique_ptr<StateDb>> OpenWith(const std::filesystem::path& path, int flags);

  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_STATE_STATE_DB_H_
