#include "telemetry/dap/answer_job.h"

#include <utility>
#include <vector>

#include "telemetry/dap/admission.h"
#include "telemetry/dap/device_signature.h"
#include "telemetry/dap/input_share.h"

namespace flotilla::dap {

StatusOr<VerifyResponse> AnswerJob::Process(const VerifyInit& init) {
  VerifyResponse response;
  response.id = init.metadata.id;
  FLOTILLA_ASSIGN_OR_RETURN(const Admitted admitted, Admit(init));
  response.error = admitted.error;
  if (response.error != ReportError::kNone) return response;
  StatusOr<vdaf::PingPong::Answered> answered =
      verifier_.Answer({.nonce = init.metadata.id,
                        .public_share = init.public_share,
                        .input_share = admitted.share.payload},
                       init.message);
  if (!answered.ok()) {
    // One attempt for each report: a leader that errs on purpose learns nothing from a second one.
    commit_.reports.emplace_back(init.metadata.time, init.metadata.id);
    response.error = ReportError::kVdafVerifyError;
    return response;
  }
  FLOTILLA_RETURN_IF_ERROR(Take(init, admitted, answered->output_share));
  response.message = std::move(answered->message);
  return response;
}

StatusOr<AnswerJob::Admitted> AnswerJob::Admit(const VerifyInit& init) const {
  Admitted admitted;
  admitted.error = CheckTime(task_, init.metadata.time, now_);
  if (admitted.error != ReportError::kNone) return admitted;
  FLOTILLA_ASSIGN_OR_RETURN(admitted.error, CheckFresh(task_, init.metadata, store_));
  if (admitted.error != ReportError::kNone) return admitted;
  const Bytes aad = InputShareAad(task_.id(), task_.encoded(), init.metadata, init.public_share);
  StatusOr<PlaintextInputShare> share =
      OpenInputShare(init.helper_share, keys_, Role::kHelper, aad);
  if (!share.ok()) {
    admitted.error = ErrorOfOpening(share.status());
    return admitted;
  }
  admitted.share = *std::move(share);
  FLOTILLA_ASSIGN_OR_RETURN(admitted.error, CheckDevice(init, aad, admitted));
  return admitted;
}

StatusOr<ReportError> AnswerJob::CheckDevice(const VerifyInit& init, ByteView aad,
                                             Admitted& admitted) const {
  const StatusOr<DeviceSignature> extension =
      DeviceSignature::Decode(admitted.share.private_extensions);
  if (!extension.ok()) return ReportError::kInvalidMessage;
  const StatusOr<security::PublicKey> key = devices_.Find(extension->key);
  if (key.status().code() == StatusCode::kNotFound) return ReportError::kReportDropped;
  FLOTILLA_RETURN_IF_ERROR(key.status());
  if (!VerifyReport(*key, *extension, aad, admitted.share.payload).ok()) {
    return ReportError::kInvalidMessage;
  }
  admitted.key = extension->key;
  admitted.charge = {.window = task_.ChargeOf(init.metadata.time), .at = now_, .cost = cost_};
  return CheckBudget(admitted);
}

StatusOr<ReportError> AnswerJob::CheckBudget(const Admitted& admitted) const {
  FLOTILLA_ASSIGN_OR_RETURN(std::vector<dp::KeyCharge> charges, store_.ChargesOf(admitted.key));
  for (const auto& [key, charge] : commit_.charges) {
    if (key == admitted.key) charges.push_back(charge);
  }
  const Status admission = dp::AdmitKeyCharge(charges, admitted.charge);
  if (admission.code() == StatusCode::kAlreadyExists) return ReportError::kReportReplayed;
  return admission.ok() ? ReportError::kNone : ReportError::kReportDropped;
}

Status AnswerJob::Take(const VerifyInit& init, const Admitted& admitted, ByteView output_share) {
  const WindowStart window = init.metadata.time;
  auto bucket = commit_.buckets.find(window);
  if (bucket == commit_.buckets.end()) {
    FLOTILLA_ASSIGN_OR_RETURN(BatchBucket stored, LoadBucket(task_, window, store_));
    bucket = commit_.buckets.emplace(window, std::move(stored)).first;
  }
  FLOTILLA_RETURN_IF_ERROR(
      AddReport(task_.prio3(), init.metadata.id, output_share, bucket->second));
  commit_.reports.emplace_back(window, init.metadata.id);
  commit_.charges.emplace_back(admitted.key, admitted.charge);
  return OkStatus();
}

}  // namespace flotilla::dap
