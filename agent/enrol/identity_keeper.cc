#include "agent/enrol/identity_keeper.h"

#include <algorithm>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

#include "agent/enrol/renewal_plan.h"
#include "base/jitter.h"
#include "base/log.h"
#include "security/x509/bundle.h"

namespace flotilla::agent {
namespace {

// The clock may step: the plan is looked at so often.
constexpr Duration kLongestNap = absl::Minutes(10);
// A device that could open no session for so long asks whether its certificate is the cause, and
// again so often.
constexpr Duration kDownLong = absl::Minutes(10);
constexpr Duration kAskAgain = absl::Hours(1);
constexpr Duration kAskExpired = absl::Minutes(1);
// A device whose clock runs ahead renews again after this part of a certificate's life at most.
constexpr int kLeastPauseParts = 3;

bool IsReason(const Status& status, v1::FailureReason reason) {
  return ReasonNumber(status) == static_cast<int>(reason);
}

}  // namespace

IdentityKeeper::IdentityKeeper(std::filesystem::path state_dir, Identity identity,
                               const Parts& parts, Hooks hooks)
    : state_dir_(std::move(state_dir)),
      parts_(parts),
      hooks_(std::move(hooks)),
      current_(std::move(identity)),
      alive_(std::make_shared<bool>(true)) {}

IdentityKeeper::~IdentityKeeper() {
  Stop();
}

void IdentityKeeper::Start() {
  StatusOr<Identity> next = LoadNextIdentity(state_dir_);
  if (next.ok()) {
    next_ = *std::move(next);
  } else if (next.status().code() != StatusCode::kNotFound) {
    LogStatus(LogLevel::kError, "identity.next_unreadable", next.status());
  }
  UseNext(next_.has_value());
  Plan();
}

void IdentityKeeper::Stop() {
  if (std::exchange(stopped_, true)) {
    return;
  }
  *alive_ = false;
  if (timer_armed_) {
    parts_.executor.Cancel(timer_);
  }
  parts_.enrolment.client.Cancel();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void IdentityKeeper::UseNext(bool next) {
  next_in_use_ = next;
  hooks_.use(identity());
}

// By the dates of the newest certificate.
void IdentityKeeper::Plan() {
  const std::string& chain = next_.has_value() ? next_->chain_pem : current_.chain_pem;
  const StatusOr<security::CertificateDates> dates = security::DatesOf(chain);
  if (!dates.ok()) {
    LogStatus(LogLevel::kError, "identity.unreadable", dates.status());
    return;
  }
  due_ = RenewalTime(dates->not_before, dates->not_after, parts_.enrolment.random);
  least_pause_ = (dates->not_after - dates->not_before) / kLeastPauseParts;
  backoff_.emplace(RenewalBackoff(dates->not_before, dates->not_after), parts_.enrolment.random);
  rotation_ = KeyRotation::kKeep;
  LogInfo("identity.plan", {{"device", current_.device_id},
                            {"until", UtcText(dates->not_after)},
                            {"renew_at", UtcText(due_)}});
  ArmTimer(due_ - parts_.clock.Now());
}

void IdentityKeeper::ArmTimer(Duration delay) {
  if (stopped_) {
    return;
  }
  if (timer_armed_) {
    parts_.executor.Cancel(timer_);
  }
  timer_armed_ = true;
  timer_ = parts_.executor.PostAfter(std::clamp(delay, absl::ZeroDuration(), kLongestNap), [this] {
    timer_armed_ = false;
    OnTimer();
  });
}

void IdentityKeeper::OnTimer() {
  const Time now = parts_.clock.Now();
  if (next_.has_value() && !next_in_use_ && !down_since_.has_value()) {
    // The old one was welcomed: the new one failed for a reason that may be gone.
    UseNext(true);
    hooks_.reconnect();
  }
  const bool long_down =
      down_since_.has_value() && now - *down_since_ >= kDownLong && now - last_try_ >= kAskAgain;
  const Duration rested = parts_.clock.Monotonic() - renewed_at_.value_or(absl::ZeroDuration());
  if (now >= due_ && renewed_at_.has_value() && rested < least_pause_) {
    ArmTimer(least_pause_ - rested);
  } else if (now >= due_ || long_down) {
    Renew(rotation_);
  } else {
    ArmTimer(due_ - now);
  }
}

void IdentityKeeper::Renew(KeyRotation rotation) {
  if (renewing_ || stopped_) {
    return;
  }
  renewing_ = true;
  last_try_ = parts_.clock.Now();
  thread_ = std::jthread([this, rotation, alive = alive_] {
    StatusOr<Identity> renewed = RenewIdentity(state_dir_, rotation, parts_.enrolment);
    parts_.executor.Post([this, alive, renewed = std::move(renewed)] {
      if (*alive) {
        OnRenewed(renewed);
      }
    });
  });
}

void IdentityKeeper::OnRenewed(const StatusOr<Identity>& renewed) {
  renewing_ = false;
  if (renewed.ok()) {
    LogInfo("identity.renewed", {{"device", renewed->device_id}});
    renewed_at_ = parts_.clock.Monotonic();
    next_ = *renewed;
    next_->ca_pem = current_.ca_pem;
    TakeUpBundle(renewed->ca_pem);
    UseNext(true);
    Plan();
    hooks_.reconnect();
    return;
  }
  LogStatus(LogLevel::kWarning, "identity.renewal_failed", renewed.status());
  if (IsReason(renewed.status(), v1::FAILURE_REASON_CONTROL_DECOMMISSIONED)) {
    hooks_.decommissioned();
    return;
  }
  due_ = parts_.clock.Now() + backoff_->Next();
  ArmTimer(due_ - parts_.clock.Now());
}

void IdentityKeeper::OnWelcome(const std::string& ca_bundle_pem) {
  down_since_.reset();
  if (next_in_use_) {
    const Status promoted = PromoteNextIdentity(parts_.enrolment.fs, state_dir_);
    if (promoted.ok()) {
      current_ = *std::exchange(next_, std::nullopt);
      next_in_use_ = false;
      LogInfo("identity.promoted", {{"device", current_.device_id}});
    } else {
      LogStatus(LogLevel::kError, "identity.promote_failed", promoted);
    }
  }
  TakeUpBundle(ca_bundle_pem);
}

void IdentityKeeper::TakeUpBundle(const std::string& ca_bundle_pem) {
  if (ca_bundle_pem.empty() || ca_bundle_pem == identity().ca_pem) {
    return;
  }
  Status status = security::CertificatesPemToDer(ca_bundle_pem).status();
  if (status.ok()) {
    status = SaveCaBundle(parts_.enrolment.fs, state_dir_, ca_bundle_pem);
  }
  if (!status.ok()) {
    LogStatus(LogLevel::kError, "identity.ca_bundle_refused", status);
    return;
  }
  current_.ca_pem = ca_bundle_pem;
  if (next_.has_value()) {
    next_->ca_pem = ca_bundle_pem;
  }
  LogInfo("identity.ca_bundle", {{"device", current_.device_id}});
  hooks_.use(identity());
}

void IdentityKeeper::OnSessionDown(const Status& status) {
  if (IsReason(status, v1::FAILURE_REASON_CONTROL_DECOMMISSIONED)) {
    hooks_.decommissioned();
    return;
  }
  if (!down_since_.has_value()) {
    down_since_ = parts_.clock.Now();
    ArmTimer(std::min(due_ - parts_.clock.Now(), kDownLong));
  }
  if (next_.has_value()) {
    // Either may be the one that is refused: they take turns.
    UseNext(!next_in_use_);
  }
  if (IsReason(status, v1::FAILURE_REASON_CONTROL_CERTIFICATE_EXPIRED)) {
    due_ = std::min(due_, last_try_ + kAskExpired);
    ArmTimer(due_ - parts_.clock.Now());
  }
}

void IdentityKeeper::RenewWithin(Duration spread) {
  const Time at = parts_.clock.Now() + UniformUpTo(parts_.enrolment.random, spread);
  if (renewing_ || next_.has_value()) {
    return;
  }
  rotation_ = KeyRotation::kNew;
  due_ = std::min(due_, at);
  ArmTimer(due_ - parts_.clock.Now());
}

}  // namespace flotilla::agent
