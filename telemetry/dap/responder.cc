#include "telemetry/dap/responder.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "security/sha256.h"
#include "telemetry/dap/admission.h"
#include "telemetry/dap/aggregate_share.h"
#include "telemetry/dap/aggregation_messages.h"
#include "telemetry/dap/answer_job.h"
#include "telemetry/dap/collection_messages.h"
#include "telemetry/dp/cost.h"

namespace flotilla::dap {

StatusOr<Responder> Responder::Create(const Task& task, const AggregatorKeys& keys,
                                      const ReportingKeys& devices, AggregatorStore& store,
                                      Random& random) {
  FLOTILLA_ASSIGN_OR_RETURN(const vdaf::PingPong verifier,
                            vdaf::PingPong::Create(task.prio3(), keys.verify_key, task.context()));
  return Responder(task, keys, devices, store, random, verifier);
}

StatusOr<Bytes> Responder::Aggregate(ByteView request, Time now) {
  const Digest digest = security::Sha256(request);
  FLOTILLA_ASSIGN_OR_RETURN(std::optional<Bytes> earlier, store_->FindAnswer(task_->id(), digest));
  if (earlier.has_value()) return *std::move(earlier);
  FLOTILLA_ASSIGN_OR_RETURN(const AggregationRequest reports, AggregationRequest::Decode(request));
  FLOTILLA_ASSIGN_OR_RETURN(const dp::PrivacyCost cost, dp::CostOf(task_->configuration().noise));
  AnswerJob job(*task_, keys_->shares, *devices_, *store_, verifier_, cost, now);
  AggregationResponse response;
  std::optional<WindowStart> newest;
  for (const VerifyInit& init : reports.inits) {
    FLOTILLA_ASSIGN_OR_RETURN(VerifyResponse one, job.Process(init));
    response.responses.push_back(std::move(one));
    if (task_->IsWindow(init.metadata.time)) {
      newest = std::max(newest.value_or(0), init.metadata.time);
    }
  }
  Bytes answer = response.Encode();
  // About no window of the task: the same request is refused in the same words for ever.
  if (!newest.has_value()) return answer;
  job.commit().answer.emplace(digest, answer);
  job.commit().answer_window = *newest;
  FLOTILLA_RETURN_IF_ERROR(store_->Commit(job.commit()));
  return answer;
}

StatusOr<Bytes> Responder::ShareOf(ByteView request, Time now) {
  const Digest digest = security::Sha256(request);
  FLOTILLA_ASSIGN_OR_RETURN(const AggregateShareRequest asked,
                            AggregateShareRequest::Decode(request));
  const WindowStart window = asked.selector.start;
  FLOTILLA_ASSIGN_OR_RETURN(std::optional<CollectedWindow> earlier,
                            store_->FindCollected(task_->id(), window));
  if (earlier.has_value()) {
    if (earlier->request == digest) return std::move(earlier->answer);
    return AlreadyExists("the window was collected by another request");
  }
  if (asked.collection.interval != asked.selector) {
    return InvalidArgument("the query and the batch are not the same window");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const BatchBucket bucket, LoadBucket(*task_, window, *store_));
  FLOTILLA_RETURN_IF_ERROR(CheckCollectable(*task_, asked.selector, bucket, now));
  if (asked.report_count != bucket.count || asked.checksum != bucket.checksum) {
    return Aborted("leader and helper have not aggregated the same reports");
  }
  FLOTILLA_ASSIGN_OR_RETURN(
      Bytes answer,
      SealNoisyShare(*task_, bucket, asked.collection, Role::kHelper, keys_->collector, *random_));
  AggregatorCommit commit;
  commit.task = task_->id();
  commit.collected.emplace(window, CollectedWindow{.request = digest, .answer = answer});
  FLOTILLA_RETURN_IF_ERROR(store_->Commit(commit));
  return answer;
}

}  // namespace flotilla::dap
