#include "tests/unit/agent/updating_device.h"

#include <utility>

#include "security/sha256.h"

namespace flotilla::agent {

UpdatingDevice::UpdatingDevice()
    : db_(StateDb::Open(dir_.path() / "agent.db").value()),
      outbox_(Outbox::Open(*db_, random_).value()),
      store_(ota::Store::Open(dir_.path(), fs_).value()) {
  Restart();
}

void UpdatingDevice::Restart() {
  director_.reset();
  lines_ = LineSet::Open(dir_.path(), *store_, fs_, executor_).value();
  UpdateDirector::Parts parts{executor_, executor_, random_, *outbox_, *lines_,
                              work_,     engines_,  [] {},   [] {}};
  parts.health = &health_;
  parts.on_lines = [this] { ++told_of_lines_; };
  parts.too_old = [this](const v1::InstalledRelease& release) {
    return !too_old_.empty() && release.ref().version() == too_old_;
  };
  director_ = std::make_unique<UpdateDirector>(DirectorOptions(), std::move(parts));
}

v1::InstalledRelease UpdatingDevice::Offer(const std::string& version) {
  const Bytes model = ToBytes("model " + version);
  v1::InstalledRelease release;
  release.mutable_ref()->set_line(kLine);
  release.mutable_ref()->set_version(version);
  release.mutable_ref()->set_sha256(ToText(security::Sha256(ToBytes(version)).bytes()));
  release.set_model_sha256(ToText(security::Sha256(model).bytes()));
  release.set_fallback_answer("Please ask a colleague.");
  EXPECT_TRUE(store_->InstallBytes(security::Sha256(model), ota::BlobKind::kModel, model).ok());
  work_.Offer(release);
  return release;
}

v1::DesiredState UpdatingDevice::Wanting(const v1::InstalledRelease& release) {
  v1::DesiredState desired;
  v1::Assignment& assignment = *desired.add_assignments();
  *assignment.mutable_release() = release.ref();
  assignment.set_rollout_id("r-" + release.ref().version());
  return desired;
}

void UpdatingDevice::Take(const v1::DesiredState& desired) {
  desired_ = desired;
  director_->OnDesiredState(desired);
  executor_.RunReady();
}

void UpdatingDevice::Confirm() {
  director_->OnServing(kLine);
  director_->OnTrialPassed(kLine);
  executor_.RunReady();
}

}  // namespace flotilla::agent
