#include "telemetry/dap/task.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include "telemetry/dap/report.h"
#include "telemetry/dap/tls.h"

namespace flotilla::dap {

StatusOr<Task> Task::Create(const TaskConfiguration& configuration) {
  FLOTILLA_RETURN_IF_ERROR(configuration.Check());
  FLOTILLA_ASSIGN_OR_RETURN(std::unique_ptr<const vdaf::Prio3> prio3,
                            vdaf::NewPrio3Histogram(configuration.shape, 2));
  return Task(configuration, std::move(prio3));
}

Task::Task(const TaskConfiguration& configuration, std::unique_ptr<const vdaf::Prio3> prio3)
    : configuration_(configuration),
      encoded_(configuration.Encode()),
      id_(TaskIdOf(encoded_)),
      context_(VdafContext(id_)),
      prio3_(std::move(prio3)) {}

std::size_t Task::report_size() const {
  return ReportSize(prio3_->sizes());
}

StatusOr<WindowStart> Task::WindowAt(Time time) const {
  const std::int64_t seconds = absl::ToUnixSeconds(time);
  const Interval& all = configuration_.interval;
  const std::uint64_t unit =
      seconds < 0 ? 0 : static_cast<std::uint64_t>(seconds) / configuration_.time_precision;
  if (seconds < 0 || unit < all.start || unit - all.start >= all.duration) {
    return absl::OutOfRangeError("the task does not run at that time");
  }
  return unit - (unit - all.start) % configuration_.window;
}

bool Task::IsWindow(WindowStart start) const {
  const Interval& all = configuration_.interval;
  return start >= all.start && start - all.start < all.duration &&
         (start - all.start) % configuration_.window == 0;
}

Time Task::StartOf(WindowStart window) const {
  return absl::FromUnixSeconds(static_cast<std::int64_t>(window * configuration_.time_precision));
}

Duration Task::WindowLength() const {
  return absl::Seconds(
      static_cast<std::int64_t>(configuration_.window * configuration_.time_precision));
}

dp::ChargeId Task::ChargeOf(WindowStart window) const {
  TlsWriter message;
  message.Raw(id_.bytes());
  message.U64(window);
  const Digest digest = TaggedDigest(kWindowTag, std::move(message).Take());
  dp::ChargeId id{};
  std::copy_n(digest.bytes().begin(), id.size(), id.begin());
  return id;
}

}  // namespace flotilla::dap
