#include "tests/swarm/truth.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "absl/time/time.h"

#include "telemetry/schema/registry.h"

namespace flotilla::swarm {
namespace {

boost::json::object ObjectOf(const std::map<std::string, std::uint64_t>& counts) {
  boost::json::object object;
  for (const auto& [name, count] : counts) {
    object[name] = count;
  }
  return object;
}

}  // namespace

void Truth::Expect(const Key& window, std::uint32_t buckets, std::size_t reports) {
  const std::lock_guard lock(mutex_);
  windows_[window].counts.assign(buckets, 0);
  windows_[window].open = reports;
}

void Truth::NoteHonest(const Key& window, std::uint32_t bucket) {
  const std::lock_guard lock(mutex_);
  ++windows_[window].counts[bucket];
}

void Truth::NoteLie(const Key& window, const std::string& kind) {
  const std::lock_guard lock(mutex_);
  ++windows_[window].lies[kind];
}

void Truth::NoteNotTaken(const Key& window, const std::string& answer) {
  const std::lock_guard lock(mutex_);
  ++windows_[window].not_taken[answer];
}

bool Truth::Settle(const Key& window) {
  const std::lock_guard lock(mutex_);
  return --windows_[window].open == 0;
}

std::string Truth::Line(const dap::Task& task, dap::WindowStart window) const {
  const std::lock_guard lock(mutex_);
  const WindowTruth& truth = windows_.at({task.id(), window});
  const schema::Metric* metric = schema::FindMetric(task.configuration().cohort.metric);
  boost::json::array counts(truth.counts.begin(), truth.counts.end());
  boost::json::object line;
  line["event"] = "window";
  line["task"] = task.id().ToHex();
  line["metric"] = metric == nullptr ? std::string() : std::string(metric->name);
  line["begins_at"] = absl::ToUnixSeconds(task.StartOf(window));
  line["counts"] = std::move(counts);
  line["lies"] = ObjectOf(truth.lies);
  line["not_taken"] = ObjectOf(truth.not_taken);
  return boost::json::serialize(line);
}

}  // namespace flotilla::swarm
