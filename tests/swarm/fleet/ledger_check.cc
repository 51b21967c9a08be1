#include "tests/swarm/fleet/ledger_check.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "absl/strings/str_cat.h"
#include "flotilla/v1/device.grpc.pb.h"

namespace flotilla::swarm {
namespace {

constexpr int kDeadlineSeconds = 60;
constexpr std::size_t kAtOnce = 8;
constexpr std::size_t kMostExamples = 16;
constexpr std::size_t kToldReports = 50;

void Note(LedgerAnswer& answer, const std::string& id, std::uint64_t seq, const char* what) {
  if (answer.examples.size() < kMostExamples) {
    answer.examples.push_back(absl::StrCat(id, " report ", seq, ": ", what));
  }
}

StatusOr<std::vector<v1::UpdateReport>> Told(v1::DeviceAdminService::Stub& stub,
                                             const std::string& id) {
  grpc::ClientContext context;
  context.set_deadline(gpr_time_from_seconds(kDeadlineSeconds, GPR_TIMESPAN));
  v1::ExplainDeviceRequest request;
  request.set_device_id(id);
  v1::ExplainDeviceResponse response;
  const grpc::Status status = stub.ExplainDevice(&context, request, &response);
  if (!status.ok()) {
    return Status(static_cast<StatusCode>(status.error_code()),
                  absl::StrCat(id, ": ", status.error_message()));
  }
  return std::vector<v1::UpdateReport>(response.recent_reports().begin(),
                                       response.recent_reports().end());
}

}  // namespace

void CompareLedger(const DeviceLedger& own, const std::vector<v1::UpdateReport>& told,
                   LedgerAnswer& answer) {
  ++answer.devices;
  std::map<std::uint64_t, std::vector<v1::DeploymentState>> by_seq;
  for (const v1::UpdateReport& report : told) {
    if (report.boot_epoch() == own.boot_epoch) {
      by_seq[report.seq()].push_back(report.state());
    }
  }
  const std::uint64_t made = own.made.size();
  const std::uint64_t acked = made - own.waiting;
  const std::uint64_t first = made > kToldReports ? made - kToldReports + 1 : 1;
  for (std::uint64_t seq = first; seq <= acked; ++seq) {
    ++answer.checked;
    if (!by_seq.contains(seq)) {
      ++answer.lost;
      Note(answer, own.id, seq, "acknowledged, and the controller does not have it");
    }
  }
  for (const auto& [seq, states] : by_seq) {
    if (states.size() > 1) {
      ++answer.doubled;
      Note(answer, own.id, seq, "is there more than once");
    }
    if (seq > made || states.front() != own.made[seq - 1]) {
      ++answer.altered;
      Note(answer, own.id, seq, "is not what the device said");
    }
  }
}

StatusOr<LedgerAnswer> CheckLedgers(const OperatorAccess& access,
                                    const std::vector<DeviceLedger>& ledgers) {
  LedgerAnswer answer;
  Status failed;
  std::mutex mutex;
  std::atomic<std::size_t> next = 0;
  FLOTILLA_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, DialOperator(access));
  const auto work = [&] {
    const auto stub = v1::DeviceAdminService::NewStub(channel);
    for (std::size_t i = next++; i < ledgers.size(); i = next++) {
      if (ledgers[i].made.empty()) {
        continue;
      }
      const auto told = Told(*stub, ledgers[i].id);
      const std::scoped_lock lock(mutex);
      if (!told.ok()) {
        failed.Update(told.status());
        next = ledgers.size();
        return;
      }
      CompareLedger(ledgers[i], *told, answer);
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kAtOnce; ++i) {
      threads.emplace_back(work);
    }
  }
  FLOTILLA_RETURN_IF_ERROR(failed);
  return answer;
}

}  // namespace flotilla::swarm
