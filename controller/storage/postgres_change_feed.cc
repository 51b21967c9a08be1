#include "controller/storage/postgres_change_feed.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include <libpq-fe.h>
#include "absl/strings/numbers.h"

#include "base/log.h"
#include "base/unique_fd.h"

namespace flotilla::controller {
namespace {

using Connection = std::unique_ptr<PGconn, void (*)(PGconn*)>;
using Result = std::unique_ptr<PGresult, void (*)(PGresult*)>;

constexpr char kListen[] = "LISTEN flotilla_changes";
constexpr char kNotify[] = "NOTIFY flotilla_changes";

struct Question {
  ChangeTopic topic;
  const char* sql;
};
// Rows of revocations are never taken away, so their number is their revision.
constexpr std::array kQuestions = {
    Question{ChangeTopic::kLeader, "SELECT revision FROM leaders"},
    Question{ChangeTopic::kRevocations, "SELECT count(*) FROM revocations"},
};

Result Ask(PGconn* connection, const char* sql) {
  return {PQexec(connection, sql), PQclear};
}

// Nothing: the table is not there yet, or nobody answers.
std::optional<std::uint64_t> NumberOf(const PGresult* result) {
  std::uint64_t number = 0;
  if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1 ||
      !absl::SimpleAtoi(PQgetvalue(result, 0, 0), &number)) {
    return std::nullopt;
  }
  return number;
}

// Whether anything was notified since the last call.
bool TakeNotifications(PGconn* connection) {
  bool any = false;
  PQconsumeInput(connection);
  using Notification = std::unique_ptr<PGnotify, void (*)(void*)>;
  while (Notification(PQnotifies(connection), PQfreemem) != nullptr) {
    any = true;
  }
  return any;
}

}  // namespace

struct PostgresChangeFeed::Impl {
  Impl(ChangeFeedOptions options_in, const Clock& clock_in)
      : options(std::move(options_in)),
        clock(clock_in),
        wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  void Wake() const { (void)::eventfd_write(wake.get(), 1); }
  // Until a connection breaks or the feed ends.
  void Serve(PGconn* connection);
  void Run();
  void Look(PGconn* connection);
  // Waits for the server, for Wake, or for `limit`.
  void Wait(int socket, Duration limit) const;

  const ChangeFeedOptions options;
  const Clock& clock;
  const UniqueFd wake;
  std::atomic<bool> stopping = false;
  std::atomic<bool> announced = false;
  Watcher watcher;
  std::map<ChangeTopic, std::uint64_t> told;
  std::thread thread;
};

PostgresChangeFeed::PostgresChangeFeed(ChangeFeedOptions options, const Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), clock)) {}

PostgresChangeFeed::~PostgresChangeFeed() {
  impl_->stopping = true;
  impl_->Wake();
  if (impl_->thread.joinable()) {
    impl_->thread.join();
  }
}

void PostgresChangeFeed::Watch(Watcher watcher) {
  impl_->watcher = std::move(watcher);
  impl_->thread = std::thread([impl = impl_.get()] { impl->Run(); });
}

void PostgresChangeFeed::Announce() {
  impl_->announced = true;
  impl_->Wake();
}

void PostgresChangeFeed::Impl::Run() {
  bool said = false;
  while (!stopping) {
    const Connection connection(PQconnectdb(options.conninfo.c_str()), PQfinish);
    if (PQstatus(connection.get()) == CONNECTION_OK) {
      said = false;
      Serve(connection.get());
    } else if (!std::exchange(said, true)) {
      LogWarning("change_feed.waits_for_database", {{"text", PQerrorMessage(connection.get())}});
    }
    if (!stopping) {
      Wait(-1, options.retry);
    }
  }
}

void PostgresChangeFeed::Impl::Serve(PGconn* connection) {
  Ask(connection, kListen);
  Look(connection);
  Duration looked = clock.Monotonic();
  Duration notified = looked - options.announce_gap;
  while (!stopping && PQstatus(connection) == CONNECTION_OK) {
    const Duration now = clock.Monotonic();
    if (announced && now - notified >= options.announce_gap) {
      announced = false;  // whoever announces from here on gets a NOTIFY of its own
      notified = now;
      Ask(connection, kNotify);
    }
    // What came in while it looked is in no socket any more that could wake it.
    for (bool due = now - looked >= options.poll; TakeNotifications(connection) || due;
         due = false) {
      looked = now;
      Look(connection);
    }
    if (PQstatus(connection) != CONNECTION_OK) {
      return;  // there is no socket any more that could wake it
    }
    const Duration until_poll = looked + options.poll - now;
    const Duration until_notify = notified + options.announce_gap - now;
    Wait(PQsocket(connection), announced ? std::min(until_poll, until_notify) : until_poll);
  }
}

void PostgresChangeFeed::Impl::Look(PGconn* connection) {
  for (const Question& question : kQuestions) {
    const auto revision = NumberOf(Ask(connection, question.sql).get());
    if (!revision.has_value()) {
      continue;
    }
    const auto known = told.find(question.topic);
    if (known == told.end() || known->second < *revision) {
      told[question.topic] = *revision;
      watcher(question.topic, *revision);
    }
  }
}

void PostgresChangeFeed::Impl::Wait(int socket, Duration limit) const {
  std::array<pollfd, 2> waiting = {pollfd{wake.get(), POLLIN, 0}, pollfd{socket, POLLIN, 0}};
  const auto millis = std::max<std::int64_t>(absl::ToInt64Milliseconds(limit) + 1, 0);
  ::poll(waiting.data(), socket < 0 ? 1U : 2U, static_cast<int>(millis));
  eventfd_t count = 0;
  (void)::eventfd_read(wake.get(), &count);
}

}  // namespace flotilla::controller
