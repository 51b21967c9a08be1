#include "controller/rollout/rollout_edit.h"

#include <algorithm>
#include <cstddef>

#include <google/protobuf/util/message_differencer.h>
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "controller/rollout/hold.h"
#include "controller/rollout/rollout_spec.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

constexpr std::size_t kMostLines = 32;

// With the waves as they run, whether the specification names them or not.
v1::RolloutSpec Whole(const v1::RolloutSpec& spec, const v1::Rollout& row) {
  v1::RolloutSpec whole = spec;
  if (whole.strategy().waves().empty()) {
    for (const v1::Wave& wave : row.waves()) {
      *whole.mutable_strategy()->add_waves() = wave.spec();
    }
  }
  return whole;
}

v1::RolloutSpec Current(const v1::Rollout& row) {
  v1::RolloutSpec spec = row.spec();
  spec.mutable_strategy()->clear_waves();
  return Whole(spec, row);
}

// What no edit may touch.
v1::RolloutSpec Fixed(v1::RolloutSpec spec) {
  spec.clear_windows();
  spec.mutable_delivery()->Clear();
  spec.mutable_strategy()->mutable_judge()->clear_max_extend();
  for (v1::WaveSpec& wave : *spec.mutable_strategy()->mutable_waves()) {
    wave.clear_soak();
    wave.clear_max_in_flight();
  }
  return spec;
}

// "modified: selector: "a" -> "b"", a line each.
std::vector<std::string> Differences(const v1::RolloutSpec& from, const v1::RolloutSpec& to) {
  google::protobuf::util::MessageDifferencer differencer;
  std::string report;
  differencer.set_message_field_comparison(google::protobuf::util::MessageDifferencer::EQUIVALENT);
  differencer.ReportDifferencesToString(&report);
  if (differencer.Compare(from, to)) {
    return {};
  }
  std::vector<std::string> lines = absl::StrSplit(report, '\n', absl::SkipEmpty());
  lines.resize(std::min(lines.size(), kMostLines));
  return lines;
}

void ApplyWave(v1::Wave& wave, const v1::WaveSpec& wanted, const Turn& turn) {
  const Duration longer = FromWire(wanted.soak()) - FromWire(wave.spec().soak());
  if (wave.has_soak_ends_at() && longer != absl::ZeroDuration()) {
    *wave.mutable_soak_ends_at() =
        ToWire(std::max(turn.now, FromWire(wave.soak_ends_at()) + longer));
  }
  *wave.mutable_spec() = wanted;
}

}  // namespace

StatusOr<std::vector<std::string>> EditSpec(RolloutRun& run, const v1::RolloutSpec& wanted,
                                            const Turn& turn) {
  v1::Rollout& row = run.mutable_row();
  const v1::RolloutSpec now = Current(row);
  const v1::RolloutSpec then = Whole(wanted, row);
  const std::vector<std::string> forbidden = Differences(Fixed(now), Fixed(then));
  if (!forbidden.empty()) {
    return InvalidArgument(absl::StrCat(
        forbidden.front(), ": it may not change any more. Only in-flight caps, rate, windows, ",
        "soaks and judge.max_extend of a rollout may; for anything else create another one"));
  }
  FLOTILLA_RETURN_IF_ERROR(CheckSpec(then));
  std::vector<std::string> changed = Differences(now, then);
  if (changed.empty()) {
    return changed;
  }
  *row.mutable_spec() = then;
  for (int i = 0; i < row.waves_size(); ++i) {
    ApplyWave(*row.mutable_waves(i), then.strategy().waves(i), turn);
  }
  row.clear_zone_windows();  // found anew by the windows as they are now
  row.set_revision(row.revision() + 1);
  turn.changes.NoteRollout(run);
  ReconsiderHeld(run, turn);
  return changed;
}

}  // namespace flotilla::rollout
