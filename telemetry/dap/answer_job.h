// One aggregation request at the helper, report by report.
#ifndef FLOTILLA_TELEMETRY_DAP_ANSWER_JOB_H_
#define FLOTILLA_TELEMETRY_DAP_ANSWER_JOB_H_

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"
#include "telemetry/dap/aggregation_messages.h"
#include "telemetry/dap/aggregator_store.h"
#include "telemetry/dap/hpke_config.h"
#include "telemetry/dap/report.h"
#include "telemetry/dap/task.h"
#include "telemetry/dp/cost.h"
#include "telemetry/vdaf/ping_pong.h"

namespace flotilla::dap {

// Collects what a request changes. The store is read, never written. All references outlive it.
class AnswerJob {
 public:
  AnswerJob(const Task& task, const HpkeKeyring& keys, const ReportingKeys& devices,
            const AggregatorStore& store, const vdaf::PingPong& verifier, dp::PrivacyCost cost,
            Time now)
      : task_(task),
        keys_(keys),
        devices_(devices),
        store_(store),
        verifier_(verifier),
        cost_(cost),
        now_(now) {
    commit_.task = task.id();
  }

  // The answer to one report. Errors are those of the store and of ReportingKeys, but NOT_FOUND;
  // the whole job must be dropped then.
  StatusOr<VerifyResponse> Process(const VerifyInit& init);

  // What all accepted reports change.
  AggregatorCommit& commit() { return commit_; }

 private:
  // A report that got through everything but the proof.
  struct Admitted {
    ReportError error = ReportError::kNone;
    PlaintextInputShare share;
    KeyId key;
    dp::KeyCharge charge;
  };

  StatusOr<Admitted> Admit(const VerifyInit& init) const;
  // kNone, or why the report is not one of a registered device that may still report.
  StatusOr<ReportError> CheckDevice(const VerifyInit& init, ByteView aad, Admitted& admitted) const;
  StatusOr<ReportError> CheckBudget(const Admitted& admitted) const;
  // Moves the report into commit_.
  Status Take(const VerifyInit& init, const Admitted& admitted, ByteView output_share);

  const Task& task_;
  const HpkeKeyring& keys_;
  const ReportingKeys& devices_;
  const AggregatorStore& store_;
  const vdaf::PingPong& verifier_;
  dp::PrivacyCost cost_;
  Time now_;
  AggregatorCommit commit_;
};

}  // namespace flotilla::dap

#endif  // FLOTILLA_TELEMETRY_DAP_ANSWER_JOB_H_
