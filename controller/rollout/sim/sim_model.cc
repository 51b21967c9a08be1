#include "controller/rollout/sim/sim_model.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace flotilla::rollout {
namespace {

constexpr std::uint32_t kFewestDevices = 1;
constexpr std::uint32_t kMostDevices = 100'000;
constexpr std::string_view kSites = "sites";

Status CheckShare(double value, const char* what) {
  if (!(value >= 0 && value <= 1)) {
    return InvalidArgument(absl::StrCat(what, ": must lie between 0 and 100 %"));
  }
  return OkStatus();
}

Status WrongOutage(std::string_view text) {
  return InvalidArgument("outage \"" + std::string(text) +
                         "\": expected WHAT@START+LENGTH with network, source or 3sites, such as "
                         "network@2h+1h");
}

}  // namespace

StatusOr<SimOutage> ParseOutage(std::string_view text) {
  const std::size_t at = text.find('@');
  const std::size_t plus = text.find('+');
  if (at == std::string_view::npos || plus == std::string_view::npos || plus < at) {
    return WrongOutage(text);
  }
  SimOutage outage;
  const std::string_view what = text.substr(0, at);
  if (what == "network" || what == "source") {
    outage.kind = what == "network" ? SimOutage::Kind::kNetwork : SimOutage::Kind::kSource;
  } else if (what.ends_with(kSites)) {
    const std::string count(what.substr(0, what.size() - kSites.size()));
    outage.kind = SimOutage::Kind::kSites;
    if (!absl::SimpleAtoi(count, &outage.sites) || outage.sites == 0) {
      return WrongOutage(text);
    }
  } else {
    return WrongOutage(text);
  }
  FLOTILLA_ASSIGN_OR_RETURN(outage.start, ParseDurationText(text.substr(at + 1, plus - at - 1)));
  FLOTILLA_ASSIGN_OR_RETURN(outage.length, ParseDurationText(text.substr(plus + 1)));
  return outage;
}

Status CheckModel(const SimModel& model) {
  if (model.devices < kFewestDevices || model.devices > kMostDevices) {
    return InvalidArgument("devices: must lie between 1 and 100000");
  }
  FLOTILLA_RETURN_IF_ERROR(CheckShare(model.release_failures, "rate"));
  FLOTILLA_RETURN_IF_ERROR(CheckShare(model.bad_class_share, "share of the bad class"));
  FLOTILLA_RETURN_IF_ERROR(CheckShare(model.bad_class_failures, "rate of the bad class"));
  FLOTILLA_RETURN_IF_ERROR(CheckShare(model.late, "late"));
  FLOTILLA_RETURN_IF_ERROR(CheckShare(model.delivery_failures, "delivery"));
  FLOTILLA_RETURN_IF_ERROR(CheckShare(model.background, "background"));
  FLOTILLA_RETURN_IF_ERROR(CheckShare(model.background_by_site, "background by site"));
  FLOTILLA_RETURN_IF_ERROR(CheckShare(model.offline, "offline"));
  FLOTILLA_RETURN_IF_ERROR(CheckShare(model.slow_share, "slow"));
  if (model.away <= absl::ZeroDuration() || model.episode <= absl::ZeroDuration() ||
      model.download <= absl::ZeroDuration() || model.trial <= absl::ZeroDuration()) {
    return InvalidArgument("durations must be above zero");
  }
  if (model.offline >= 1 || model.slow_factor < 1) {
    return InvalidArgument("offline must be below 100 %, and slow links not faster than others");
  }
  return OkStatus();
}

}  // namespace flotilla::rollout
