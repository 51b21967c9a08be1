#include "tests/support/fake_aggregation.h"

#include <optional>
#include <utility>

#include "security/hpke.h"
#include "telemetry/dap/device_signature.h"
#include "telemetry/dap/hpke_config.h"
#include "telemetry/schema/registry.h"

namespace flotilla::controller {
namespace {

constexpr std::uint8_t kConfigId = 7;

Status Away() {
  return Unavailable("nobody answers");
}

}  // namespace

struct FakeHelper::Served {
  explicit Served(dap::Task task_in) : task(std::move(task_in)) {}
  dap::Task task;
  dap::AggregatorKeys keys;
  std::optional<dap::Responder> responder;
};

FakeHelper::FakeHelper(const Clock& clock, Random& random)
    : clock_(clock), random_(random), identity_(*security::GenerateEd25519()) {
  const security::HpkeKeyPair pair = *security::GenerateHpkeKeyPair(random_);
  private_key_.assign(pair.private_key.view().begin(), pair.private_key.view().end());
  dap::HpkeConfigList list;
  dap::HpkeConfig& config = list.configs.emplace_back();
  config.id = kConfigId;
  config.public_key.assign(pair.public_key.begin(), pair.public_key.end());
  configs_ =
      dap::SignHpkeConfigs(list, dap::Role::kHelper, clock_.Now(), absl::Hours(24 * 80), *identity_)
          ->Encode();
}

void FakeHelper::Register(const security::PublicKey& key) {
  devices_.Register(dap::KeyIdOf(key), key);
  ++registered_;
}

void FakeHelper::GetHelperKeys(Done<HelperKeys> done) {
  if (away_) {
    done(Away());
    return;
  }
  done(HelperKeys{configs_, schema::kSchemaVersion, registered_ / 10 * 10});
}

void FakeHelper::PutTask(const HelperTask& task, Done<dap::TaskId> done) {
  const std::lock_guard lock(mutex_);
  done(away_ ? Away() : Take(task));
}

StatusOr<dap::TaskId> FakeHelper::Take(const HelperTask& task) {
  FLOTILLA_ASSIGN_OR_RETURN(const dap::TaskConfiguration configuration,
                            dap::TaskConfiguration::Decode(task.configuration));
  FLOTILLA_ASSIGN_OR_RETURN(dap::Task whole, dap::Task::Create(configuration));
  FLOTILLA_ASSIGN_OR_RETURN(const dap::HpkeConfigList collector,
                            dap::HpkeConfigList::Decode(task.collector));
  auto served = std::make_shared<Served>(std::move(whole));
  FLOTILLA_ASSIGN_OR_RETURN(security::HpkeKeyPair pair, security::HpkeKeyPairOf(private_key_));
  served->keys.shares.emplace(kConfigId, std::move(pair));
  served->keys.verify_key = task.verify_key;
  served->keys.collector = collector.configs.front();
  FLOTILLA_ASSIGN_OR_RETURN(served->responder, dap::Responder::Create(served->task, served->keys,
                                                                      devices_, store_, random_));
  const dap::TaskId id = served->task.id();
  tasks_.emplace(id, std::move(served));
  return id;
}

StatusOr<dap::Responder*> FakeHelper::Find(const dap::TaskId& task) {
  if (away_) {
    return Away();
  }
  const auto found = tasks_.find(task);
  if (found == tasks_.end()) {
    return NotFound("no such task");
  }
  return &*found->second->responder;
}

void FakeHelper::InitJob(const dap::TaskId& task, const Bytes& request, Done<Bytes> done) {
  const std::lock_guard lock(mutex_);
  const auto responder = Find(task);
  jobs_ += responder.ok() ? 1U : 0U;
  done(responder.ok() ? (*responder)->Aggregate(request, clock_.Now()) : responder.status());
}

void FakeHelper::ShareAggregate(const dap::TaskId& task, const Bytes& request, Done<Bytes> done) {
  const std::lock_guard lock(mutex_);
  const auto responder = Find(task);
  done(responder.ok() ? (*responder)->ShareOf(request, clock_.Now()) : responder.status());
}

}  // namespace flotilla::controller
