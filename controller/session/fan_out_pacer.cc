#include "controller/session/fan_out_pacer.h"

#include <algorithm>

namespace flotilla::controller {
namespace {

constexpr Duration kStep = absl::Milliseconds(50);

}  // namespace

FanOutPacer::FanOutPacer(const FanOutOptions& options)
    : options_(options),
      bucket_(options.per_second,
              std::max(1.0, options.per_second * absl::ToDoubleSeconds(kStep))) {}

void FanOutPacer::Put(const std::string& device_id, const DesiredFrame& frame, Duration now) {
  if (frames_.insert_or_assign(device_id, frame).second) {
    places_.push_back({device_id, now + options_.hold});
  }
}

std::vector<FanOutPacer::Send> FanOutPacer::Due(Duration now) {
  std::vector<Send> due;
  while (!places_.empty() && places_.front().from <= now) {
    const auto found = frames_.find(places_.front().device_id);
    // The place of one that was dropped costs no turn.
    if (found != frames_.end()) {
      if (!bucket_.TryTake(now, 1)) {
        break;
      }
      due.emplace_back(found->first, std::move(found->second));
      frames_.erase(found);
    }
    places_.pop_front();
  }
  return due;
}

std::optional<Duration> FanOutPacer::NextDue(Duration now) const {
  if (frames_.empty()) {
    return std::nullopt;
  }
  const Duration from = places_.front().from;
  return from > now ? from : now + kStep;
}

}  // namespace flotilla::controller
