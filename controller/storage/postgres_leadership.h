#ifndef FLOTILLA_CONTROLLER_STORAGE_POSTGRES_LEADERSHIP_H_
#define FLOTILLA_CONTROLLER_STORAGE_POSTGRES_LEADERSHIP_H_

#include <string>
#include <utility>

#include "controller/replica/leadership.h"
#include "controller/storage/postgres_dialect.h"
#include "controller/storage/sql_connection.h"

namespace flotilla::controller {

// Leadership by an advisory lock of the connection that the leader's store writes with, and by the
// one row of table `leaders`, whose epoch the transaction that takes over counts up.
class PostgresLeadership final : public Leadership {
 public:
  // `conninfo` as PostgresConninfo gives it. Connects when it is needed.
  explicit PostgresLeadership(std::string conninfo);

  StatusOr<LeaderTerm> Acquire() override;
  Status Publish(const Leader& leader) override;
  StatusOr<Leader> Newest() override;

 private:
  const std::string conninfo_;
  SqlConnection connection_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_POSTGRES_LEADERSHIP_H_
