#include "telemetry/dap/leader.h"

#include <cstddef>
#include <optional>
#include <set>
#include <utility>

#include "security/sha256.h"
#include "telemetry/dap/admission.h"
#include "telemetry/dap/aggregate_share.h"
#include "telemetry/dap/collection_messages.h"
#include "telemetry/dap/input_share.h"

namespace flotilla::dap {

StatusOr<Leader> Leader::Create(const Task& task, const AggregatorKeys& keys,
                                AggregatorStore& store, Random& random) {
  FLOTILLA_ASSIGN_OR_RETURN(const vdaf::PingPong verifier,
                            vdaf::PingPong::Create(task.prio3(), keys.verify_key, task.context()));
  return Leader(task, keys, store, random, verifier);
}

StatusOr<ReportError> Leader::Screen(ByteView report, Time now) const {
  if (report.size() != task_->report_size()) {
    return InvalidArgument("not the size of this task's reports");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Report decoded, Report::Decode(report));
  if (!keys_->shares.contains(decoded.leader_share.config_id)) {
    return ReportError::kHpkeUnknownConfigId;
  }
  const ReportError error = CheckTime(*task_, decoded.metadata.time, now);
  if (error != ReportError::kNone) return error;
  if (now >= UploadsEndAt(*task_, decoded.metadata.time)) return ReportError::kReportDropped;
  return CheckFresh(*task_, decoded.metadata, *store_);
}

StatusOr<LeaderJob> Leader::Start(std::span<const Bytes> reports, Time now) const {
  if (reports.size() > kMaxReportsOfJob) return InvalidArgument("too many reports for one job");
  LeaderJob job;
  AggregationRequest request;
  std::set<ReportId> ids;
  for (const Bytes& bytes : reports) {
    const StatusOr<Report> report = Report::Decode(bytes);
    if (!report.ok()) continue;  // Screen would not have let it pass
    ReportError error = ReportError::kReportReplayed;
    if (ids.insert(report->metadata.id).second) {
      FLOTILLA_ASSIGN_OR_RETURN(error, Prepare(*report, now, job, request));
    }
    if (error != ReportError::kNone) job.refused.emplace_back(report->metadata.id, error);
  }
  if (!request.inits.empty()) job.request = request.Encode();
  return job;
}

StatusOr<ReportError> Leader::Prepare(const Report& report, Time now, LeaderJob& job,
                                      AggregationRequest& request) const {
  const ReportError error = CheckTime(*task_, report.metadata.time, now);
  if (error != ReportError::kNone) return error;
  FLOTILLA_ASSIGN_OR_RETURN(const ReportError stale, CheckFresh(*task_, report.metadata, *store_));
  if (stale != ReportError::kNone) return stale;
  const Bytes aad =
      InputShareAad(task_->id(), task_->encoded(), report.metadata, report.public_share);
  const StatusOr<PlaintextInputShare> share =
      OpenInputShare(report.leader_share, keys_->shares, Role::kLeader, aad);
  if (!share.ok()) return ErrorOfOpening(share.status());
  if (!share->private_extensions.empty()) return ReportError::kInvalidMessage;
  StatusOr<vdaf::PingPong::Started> started = verifier_.Start({.nonce = report.metadata.id,
                                                               .public_share = report.public_share,
                                                               .input_share = share->payload});
  if (!started.ok()) return ReportError::kVdafVerifyError;
  request.inits.push_back({.metadata = report.metadata,
                           .public_share = report.public_share,
                           .helper_share = report.helper_share,
                           .message = std::move(started->message)});
  job.pending.push_back({.metadata = report.metadata, .state = std::move(started->state)});
  return ReportError::kNone;
}

StatusOr<LeaderVerdict> Leader::Finish(const LeaderJob& job, ByteView response) {
  const StatusOr<AggregationResponse> answer = AggregationResponse::Decode(response);
  if (!answer.ok() || answer->responses.size() != job.pending.size()) {
    return Aborted("the helper's answer is not one to this job");
  }
  for (std::size_t i = 0; i < job.pending.size(); ++i) {
    if (answer->responses[i].id != job.pending[i].metadata.id) {
      return Aborted("the helper's answer is about other reports");
    }
  }
  AggregatorCommit commit;
  commit.task = task_->id();
  LeaderVerdict verdict;
  for (std::size_t i = 0; i < job.pending.size(); ++i) {
    FLOTILLA_ASSIGN_OR_RETURN(const ReportError error,
                              Settle(job.pending[i], answer->responses[i], commit));
    if (error == ReportError::kNone) {
      ++verdict.accepted;
    } else {
      verdict.refused.emplace_back(job.pending[i].metadata.id, error);
    }
  }
  if (verdict.accepted > 0) FLOTILLA_RETURN_IF_ERROR(store_->Commit(commit));
  return verdict;
}

StatusOr<ReportError> Leader::Settle(const LeaderJob::Pending& pending,
                                     const VerifyResponse& response,
                                     AggregatorCommit& commit) const {
  if (response.error != ReportError::kNone) return response.error;
  FLOTILLA_ASSIGN_OR_RETURN(const ReportError stale, CheckFresh(*task_, pending.metadata, *store_));
  if (stale != ReportError::kNone) return stale;
  const StatusOr<Bytes> output = verifier_.Finish(pending.state, response.message);
  if (!output.ok()) return ReportError::kVdafVerifyError;
  const WindowStart window = pending.metadata.time;
  auto bucket = commit.buckets.find(window);
  if (bucket == commit.buckets.end()) {
    FLOTILLA_ASSIGN_OR_RETURN(BatchBucket stored, LoadBucket(*task_, window, *store_));
    bucket = commit.buckets.emplace(window, std::move(stored)).first;
  }
  FLOTILLA_RETURN_IF_ERROR(AddReport(task_->prio3(), pending.metadata.id, *output, bucket->second));
  commit.reports.emplace_back(window, pending.metadata.id);
  return ReportError::kNone;
}

StatusOr<LeaderCollection> Leader::Collect(WindowStart window, Time now) {
  const Interval interval = task_->IntervalOf(window);
  FLOTILLA_ASSIGN_OR_RETURN(const BatchBucket bucket, LoadBucket(*task_, window, *store_));
  FLOTILLA_RETURN_IF_ERROR(CheckCollectable(*task_, interval, bucket, now));
  const AggregateShareRequest request{.collection = {.interval = interval},
                                      .selector = interval,
                                      .report_count = bucket.count,
                                      .checksum = bucket.checksum};
  LeaderCollection collection;
  collection.request = request.Encode();
  FLOTILLA_ASSIGN_OR_RETURN(std::optional<CollectedWindow> earlier,
                            store_->FindCollected(task_->id(), window));
  if (earlier.has_value()) {
    collection.share = std::move(earlier->answer);
    return collection;
  }
  FLOTILLA_ASSIGN_OR_RETURN(collection.share,
                            SealNoisyShare(*task_, bucket, request.collection, Role::kLeader,
                                           keys_->collector, *random_));
  AggregatorCommit commit;
  commit.task = task_->id();
  commit.collected.emplace(window, CollectedWindow{.request = security::Sha256(collection.request),
                                                   .answer = collection.share});
  FLOTILLA_RETURN_IF_ERROR(store_->Commit(commit));
  return collection;
}

}  // namespace flotilla::dap
