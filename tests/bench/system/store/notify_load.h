#ifndef FLOTILLA_TESTS_BENCH_SYSTEM_STORE_NOTIFY_LOAD_H_
#define FLOTILLA_TESTS_BENCH_SYSTEM_STORE_NOTIFY_LOAD_H_

#include <memory>
#include <string>

#include "base/status.h"
#include "base/time.h"
#include "controller/storage/fleet_store.h"
#include "tests/bench/system/store/store_load.h"

namespace flotilla::controller {

// Change notifications as docs/storage.md has them: one connection that notifies, in transactions
// of its own and at most ten times a second, and one that listens, as another replica would.
// Announce is thread-safe.
class ChangeNotices {
 public:
  // `conninfo`: libpq's keywords. UNAVAILABLE: no connection.
  static StatusOr<std::unique_ptr<ChangeNotices>> Open(const std::string& conninfo);
  ~ChangeNotices();
  ChangeNotices(const ChangeNotices&) = delete;
  ChangeNotices& operator=(const ChangeNotices&) = delete;

  // Something was committed: it is told at once, or after the gap.
  void Announce();
  // Monotonic, of the newest notice that was heard.
  Duration heard_at() const;

 private:
  struct Impl;
  explicit ChangeNotices(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

struct Visibility {
  double commit_ms = 0;  // medians
  double visible_ms = 0;
};

// How long one report takes to be committed, and to be heard of over there.
StatusOr<Visibility> MeasureVisibility(FleetStore& store, ReportSource& source,
                                       ChangeNotices& notices, int times);

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_BENCH_SYSTEM_STORE_NOTIFY_LOAD_H_
