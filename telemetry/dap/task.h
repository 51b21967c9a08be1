// One task, ready for use: the configuration with all that follows from it.
#ifndef FLOTILLA_TELEMETRY_DAP_TASK_H_
#define FLOTILLA_TELEMETRY_DAP_TASK_H_

#include <cstddef>
#include <memory>

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"
#include "telemetry/dap/domain.h"
#include "telemetry/dap/task_configuration.h"
#include "telemetry/dp/charge.h"
#include "telemetry/vdaf/prio3.h"

namespace flotilla::dap {

// Immutable, movable. Thread-safe.
class Task {
 public:
  // INVALID_ARGUMENT as of TaskConfiguration::Check.
  static StatusOr<Task> Create(const TaskConfiguration& configuration);

  const TaskConfiguration& configuration() const { return configuration_; }
  const Bytes& encoded() const { return encoded_; }
  const TaskId& id() const { return id_; }
  // VdafContext(id()).
  const Bytes& context() const { return context_; }
  const vdaf::Prio3& prio3() const { return *prio3_; }
  // Bytes of every report of this task.
  std::size_t report_size() const;

  // The window that `time` lies in. OUT_OF_RANGE: before or after the task.
  StatusOr<WindowStart> WindowAt(Time time) const;
  bool IsWindow(WindowStart start) const;
  // Of a window of the task.
  Interval IntervalOf(WindowStart window) const { return {window, configuration_.window}; }
  Time StartOf(WindowStart window) const;
  Time EndOf(WindowStart window) const { return StartOf(window) + WindowLength(); }
  Duration WindowLength() const;

  // Names this task and window for the ledgers of device and helper.
  dp::ChargeId ChargeOf(WindowStart window) const;

 private:
  Task(const TaskConfiguration& configuration, std::unique_ptr<const vdaf::Prio3> prio3);

  TaskConfiguration configuration_;
  Bytes encoded_;
  TaskId id_;
  Bytes context_;
  std::unique_ptr<const vdaf::Prio3> prio3_;
};

}  // namespace flotilla::dap

#endif  // FLOTILLA_TELEMETRY_DAP_TASK_H_
