#include "tests/swarm/fleet/session_swarm.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/os_open_files.h"
#include "security/enrolment_token.h"
#include "security/x509/peer.h"
#include "security/x509/server_chain.h"
#include "tests/swarm/fleet/enroller.h"

namespace flotilla::swarm {
namespace {

constexpr std::uint64_t kSpareFiles = 256;
constexpr Duration kFetchTimeout = absl::Seconds(20);
constexpr std::uint32_t kFirstSource = 0x7f010001;  // 127.1.0.1

// One burst of the loops' own ones; an older one is forgotten.
void Merge(const OfferBurst& one, OfferBurst& all) {
  if (one.count == 0 || (all.count > 0 && one.last < all.first)) {
    return;
  }
  if (all.count == 0 || one.first > all.last) {
    all = one;
    return;
  }
  all.first = std::min(all.first, one.first);
  all.last = std::max(all.last, one.last);
  all.count += one.count;
}

}  // namespace

Status SessionSwarm::Prepare(const std::function<void(std::size_t)>& progress) {
  FLOTILLA_RETURN_IF_ERROR(RaiseOpenFileLimit(options_.devices + kSpareFiles).status());
  FLOTILLA_ASSIGN_OR_RETURN(book_, IdentityBook::Open(options_.state_dir));
  if (book_->devices().size() < options_.devices) {
    FLOTILLA_RETURN_IF_ERROR(EnrolMissing(progress));
  }
  for (std::size_t i = 0; i < options_.devices; ++i) {
    const KeptDevice& device = book_->devices()[i];
    FLOTILLA_ASSIGN_OR_RETURN(TlsIdentity identity,
                              ParseTlsIdentity(device.chain_pem, device.key_pem));
    identities_.push_back(std::move(identity));
  }
  return OkStatus();
}

Status SessionSwarm::EnrolMissing(const std::function<void(std::size_t)>& progress) {
  if (options_.token.empty()) {
    return InvalidArgument(absl::StrCat("only ", book_->devices().size(),
                                        " identities are kept and there is no --token"));
  }
  FLOTILLA_ASSIGN_OR_RETURN(const security::TokenText token,
                            security::ParseTokenText(options_.token));
  FLOTILLA_ASSIGN_OR_RETURN(const std::string chain,
                            security::FetchServerChain(options_.enrolment, kFetchTimeout));
  FLOTILLA_ASSIGN_OR_RETURN(std::string authority, security::FindPinnedAuthority(chain, token.ca));
  std::set<std::string> known;
  for (const KeptDevice& device : book_->devices()) {
    known.insert(device.id);
  }
  std::vector<std::string> ids;
  for (std::size_t n = 1; known.size() + ids.size() < options_.devices; ++n) {
    if (std::string id = absl::StrCat(options_.prefix, n); !known.contains(id)) {
      ids.push_back(std::move(id));
    }
  }
  EnrolOptions enrol;
  enrol.address = options_.enrolment;
  enrol.token = options_.token;
  enrol.ca_pem = authority;
  FLOTILLA_ASSIGN_OR_RETURN(std::vector<KeptDevice> enrolled, EnrolAll(enrol, ids, progress));
  std::move(enrolled.begin(), enrolled.end(), std::back_inserter(book_->devices()));
  book_->SetAuthority(std::move(authority));
  return book_->Save();
}

StatusOr<ConnectionPlan> SessionSwarm::Plan() {
  ConnectionPlan plan;
  FLOTILLA_ASSIGN_OR_RETURN(context_, NewClientContext(book_->authority_pem()));
  for (const std::string& controller : options_.controllers) {
    FLOTILLA_ASSIGN_OR_RETURN(const SocketAddress address, ResolveAddress(controller));
    addresses_.push_back(address);
  }
  plan.context = context_.get();
  plan.to = &addresses_;
  plan.authority = options_.controllers.front();
  plan.host = HostPart(options_.controllers.front());
  plan.resume = options_.resume;
  return plan;
}

SimDeviceOptions SessionSwarm::DeviceOptions(std::size_t index) {
  SimDeviceOptions device;
  device.id = book_->devices()[index].id;
  device.session = options_.session;
  device.habits = options_.habits;
  device.no_spread = options_.no_spread;
  // A new outbox with each run, as of a device that lost its state.
  std::array<std::uint8_t, sizeof device.boot_epoch> bytes{};
  random_.Fill(bytes);
  std::memcpy(&device.boot_epoch, bytes.data(), sizeof device.boot_epoch);
  device.boot_epoch |= 1U;
  if (options_.sites > 0) {
    device.labels.emplace_back("site", absl::StrCat("site-", index % options_.sites));
  }
  return device;
}

Status SessionSwarm::Start() {
  FLOTILLA_ASSIGN_OR_RETURN(const ConnectionPlan plan, Plan());
  for (std::size_t i = 0; i < options_.threads; ++i) {
    FLOTILLA_ASSIGN_OR_RETURN(std::unique_ptr<DeviceLoop> loop,
                              DeviceLoop::Create(plan, clock_, random_));
    loops_.push_back(std::move(loop));
  }
  for (std::size_t i = 0; i < options_.devices; ++i) {
    const std::uint32_t source =
        options_.sources == 0 ? 0 : kFirstSource + static_cast<std::uint32_t>(i) % options_.sources;
    loops_[i % loops_.size()]->Add(
        DeviceOptions(i), identities_[i], source, book_->devices()[i].installed,
        options_.ramp * static_cast<double>(i) / static_cast<double>(options_.devices));
  }
  started_ = clock_.Monotonic();
  for (const auto& loop : loops_) {
    threads_.emplace_back([&running = *loop](const std::stop_token& stop) { running.Run(stop); });
  }
  return OkStatus();
}

SwarmProgress SessionSwarm::Progress() {
  SwarmProgress progress;
  for (const auto& loop : loops_) {
    loop->Look([&](SwarmStats& stats) {
      progress.live += stats.live();
      progress.offers += stats.offers();
      progress.reports += stats.reports_sent();
      progress.acked += stats.acked();
      progress.wrong += stats.wrong_count();
      Merge(stats.burst(), progress.burst);
    });
    loop->LookAtDevices(
        [&](const SimDeviceCore& device) { progress.waiting += device.outbox().waiting(); });
  }
  return progress;
}

void SessionSwarm::CutAll() {
  for (const auto& loop : loops_) {
    loop->CutAll();
  }
}

void SessionSwarm::FloodAll(std::size_t outstanding) {
  for (const auto& loop : loops_) {
    loop->FloodAll(outstanding);
  }
}

Status SessionSwarm::Stop() {
  for (std::jthread& thread : threads_) {
    thread.request_stop();
  }
  threads_.clear();
  std::map<std::string, std::vector<v1::LineStatus>> installed;
  for (const auto& loop : loops_) {
    loop->LookAtDevices(
        [&](const SimDeviceCore& device) { installed[device.id()] = device.Installed(); });
  }
  for (KeptDevice& device : book_->devices()) {
    if (const auto found = installed.find(device.id); found != installed.end()) {
      device.installed = found->second;
    }
  }
  return book_->Save();
}

SwarmReport SessionSwarm::Report() {
  SwarmReport report;
  report.devices = options_.devices;
  for (const auto& loop : loops_) {
    loop->Look([&](SwarmStats& stats) { report.Add(stats, started_); });
    loop->LookAtDevices([&](const SimDeviceCore& device) {
      report.reports_made += device.outbox().made().size();
      report.reports_waiting += device.outbox().waiting();
    });
  }
  return report;
}

std::vector<DeviceLedger> SessionSwarm::Ledgers() {
  std::vector<DeviceLedger> ledgers;
  for (const auto& loop : loops_) {
    loop->LookAtDevices([&](const SimDeviceCore& device) {
      const SimOutbox& outbox = device.outbox();
      ledgers.push_back({device.id(), outbox.boot_epoch(), outbox.made(), outbox.waiting()});
    });
  }
  return ledgers;
}

}  // namespace flotilla::swarm
