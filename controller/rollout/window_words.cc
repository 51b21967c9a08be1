#include "controller/rollout/window_words.h"

#include "absl/strings/str_cat.h"

#include "controller/rollout/rollout_windows.h"
#include "controller/rollout/window_clock.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

// The zone to tell times in: the devices', or the windows' own.
std::string ZoneOfWords(const v1::RolloutSpec& spec, const v1::ZoneWindows& windows) {
  if (!windows.zone().empty()) {
    return windows.zone();
  }
  for (const v1::Window& window : spec.windows()) {
    if (IsClosed(windows, AppliesOf(window))) {
      return window.zone();
    }
  }
  return {};
}

}  // namespace

const char* KindName(v1::WindowApplies kind) {
  switch (kind) {
    case v1::WINDOW_APPLIES_DOWNLOAD:
      return "download";
    case v1::WINDOW_APPLIES_ACTIVATE:
      return "activate";
    default:
      return "accept";
  }
}

std::string ClosedWords(const v1::RolloutSpec& spec, const v1::ZoneWindows& windows) {
  std::string text;
  for (const int kind : windows.closed()) {
    absl::StrAppend(&text, text.empty() ? "" : " and ",
                    KindName(static_cast<v1::WindowApplies>(kind)));
  }
  if (text.empty()) {
    return text;
  }
  return absl::StrCat(text, " windows are closed; ",
                      windows.has_opens_at() ? absl::StrCat("the next opening is ",
                                                            TimeInZone(FromWire(windows.opens_at()),
                                                                       ZoneOfWords(spec, windows)))
                                             : std::string("they never open again"));
}

std::string NextOpeningWords(const RolloutRun& run) {
  const v1::ZoneWindows* first = nullptr;
  for (const v1::ZoneWindows& windows : run.row().zone_windows()) {
    const bool sooner =
        first == nullptr || !first->has_opens_at() ||
        (windows.has_opens_at() && FromWire(windows.opens_at()) < FromWire(first->opens_at()));
    first = OffersClosed(windows) && sooner ? &windows : first;
  }
  return first == nullptr ? std::string() : ClosedWords(run.spec(), *first);
}

std::vector<std::string> WindowSentences(const RolloutRun& run) {
  std::vector<std::string> sentences;
  for (const v1::ZoneWindows& windows : run.row().zone_windows()) {
    const std::string words = ClosedWords(run.spec(), windows);
    if (!words.empty()) {
      sentences.push_back(absl::StrCat(
          windows.zone().empty() ? "Its "
                                 : absl::StrCat("For devices in ", windows.zone(), " its "),
          words, "."));
    }
  }
  return sentences;
}

std::string DeviceWindowSentence(const RolloutRun& run, const v1::RolloutDevice& row,
                                 const v1::Device& device) {
  const bool pending = row.state() == v1::DEPLOYMENT_STATE_PENDING;
  const bool waits = pending
                         ? !MayBeOffered(run, device)
                         : row.state() < v1::DEPLOYMENT_STATE_ACTIVATING &&
                               WindowHold(run, device, row.state()) != v1::HOLD_MODE_UNSPECIFIED;
  if (!waits) {
    return {};
  }
  const v1::ZoneWindows& windows = *WindowsFor(run, device);
  return absl::StrCat("It waits in a window of rollout ", run.id(), ": its ",
                      ClosedWords(run.spec(), windows),
                      windows.zone().empty() ? "" : "; the zone is the device's, by its label zone",
                      windows.zone() == kUtcZone ? ", UTC where that names none" : "", ".");
}

}  // namespace flotilla::rollout
