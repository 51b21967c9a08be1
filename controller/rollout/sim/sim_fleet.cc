#include "controller/rollout/sim/sim_fleet.h"

#include <charconv>

#include "absl/strings/str_cat.h"

namespace flotilla::rollout {
namespace {

v1::Release ReleaseOf(const std::string& line, const std::string& version, std::uint64_t counter) {
  constexpr std::size_t kDigestBytes = 32;
  v1::Release release;
  release.mutable_ref()->set_line(line);
  release.mutable_ref()->set_version(version);
  release.mutable_ref()->set_release_counter(counter);
  std::string digest = version;
  digest.resize(kDigestBytes, '.');
  release.mutable_ref()->set_sha256(digest);
  return release;
}

}  // namespace

SimFleet::SimFleet(const SimModel& model, const std::string& line, const std::string& version,
                   SimDraws& draws)
    : baseline_(ReleaseOf(line, version == kBaseline ? "0.0.0" : kBaseline, 1)),
      candidate_(ReleaseOf(line, version, 2)) {
  devices_.resize(model.devices);
  sites_.resize(model.devices);
  bad_.resize(model.devices);
  for (std::uint32_t i = 0; i < model.devices; ++i) {
    bad_[i] = draws.Chance(model.bad_class_share);
    sites_[i] = model.sites == 0 ? 0 : i % model.sites;
    v1::Device& device = devices_[i];
    device.set_id(absl::StrCat("d", absl::Dec(i, absl::kZeroPad6)));
    device.set_liveness(v1::LIVENESS_ONLINE);
    device.mutable_facts()->set_hardware(bad_[i] ? kBadClass : "good");
    device.set_engine_version("1.0");
    if (model.sites > 0) {
      (*device.mutable_facts()->mutable_labels())["site"] = absl::StrCat("site-", sites_[i]);
    }
  }
}

std::uint32_t SimFleet::IndexOf(const std::string& id) {
  std::uint32_t index = 0;
  // Ids are made above.
  (void)std::from_chars(id.data() + 1, id.data() + id.size(), index);
  return index;
}

void SimFleet::SetReachable(std::uint32_t index, bool reachable) {
  devices_[index].set_liveness(reachable ? v1::LIVENESS_ONLINE : v1::LIVENESS_OFFLINE);
}

void SimFleet::ForEachDevice(const std::function<void(const v1::Device&)>& visit) const {
  for (const v1::Device& device : devices_) {
    visit(device);
  }
}

const v1::Device* SimFleet::FindDevice(const std::string& device_id) const {
  const std::uint32_t index = IndexOf(device_id);
  return index < devices_.size() ? &devices_[index] : nullptr;
}

const v1::Release* SimFleet::FindRelease(const std::string& line,
                                         const std::string& version) const {
  for (const v1::Release* release : {&baseline_, &candidate_}) {
    if (release->ref().line() == line && release->ref().version() == version) {
      return release;
    }
  }
  return nullptr;
}

}  // namespace flotilla::rollout
