#include "tests/bench/system/store/notify_load.h"

#include <poll.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include <libpq-fe.h>

#include "base/os_clock.h"

namespace flotilla::controller {
namespace {

constexpr auto kGap = std::chrono::milliseconds(100);
constexpr int kPollMillis = 20;
constexpr Duration kLongest = absl::Seconds(5);

struct CloseConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Connection = std::unique_ptr<PGconn, CloseConnection>;

Status Run(PGconn* connection, const char* sql) {
  PGresult* result = PQexec(connection, sql);
  const bool good = PQresultStatus(result) == PGRES_COMMAND_OK;
  PQclear(result);
  return good ? OkStatus() : Unavailable(PQerrorMessage(connection));
}

StatusOr<Connection> Connect(const std::string& conninfo) {
  Connection connection(PQconnectdb(conninfo.c_str()));
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    return Unavailable(PQerrorMessage(connection.get()));
  }
  return connection;
}

double MedianMillis(std::vector<Duration>& took) {
  std::sort(took.begin(), took.end());
  return absl::ToDoubleMilliseconds(took[took.size() / 2]);
}

}  // namespace

struct ChangeNotices::Impl {
  void Notify(const std::stop_token& stop) {
    std::unique_lock lock(mutex);
    while (wake.wait(lock, stop, [this] { return pending; })) {
      pending = false;
      lock.unlock();
      (void)Run(notifier.get(), "NOTIFY fleet_changed");
      lock.lock();
      // Whatever is announced meanwhile is one notice.
      wake.wait_for(lock, stop, kGap, [] { return false; });
    }
  }

  void Listen(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      pollfd wait{PQsocket(listener.get()), POLLIN, 0};
      ::poll(&wait, 1, kPollMillis);
      PQconsumeInput(listener.get());
      while (PGnotify* notice = PQnotifies(listener.get())) {
        PQfreemem(notice);
        heard_nanos = absl::ToInt64Nanoseconds(clock.Monotonic());
      }
    }
  }

  OsClock clock;
  Connection notifier;
  Connection listener;
  std::mutex mutex;
  std::condition_variable_any wake;
  bool pending = false;
  std::atomic<std::int64_t> heard_nanos = 0;
  std::jthread notifying;
  std::jthread listening;
};

ChangeNotices::ChangeNotices(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ChangeNotices::~ChangeNotices() = default;

StatusOr<std::unique_ptr<ChangeNotices>> ChangeNotices::Open(const std::string& conninfo) {
  auto impl = std::make_unique<Impl>();
  FLOTILLA_ASSIGN_OR_RETURN(impl->notifier, Connect(conninfo));
  FLOTILLA_ASSIGN_OR_RETURN(impl->listener, Connect(conninfo));
  // A notice that a crash forgets is made up for by the poll.
  FLOTILLA_RETURN_IF_ERROR(Run(impl->notifier.get(), "SET synchronous_commit = off"));
  FLOTILLA_RETURN_IF_ERROR(Run(impl->listener.get(), "LISTEN fleet_changed"));
  Impl& running = *impl;
  impl->notifying = std::jthread([&running](const std::stop_token& stop) { running.Notify(stop); });
  impl->listening = std::jthread([&running](const std::stop_token& stop) { running.Listen(stop); });
  return std::unique_ptr<ChangeNotices>(new ChangeNotices(std::move(impl)));
}

void ChangeNotices::Announce() {
  {
    const std::scoped_lock lock(impl_->mutex);
    impl_->pending = true;
  }
  impl_->wake.notify_one();
}

Duration ChangeNotices::heard_at() const {
  return absl::Nanoseconds(impl_->heard_nanos.load());
}

StatusOr<Visibility> MeasureVisibility(FleetStore& store, ReportSource& source,
                                       ChangeNotices& notices, int times) {
  const OsClock clock;
  std::vector<Duration> commits;
  std::vector<Duration> visible;
  for (int i = 0; i < times; ++i) {
    std::this_thread::sleep_for(2 * kGap);
    const FleetChange change = source.Next();
    const Duration start = clock.Monotonic();
    FLOTILLA_RETURN_IF_ERROR(store.Commit(change));
    const Duration committed = clock.Monotonic();
    notices.Announce();
    while (notices.heard_at() < committed) {
      if (clock.Monotonic() - committed > kLongest) {
        return DeadlineExceeded("no notice came");
      }
      std::this_thread::yield();
    }
    commits.push_back(committed - start);
    visible.push_back(notices.heard_at() - start);
  }
  return Visibility{MedianMillis(commits), MedianMillis(visible)};
}

}  // namespace flotilla::controller
