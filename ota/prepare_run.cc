#include "ota/prepare_run.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/log.h"
#include "ota/active_file.h"
#include "ota/format/approval_statement.h"
#include "ota/format/leaf_map.h"
#include "ota/steps/fetch.h"
#include "ota/steps/read_target.h"
#include "ota/steps/refresh_metadata.h"
#include "ota/steps/reserve_space.h"
#include "ota/steps/self_test.h"
#include "ota/steps/verify_artifact.h"
#include "security/tuf/client.h"

namespace flotilla::ota {
namespace {

constexpr std::size_t kTxnBytes = 8;

std::string NewTxn(Random& random) {
  std::array<std::uint8_t, kTxnBytes> bytes{};
  random.Fill(bytes);
  return HexEncode(bytes);
}

v1::FailureReason ReasonOf(const Status& status, v1::FailureReason otherwise) {
  const int reason = ReasonNumber(status);
  return v1::FailureReason_IsValid(reason) && reason != 0 ? static_cast<v1::FailureReason>(reason)
                                                          : otherwise;
}

bool IsFetchOrExpiry(const Status& status) {
  const int reason = ReasonNumber(status);
  return (reason >= v1::FAILURE_REASON_FETCH_DNS && reason <= v1::FAILURE_REASON_FETCH_REDIRECT) ||
         (reason >= v1::FAILURE_REASON_TRUST_EXPIRED_ROOT &&
          reason <= v1::FAILURE_REASON_TRUST_EXPIRED_TARGETS);
}

bool IsStored(const v1::InstalledRelease& release, const Store& store) {
  std::set<Digest> blobs;
  AddBlobs(release, blobs);
  return std::all_of(blobs.begin(), blobs.end(),
                     [&](const Digest& blob) { return store.Contains(blob); });
}

Status CheckMarks(const LineSlots& slots, const v1::ReleaseRef& ref) {
  const std::optional<v1::MarkedBad> bad = slots.FindBad(DigestOf(ref.sha256()));
  if (!bad.has_value()) {
    return OkStatus();
  }
  const bool loops = bad->reason() == v1::FAILURE_REASON_INSTALL_LOOP_BROKEN;
  return WithReason(
      FailedPrecondition(NameOf(ref) +
                         " is marked bad on this device: " + v1::FailureReason_Name(bad->reason())),
      loops ? v1::FAILURE_REASON_INSTALL_LOOP_BROKEN : v1::FAILURE_REASON_POLICY_MARKED_BAD);
}

}  // namespace

PrepareRun::PrepareRun(const PreparePorts& ports, const v1::Assignment& assignment,
                       LineSlots& slots, UpdateObserver& observer, PrepareTrace& trace,
                       const std::stop_token& stop)
    : ports_(ports),
      assignment_(assignment),
      slots_(slots),
      observer_(observer),
      trace_(trace),
      stop_(stop),
      now_(ports.clock.Now()) {}

StatusOr<PrepareResult> PrepareRun::Run() {
  const v1::ReleaseRef& assigned = assignment_.release();
  if (assigned.line() != slots_.line().value() || DigestOf(assigned.sha256()).IsZero()) {
    return InvalidArgument("not an assignment for " + slots_.line().value());
  }
  const v1::ActiveRecord active = slots_.active();
  if (active.has_current() && active.current().ref().sha256() == assigned.sha256()) {
    PrepareResult result;
    result.outcome = PrepareOutcome::kAlreadyCurrent;
    result.release = active.current();
    trace_.variant = active.current().variant();
    return result;
  }
  FLOTILLA_RETURN_IF_ERROR(CheckMarks(slots_, assigned));
  FLOTILLA_RETURN_IF_ERROR(CheckApproved());
  if (active.trial()) {
    return FailedPrecondition(NameOf(active.current().ref()) + " is on trial");
  }
  FLOTILLA_RETURN_IF_ERROR(IsPinned() ? RecheckPinned() : Install());
  FLOTILLA_RETURN_IF_ERROR(Test());
  return Finish();
}

Status PrepareRun::CheckApproved() const {
  if (ports_.options.approvers.empty()) {
    return OkStatus();
  }
  std::vector<ApprovalSignature> signatures;
  const int count =
      std::min(assignment_.operator_signatures_size(), assignment_.operator_key_ids_size());
  signatures.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    signatures.push_back(
        {ToBytes(assignment_.operator_key_ids(i)), ToBytes(assignment_.operator_signatures(i))});
  }
  return CheckApprovals(assignment_.rollout_id(), assignment_.release(), signatures,
                        ports_.options.approvers, ports_.options.approver_threshold);
}

bool PrepareRun::IsPinned() const {
  const std::optional<v1::JournalRecord> open = slots_.open_transaction();
  return open.has_value() && open->step() != v1::JOURNAL_STEP_BEGIN &&
         open->release().ref().sha256() == assignment_.release().sha256() &&
         IsStored(open->release(), ports_.store);
}

StatusOr<Verified<SignedRelease>> PrepareRun::VerifyAll() {
  FLOTILLA_RETURN_IF_ERROR(RefreshMetadata(ports_.tuf, now_, stop_));
  ReleaseVerifier verifier(ports_.tuf, ports_.fetcher, ports_.store);
  FLOTILLA_ASSIGN_OR_RETURN(Verified<SignedRelease> release,
                            verifier.Verify(assignment_.release(), now_, stop_));
  if (release->policy.floor > 0) {
    FLOTILLA_RETURN_IF_ERROR(slots_.RaiseFloor(static_cast<std::uint64_t>(release->policy.floor)));
  }
  FLOTILLA_RETURN_IF_ERROR(CheckPolicy(release, slots_.floor()));
  return release;
}

Status PrepareRun::RecheckPinned() {
  if (const auto open = slots_.open_transaction(); open.has_value()) {
    trace_.variant = open->release().variant();
  }
  Status status = VerifyAll().status();
  if (status.ok() || IsFetchOrExpiry(status)) {
    // What is staged rests on metadata that was fresh when it was verified.
    return OkStatus();
  }
  if (status.code() != StatusCode::kCancelled) {
    FLOTILLA_RETURN_IF_ERROR(
        slots_.Abandon(ReasonOf(status, v1::FAILURE_REASON_STORAGE_IO), MarkMode::kNoMark));
  }
  return status;
}

Status PrepareRun::Install() {
  FLOTILLA_ASSIGN_OR_RETURN(const Verified<SignedRelease> release, VerifyAll());
  FLOTILLA_ASSIGN_OR_RETURN(
      const InstallPlan plan,
      CheckCompatibility(release, ports_.options.facts, ports_.options.agent_version,
                         ports_.options.engine_version, ports_.tuf, now_));
  trace_.variant = plan.release.variant();
  LogInfo("update.variant", {{"line", slots_.line().value()},
                             {"version", plan.release.ref().version()},
                             {"variant", plan.release.variant()},
                             {"why", plan.why}});
  SpaceReserve reserve;
  reserve.percent = ports_.options.reserve_percent;
  reserve.bytes = ports_.options.reserve_bytes;
  reserve.budget_bytes = ports_.options.disk_budget_bytes;
  FLOTILLA_RETURN_IF_ERROR(
      ReserveSpace(plan, ports_.options.state_dir, ports_.store, reserve,
                   ports_.options.disk_space ? ports_.options.disk_space : DiskProbe(ProbeDisk)));
  FLOTILLA_RETURN_IF_ERROR(Begin(plan));
  FLOTILLA_RETURN_IF_ERROR(BreakLoop());
  Tell(v1::DEPLOYMENT_STATE_DOWNLOADING);
  FLOTILLA_ASSIGN_OR_RETURN(const SmallFiles files, FetchSmallFiles(plan));
  FLOTILLA_RETURN_IF_ERROR(FetchLargeFiles(plan, files));
  FLOTILLA_RETURN_IF_ERROR(StageSlot(release, plan, files, ports_.store));
  Tell(v1::DEPLOYMENT_STATE_STAGED);
  return OkStatus();
}

Status PrepareRun::Begin(const InstallPlan& plan) {
  v1::JournalRecord begin;
  *begin.mutable_release() = plan.release;
  const tuf::MetadataVersions versions = ports_.tuf.versions();
  begin.set_root_version(static_cast<std::uint64_t>(versions.root));
  begin.set_timestamp_version(static_cast<std::uint64_t>(versions.timestamp));
  begin.set_snapshot_version(static_cast<std::uint64_t>(versions.snapshot));
  begin.set_targets_version(static_cast<std::uint64_t>(versions.targets));
  begin.mutable_verified_at()->set_seconds(absl::ToUnixSeconds(now_));
  begin.set_rollout_id(assignment_.rollout_id());
  begin.set_rollout_revision(assignment_.rollout_revision());
  begin.set_wave(assignment_.wave());
  begin.set_attempt(assignment_.attempt());
  return slots_.Begin(std::move(begin), NewTxn(ports_.random)).status();
}

Status PrepareRun::BreakLoop() {
  if (slots_.state_changes() <= kMaxStateChanges) {
    return OkStatus();
  }
  FLOTILLA_RETURN_IF_ERROR(
      slots_.Abandon(v1::FAILURE_REASON_INSTALL_LOOP_BROKEN, MarkMode::kMarkBad));
  return WithReason(FailedPrecondition("the update began again too often without an end"),
                    v1::FAILURE_REASON_INSTALL_LOOP_BROKEN);
}

StatusOr<SmallFiles> PrepareRun::FetchSmallFiles(const InstallPlan& plan) {
  SmallFiles files;
  for (const PlannedFile& file : plan.files) {
    const Digest& sha256 = file.target.sha256;
    if (ports_.store.Contains(sha256)) {
      continue;
    }
    if (file.map.has_value()) {
      FLOTILLA_ASSIGN_OR_RETURN(files.maps[sha256],
                                ReadTarget(*file.map, BlobKind::kUnspecified, kMaxLeafMapBytes,
                                           ports_.store, ports_.fetcher, stop_));
    } else {
      const std::uint64_t most =
          file.kind == BlobKind::kGolden ? kMaxGoldenBytes : kMaxChatTemplateBytes;
      FLOTILLA_ASSIGN_OR_RETURN(
          files.contents[sha256],
          ReadTarget(file.target, file.kind, most, ports_.store, ports_.fetcher, stop_));
    }
  }
  return files;
}

Status PrepareRun::FetchLargeFiles(const InstallPlan& plan, const SmallFiles& files) {
  std::vector<std::pair<const PlannedFile*, FetchResult>> fetched;
  for (const PlannedFile& file : plan.files) {
    if (files.maps.contains(file.target.sha256)) {
      FLOTILLA_ASSIGN_OR_RETURN(const FetchResult result, FetchLargeFile(file, files));
      fetched.emplace_back(&file, result);
    }
  }
  if (!fetched.empty()) {
    Tell(v1::DEPLOYMENT_STATE_VERIFYING);
  }
  for (const auto& [file, result] : fetched) {
    FLOTILLA_RETURN_IF_ERROR(Verify(*file, result));
  }
  Status fits = CheckGgufSet(plan, ports_.store);
  if (ReasonNumber(fits) != v1::FAILURE_REASON_INSTALL_GGUF_INVALID) {
    return fits;
  }
  for (const auto& [file, result] : fetched) {
    FLOTILLA_RETURN_IF_ERROR(ports_.store.DropPart(file->target.sha256));
  }
  return Condemn(fits);
}

StatusOr<FetchResult> PrepareRun::FetchLargeFile(const PlannedFile& file, const SmallFiles& files) {
  StatusOr<LeafMap> map = LeafMap::Parse(files.maps.at(file.target.sha256));
  if (!map.ok()) {
    return Condemn(map.status());
  }
  const FetchJob job{file.target, std::move(map).value(), file.map->sha256};
  const FetchPorts fetch_ports{ports_.fetcher, ports_.store, ports_.fs, ports_.clock};
  StatusOr<FetchResult> fetched = FetchArtifact(
      job, fetch_ports, [this](std::uint64_t bytes) { CountBytes(bytes); }, stop_);
  const bool wrong = ReasonNumber(fetched.status()) == v1::FAILURE_REASON_INSTALL_CHUNK_MISMATCH;
  return wrong ? Condemn(fetched.status()) : fetched;
}

Status PrepareRun::Verify(const PlannedFile& file, const FetchResult& fetched) {
  const Digest& sha256 = file.target.sha256;
  Status verified =
      VerifyArtifact(ports_.store.PartPath(sha256), file.target, fetched.sha256, stop_);
  if (verified.ok() || verified.code() == StatusCode::kCancelled) {
    return verified;
  }
  FLOTILLA_RETURN_IF_ERROR(ports_.store.DropPart(sha256));
  return Condemn(verified);
}

// Ends the transaction for a fault of the bytes; those that are bad as signed are marked.
Status PrepareRun::Condemn(const Status& status) {
  const bool bad_as_signed = ReasonNumber(status) == v1::FAILURE_REASON_INSTALL_GGUF_INVALID ||
                             ReasonNumber(status) == v1::FAILURE_REASON_FORM_SCHEMA;
  FLOTILLA_RETURN_IF_ERROR(slots_.Abandon(ReasonOf(status, v1::FAILURE_REASON_STORAGE_IO),
                                          bad_as_signed ? MarkMode::kMarkBad : MarkMode::kNoMark));
  return status;
}

Status PrepareRun::Test() {
  const std::optional<v1::JournalRecord> open = slots_.open_transaction();
  if (!open.has_value()) {
    return Cancelled("the update was cancelled meanwhile");
  }
  if (open->step() == v1::JOURNAL_STEP_PREFLIGHT_OK) {
    if (open->has_golden()) {
      trace_.score = open->golden();
    }
    return OkStatus();
  }
  if (slots_.self_test_starts() > kMaxFailedTransactions) {
    FLOTILLA_RETURN_IF_ERROR(
        slots_.Abandon(v1::FAILURE_REASON_INSTALL_LOOP_BROKEN, MarkMode::kMarkBad));
    return WithReason(FailedPrecondition("the self-test was started too often without an end"),
                      v1::FAILURE_REASON_INSTALL_LOOP_BROKEN);
  }
  FLOTILLA_RETURN_IF_ERROR(slots_.Advance(v1::JOURNAL_STEP_STAGED, std::nullopt));
  Tell(v1::DEPLOYMENT_STATE_SELF_TESTING);
  const v1::ActiveRecord active = slots_.active();
  // A release that was revoked is no measure of the one that takes its place.
  const bool compares = active.has_current() && !slots_.CurrentRevoked().has_value();
  const std::optional<v1::InstalledRelease> running =
      compares ? std::make_optional(active.current()) : std::nullopt;
  Status status = SelfTest(ports_.tester, open->release(), running, stop_, trace_.score);
  if (status.ok()) {
    return slots_.Advance(v1::JOURNAL_STEP_PREFLIGHT_OK, trace_.score);
  }
  if (status.code() == StatusCode::kCancelled) {
    return status;
  }
  FLOTILLA_RETURN_IF_ERROR(
      slots_.Abandon(ReasonOf(status, v1::FAILURE_REASON_INSTALL_HEALTH_TIMEOUT),
                     CondemnsRelease(status) ? MarkMode::kMarkBad : MarkMode::kNoMark));
  return WithReason(status, v1::FAILURE_REASON_INSTALL_HEALTH_TIMEOUT);
}

StatusOr<PrepareResult> PrepareRun::Finish() {
  const std::optional<v1::JournalRecord> open = slots_.open_transaction();
  if (!open.has_value()) {
    return Cancelled("the update was cancelled meanwhile");
  }
  PrepareResult result;
  result.outcome = PrepareOutcome::kReady;
  result.release = open->release();
  result.txn = open->txn();
  result.score = trace_.score;
  result.bytes_fetched = trace_.bytes_fetched;
  return result;
}

void PrepareRun::CountBytes(std::uint64_t bytes) {
  trace_.bytes_fetched += bytes;
  if (trace_.bytes_fetched - told_bytes_ >= kCheckpointBytes) {
    Tell(v1::DEPLOYMENT_STATE_DOWNLOADING);
  }
}

void PrepareRun::Tell(v1::DeploymentState state) {
  told_bytes_ = trace_.bytes_fetched;
  observer_.OnState(state, trace_.bytes_fetched);
}

}  // namespace flotilla::ota
