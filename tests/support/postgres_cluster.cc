#include "tests/support/postgres_cluster.h"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include <libpq-fe.h>

#include <gtest/gtest.h>
#include "absl/strings/str_cat.h"

namespace flotilla {
namespace {

namespace stdfs = std::filesystem;

// Who the server runs as.
struct ServerUser {
  uid_t uid = 0;
  gid_t gid = 0;
};

ServerUser FindUser() {
  if (::geteuid() != 0) {
    return {::geteuid(), ::getegid()};
  }
  for (const char* name : {"postgres", "nobody"}) {
    const passwd* const entry = ::getpwnam(name);  // NOLINT(concurrency-mt-unsafe): one thread
    if (entry != nullptr) {
      return {entry->pw_uid, entry->pw_gid};
    }
  }
  return {};
}

// The newest version's folder of programs; empty: none.
stdfs::path FindPrograms() {
  std::error_code error;
  std::set<stdfs::path> found;
  for (const auto& version : stdfs::directory_iterator("/usr/lib/postgresql", error)) {
    if (stdfs::exists(version.path() / "bin" / "initdb", error)) {
      found.insert(version.path() / "bin");
    }
  }
  return found.empty() ? stdfs::path() : *found.rbegin();
}

// As the server's user, and it ends when this process does.
std::vector<std::string> AsServerUser(std::vector<std::string> words) {
  const ServerUser user = FindUser();
  std::vector<std::string> all = {"setpriv", "--pdeathsig", "INT"};
  if (::geteuid() == 0) {
    all.insert(all.end(), {absl::StrCat("--reuid=", user.uid), absl::StrCat("--regid=", user.gid),
                           "--clear-groups"});
  }
  all.insert(all.end(), std::make_move_iterator(words.begin()),
             std::make_move_iterator(words.end()));
  return all;
}

// Starts a program in `folder`; what it says goes to `output`.
StatusOr<pid_t> Spawn(std::vector<std::string> words, int output) {
  std::vector<char*> arguments;
  std::transform(words.begin(), words.end(), std::back_inserter(arguments),
                 [](std::string& word) { return word.data(); });
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions{};
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
  ::posix_spawn_file_actions_addchdir_np(&actions, "/");
  pid_t pid = 0;
  const int error =
      ::posix_spawnp(&pid, words.front().c_str(), &actions, nullptr, arguments.data(), ::environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return ErrnoStatus(error, words.front());
  }
  return pid;
}

void Collect(pid_t pid) {
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

// Reads until `mark` was said or nobody speaks any more; what was read.
std::string ReadUntil(int fd, const std::string& mark) {
  std::string text;
  char piece[1024];
  while (mark.empty() || text.find(mark) == std::string::npos) {
    const ssize_t got = ::read(fd, piece, sizeof piece);
    if (got <= 0) {
      break;
    }
    text.append(piece, static_cast<std::size_t>(got));
  }
  return text;
}

struct Pipe {
  UniqueFd reader;
  UniqueFd writer;
};

Pipe MakePipe() {
  int fds[2] = {-1, -1};
  if (::pipe2(fds, O_CLOEXEC) != 0) {
    return {};
  }
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

}  // namespace

PostgresCluster::PostgresCluster(ClusterSync sync) : sync_(sync) {}

StatusOr<std::unique_ptr<PostgresCluster>> PostgresCluster::Start(ClusterSync sync) {
  std::unique_ptr<PostgresCluster> cluster(new PostgresCluster(sync));
  cluster->programs_ = FindPrograms();
  if (cluster->programs_.empty()) {
    return NotFound("no PostgreSQL is installed: package postgresql");
  }
  FLOTILLA_RETURN_IF_ERROR(cluster->MakeData());
  FLOTILLA_RETURN_IF_ERROR(cluster->Boot());
  return cluster;
}

PostgresCluster* PostgresCluster::OfProgram() {
  static const StatusOr<std::unique_ptr<PostgresCluster>> cluster = Start(ClusterSync::kOff);
  if (cluster.ok()) {
    return cluster->get();
  }
  if (cluster.status().code() == StatusCode::kNotFound) {
    std::cerr << "LEFT OUT: PostgreSQL: " << MessageOf(cluster.status()) << "\n";
  } else {
    ADD_FAILURE() << cluster.status();
  }
  return nullptr;
}

PostgresCluster::~PostgresCluster() {
  Stop();
}

void PostgresCluster::Own(const stdfs::path& path) const {
  const ServerUser user = FindUser();
  EXPECT_EQ(::chown(path.c_str(), user.uid, user.gid), 0);
}

Status PostgresCluster::MakeData() {
  const stdfs::path data = folder() / "data";
  std::error_code error;
  stdfs::permissions(folder(),
                     stdfs::perms::owner_all | stdfs::perms::others_exec |
                         stdfs::perms::group_exec | stdfs::perms::group_read |
                         stdfs::perms::others_read,
                     error);
  stdfs::create_directory(data, error);
  Own(data);
  Pipe pipe = MakePipe();
  FLOTILLA_ASSIGN_OR_RETURN(
      const pid_t pid,
      Spawn(AsServerUser({programs_ / "initdb", "-D", data, "-U", "flotilla", "-A", "trust",
                          "--no-sync", "--no-instructions", "--locale=C", "--encoding=UTF8"}),
            pipe.writer.get()));
  pipe.writer.Reset();
  const std::string said = ReadUntil(pipe.reader.get(), "");
  Collect(pid);
  if (!stdfs::exists(data / "PG_VERSION", error)) {
    return Internal(absl::StrCat("initdb: ", said));
  }
  // User "guarded" needs its password.
  std::ofstream(data / "pg_hba.conf") << "local all guarded scram-sha-256\nlocal all all trust\n";
  return OkStatus();
}

Status PostgresCluster::Boot() {
  Pipe pipe = MakePipe();
  const std::string socket = folder() / "data";
  FLOTILLA_ASSIGN_OR_RETURN(
      pid_,
      Spawn(AsServerUser(
                {programs_ / "postgres", "-D", folder() / "data", "-k", socket, "-c",
                 "listen_addresses=", "-c", sync_ == ClusterSync::kOn ? "fsync=on" : "fsync=off",
                 "-c", "unix_socket_permissions=0777", "-c", "shared_buffers=64MB", "-c",
                 "log_min_messages=log", "-c", "log_checkpoints=off", "-c", "autovacuum=off"}),
            pipe.writer.get()));
  pipe.writer.Reset();
  log_ = std::move(pipe.reader);
  const std::string ready = "ready to accept connections";
  const std::string said = ReadUntil(log_.get(), ready);
  if (said.find(ready) == std::string::npos) {
    Collect(std::exchange(pid_, 0));
    return Unavailable(absl::StrCat("postgres does not start: ", said));
  }
  return OkStatus();
}

void PostgresCluster::Stop() {
  if (pid_ > 0) {
    ::kill(pid_, SIGINT);
    Collect(std::exchange(pid_, 0));
  }
}

void PostgresCluster::Crash() {
  if (pid_ > 0) {
    ::kill(pid_, SIGQUIT);
    Collect(std::exchange(pid_, 0));
  }
}

std::string PostgresCluster::NewDatabase() {
  std::string name = absl::StrCat("fleet", ++databases_);
  Run("postgres", absl::StrCat("CREATE DATABASE ", name));
  return name;
}

std::string PostgresCluster::EmptiedDatabase() {
  std::string name = "emptied";
  if (Run("postgres", "SELECT 1 FROM pg_database WHERE datname = 'emptied'").empty()) {
    Run("postgres", "CREATE DATABASE emptied");
  }
  Run("postgres", "ALTER DATABASE emptied RESET ALL");
  // Sessions whose client has gone just now, with what they hold.
  Run("postgres",
      "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = 'emptied'");
  Run(name,
      "SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public; "
      "GRANT USAGE ON SCHEMA public TO PUBLIC");
  return name;
}

std::string PostgresCluster::Address(const std::string& database) const {
  return absl::StrCat("host='", (folder() / "data").string(), "' user=flotilla dbname=", database);
}

std::string PostgresCluster::Run(const std::string& database, const std::string& sql) const {
  const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(
      PQconnectdb(Address(database).c_str()), PQfinish);
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(connection.get(), sql.c_str()),
                                                              PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  EXPECT_TRUE(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
      << sql << ": " << PQerrorMessage(connection.get());
  return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

}  // namespace flotilla
