#include "telemetry/dap/report_builder.h"

#include <utility>

#include "telemetry/dap/device_signature.h"
#include "telemetry/dap/input_share.h"
#include "telemetry/dap/report.h"
#include "telemetry/vdaf/prio3.h"

namespace flotilla::dap {

StatusOr<ReportBuilder> ReportBuilder::Create(const Task& task, const HpkeConfig& leader,
                                              const HpkeConfig& helper,
                                              security::Signer& reporting_key, Random& random) {
  if (reporting_key.public_key().kind() != security::KeyKind::kEd25519) {
    return InvalidArgument("a reporting key is an Ed25519 key");
  }
  return ReportBuilder(task, leader, helper, reporting_key, random);
}

StatusOr<Bytes> ReportBuilder::Build(WindowStart window, std::uint32_t bucket) const {
  if (!task_->IsWindow(window)) return InvalidArgument("not a window of the task");
  Report report;
  report.metadata.time = window;
  random_->Fill(report.metadata.id);
  FLOTILLA_ASSIGN_OR_RETURN(
      vdaf::ShardedMeasurement sharded,
      vdaf::Shard(task_->prio3(), task_->context(), bucket, report.metadata.id, *random_));
  report.public_share = std::move(sharded.public_share);
  const Bytes aad =
      InputShareAad(task_->id(), task_->encoded(), report.metadata, report.public_share);

  const PlaintextInputShare leader{.private_extensions = {},
                                   .payload = std::move(sharded.input_shares[0])};
  FLOTILLA_ASSIGN_OR_RETURN(report.leader_share,
                            SealInputShare(leader, leader_, Role::kLeader, aad, *random_));
  PlaintextInputShare helper{.private_extensions = {},
                             .payload = std::move(sharded.input_shares[1])};
  FLOTILLA_ASSIGN_OR_RETURN(const DeviceSignature extension,
                            SignReport(*reporting_key_, aad, helper.payload));
  helper.private_extensions = extension.Encode();
  FLOTILLA_ASSIGN_OR_RETURN(report.helper_share,
                            SealInputShare(helper, helper_, Role::kHelper, aad, *random_));
  Bytes bytes = report.Encode();
  if (bytes.size() != task_->report_size()) return Internal("a report of an unforeseen size");
  return bytes;
}

}  // namespace flotilla::dap
