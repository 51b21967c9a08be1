#include "agent/update/line_set.h"

#include <system_error>
#include <utility>

#include "base/log.h"

namespace flotilla::agent {

LineSet::LineSet(std::filesystem::path state_dir, ota::Store& store, DurableFs& fs, Clock& clock)
    : state_dir_(std::move(state_dir)), store_(store), fs_(fs), clock_(clock) {}

StatusOr<std::unique_ptr<LineSet>> LineSet::Open(const std::filesystem::path& state_dir,
                                                 ota::Store& store, DurableFs& fs, Clock& clock) {
  std::unique_ptr<LineSet> set(new LineSet(state_dir, store, fs, clock));
  std::error_code error;
  std::filesystem::directory_iterator entries(state_dir / "lines", error);
  if (error) {
    return set;  // a fresh device
  }
  for (const auto end = std::filesystem::directory_iterator(); entries != end;
       entries.increment(error)) {
    FLOTILLA_RETURN_IF_ERROR(set->Get(entries->path().filename().string()).status());
  }
  if (error) {
    return ErrnoStatus(error.value(), (state_dir / "lines").string());
  }
  return set;
}

StatusOr<ota::LineSlots*> LineSet::Get(const std::string& line) {
  if (ota::LineSlots* known = Find(line)) {
    return known;
  }
  FLOTILLA_ASSIGN_OR_RETURN(const ModelLine id, ModelLine::Parse(line));
  FLOTILLA_ASSIGN_OR_RETURN(std::unique_ptr<ota::LineSlots> slots,
                            ota::LineSlots::Open(state_dir_, id, store_, fs_, clock_));
  FLOTILLA_ASSIGN_OR_RETURN(const ota::RecoveryPlan plan, slots->Recover());
  LogInfo("line.opened", {{"line", line},
                          {"version", plan.active.current().ref().version()},
                          {"recovery", static_cast<int>(plan.action)}});
  ota::LineSlots* result = slots.get();
  lines_[line] = Entry{std::move(slots), plan.action};
  return result;
}

ota::LineSlots* LineSet::Find(const std::string& line) const {
  const auto found = lines_.find(line);
  return found == lines_.end() ? nullptr : found->second.slots.get();
}

std::vector<ota::LineSlots*> LineSet::All() const {
  std::vector<ota::LineSlots*> all;
  all.reserve(lines_.size());
  for (const auto& [name, entry] : lines_) {
    all.push_back(entry.slots.get());
  }
  return all;
}

ota::RecoveryAction LineSet::Recovered(const std::string& line) const {
  const auto found = lines_.find(line);
  return found == lines_.end() ? ota::RecoveryAction::kUnspecified : found->second.recovered;
}

v1::LineStatus StatusOf(const ota::LineSlots& slots) {
  v1::LineStatus status;
  const v1::ActiveRecord active = slots.active();
  status.set_line(slots.line().value());
  *status.mutable_current() = active.current().ref();
  *status.mutable_previous() = active.previous().ref();
  status.set_trial(active.trial());
  status.set_variant(active.current().variant());
  for (const v1::MarkedBad& bad : slots.marked_bad()) {
    status.add_marked_bad_sha256(bad.release().sha256());
  }
  return status;
}

}  // namespace flotilla::agent
