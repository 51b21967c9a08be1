#ifndef FLOTILLA_TESTS_SUPPORT_POSTGRES_CLUSTER_H_
#define FLOTILLA_TESTS_SUPPORT_POSTGRES_CLUSTER_H_

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/status.h"
#include "base/unique_fd.h"
#include "tests/support/temp_dir.h"

namespace flotilla {

// Whether commits of the cluster reach the disk.
enum class ClusterSync { kUnspecified, kOff, kOn };

// A PostgreSQL server of its own in a temporary folder, on a unix socket alone; ends with this
// object, and with the test if that dies. It never runs as root: then as user postgres or nobody.
// Its superuser is "flotilla". One thread.
class PostgresCluster {
 public:
  // NOT_FOUND: no PostgreSQL is installed.
  static StatusOr<std::unique_ptr<PostgresCluster>> Start(ClusterSync sync);
  // One for the whole test program, without sync, started at the first call; null: none is
  // installed, which is said, or it does not start, which fails the test.
  static PostgresCluster* OfProgram();
  ~PostgresCluster();
  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;

  // A folder that the server's user may enter; the socket lies in it.
  const std::filesystem::path& folder() const { return folder_.path(); }
  // A new, empty database; its name.
  std::string NewDatabase();
  // The same database each time, emptied, with no setting of its own: sooner than a new one. Nobody
  // uses it.
  std::string EmptiedDatabase();
  // How it is reached: libpq's keywords.
  std::string Address(const std::string& database) const;
  // Runs statements as superuser; the first value of the result, or empty. Fails the test if the
  // server refuses.
  std::string Run(const std::string& database, const std::string& sql) const;
  // Hands a folder to the server's user.
  void Own(const std::filesystem::path& path) const;

  // Ends the server as a crash does (SIGQUIT).
  void Crash();
  // Ends it in order, sessions included.
  void Stop();
  Status Boot();

 private:
  explicit PostgresCluster(ClusterSync sync);
  Status MakeData();

  TempDir folder_;
  const ClusterSync sync_;
  std::filesystem::path programs_;
  pid_t pid_ = 0;
  // What the server says; kept open, it would end for want of a reader.
  UniqueFd log_;
  int databases_ = 0;
};

}  // namespace flotilla

#endif  // FLOTILLA_TESTS_SUPPORT_POSTGRES_CLUSTER_H_
