#include "tests/unit/controller/health/health_world.h"

#include <array>

#include <gtest/gtest.h>

#include "telemetry/dap/admission.h"
#include "telemetry/dap/report_builder.h"
#include "telemetry/schema/registry.h"

namespace flotilla::controller {
namespace {

// The stores and the helper as a process that may die sees them.
class MortalStore final : public HealthStore {
 public:
  MortalStore(CrashPoint& crash, HealthStore& store) : crash_(crash), store_(store) {}
  StatusOr<HealthSnapshot> Load() override {
    return crash_.Pass([&] { return store_.Load(); });
  }
  Status PutTask(const StoredHealthTask& task) override {
    return crash_.Pass([&] { return store_.PutTask(task); });
  }
  StatusOr<Taking> PutReport(const PendingReport& report) override {
    return crash_.Pass([&] { return store_.PutReport(report); });
  }
  StatusOr<std::vector<PendingReport>> OldestReports(const HealthWindowKey& window,
                                                     std::size_t limit) override {
    return crash_.Pass([&] { return store_.OldestReports(window, limit); });
  }
  Status Settle(const HealthWindowKey& window, std::span<const dap::ReportId> reports) override {
    return crash_.Pass([&] { return store_.Settle(window, reports); });
  }
  Status CloseWindow(const ClosedHealthWindow& closed) override {
    return crash_.Pass([&] { return store_.CloseWindow(closed); });
  }

 private:
  CrashPoint& crash_;
  HealthStore& store_;
};

class MortalShares final : public dap::AggregatorStore {
 public:
  MortalShares(CrashPoint& crash, dap::AggregatorStore& store) : crash_(crash), store_(store) {}
  StatusOr<std::optional<Bytes>> FindAnswer(const dap::TaskId& task,
                                            const Digest& request) const override {
    return store_.FindAnswer(task, request);
  }
  StatusOr<bool> HasReport(const dap::TaskId& task, const dap::ReportId& report) const override {
    return store_.HasReport(task, report);
  }
  StatusOr<std::vector<dp::KeyCharge>> ChargesOf(const dap::KeyId& key) const override {
    return store_.ChargesOf(key);
  }
  StatusOr<std::optional<dap::BatchBucket>> FindBucket(const dap::TaskId& task,
                                                       dap::WindowStart window) const override {
    return store_.FindBucket(task, window);
  }
  StatusOr<std::optional<dap::CollectedWindow>> FindCollected(
      const dap::TaskId& task, dap::WindowStart window) const override {
    return store_.FindCollected(task, window);
  }
  Status Commit(const dap::AggregatorCommit& commit) override {
    return crash_.Pass([&] { return store_.Commit(commit); });
  }

 private:
  CrashPoint& crash_;
  dap::AggregatorStore& store_;
};

class MortalHelper final : public HelperClient {
 public:
  MortalHelper(CrashPoint& crash, HelperClient& helper) : crash_(crash), helper_(helper) {}
  void GetHelperKeys(Done<HelperKeys> done) override { helper_.GetHelperKeys(std::move(done)); }
  void PutTask(const HelperTask& task, Done<dap::TaskId> done) override {
    done(Pass<dap::TaskId>([&](const Done<dap::TaskId>& to) { helper_.PutTask(task, to); }));
  }
  void InitJob(const dap::TaskId& task, const Bytes& request, Done<Bytes> done) override {
    done(Pass<Bytes>([&](const Done<Bytes>& to) { helper_.InitJob(task, request, to); }));
  }
  void ShareAggregate(const dap::TaskId& task, const Bytes& request, Done<Bytes> done) override {
    done(Pass<Bytes>([&](const Done<Bytes>& to) { helper_.ShareAggregate(task, request, to); }));
  }

 private:
  template <typename T>
  StatusOr<T> Pass(const std::function<void(const Done<T>&)>& call) {
    return crash_.Pass([&] {
      StatusOr<T> answer = Internal("no answer");
      call([&answer](StatusOr<T> got) { answer = std::move(got); });
      return answer;
    });
  }

  CrashPoint& crash_;
  HelperClient& helper_;
};

}  // namespace

struct HealthWorld::Process {
  explicit Process(HealthWorld& world)
      : store(world.crash, world.store),
        shares(world.crash, world.shares),
        helper(world.crash, world.helper),
        desk({{"leader.example:7442", "helper.example:7446"}, {"Site IT", {}}},
             {store, shares, helper, *world.keys, world.clock, world.clock, world.random},
             world.board) {}

  MortalStore store;
  MortalShares shares;
  MortalHelper helper;
  HealthDesk desk;
};

HealthWorld::HealthWorld(std::size_t device_count) {
  for (std::size_t i = 0; i < device_count; ++i) {
    devices.push_back(*security::GenerateEd25519());
    helper.Register(devices.back()->public_key());
  }
  auto opened = LeaderKeys::Open(folder.path() / "health", fs, random, clock.Now());
  EXPECT_TRUE(opened.ok()) << opened.status();
  keys = *std::move(opened);
}

HealthWorld::~HealthWorld() = default;

void HealthWorld::StartLeader() {
  process_ = std::make_unique<Process>(*this);
  const Status loaded = process_->desk.Load();
  if (!loaded.ok()) {
    EXPECT_TRUE(crash.dead()) << loaded;
    return;
  }
  process_->desk.Start();
  clock.RunReady();
}

void HealthWorld::KillLeader() {
  process_.reset();
  clock.RunReady();
}

TaskAsk HealthWorld::AskOf(dap::TaskKind kind, std::string_view metric) const {
  TaskAsk ask;
  ask.metric = schema::FindMetric(metric);
  ask.line = "pump";
  ask.version = "2.0.0";
  std::array<std::uint8_t, Digest::kSize> release{};
  release.fill(0xab);
  ask.release = Digest(release);
  ask.kind = kind;
  ask.cohort_devices = devices.size();
  return ask;
}

StatusOr<v1::HealthTask> HealthWorld::Ask(dap::TaskKind kind, std::string_view metric) {
  StatusOr<v1::HealthTask> answer = Internal("no answer");
  process_->desk.Create(AskOf(kind, metric),
                        [&answer](const StatusOr<v1::HealthTask>& task) { answer = task; });
  clock.RunReady();
  return answer;
}

dap::Task HealthWorld::AskDemo() {
  const auto shown = Ask(dap::TaskKind::kDemo);
  EXPECT_TRUE(shown.ok()) << shown.status();
  for (const HealthOffer& offer : board.Newest()->offers) {
    dap::Task task = *dap::Task::Create(*dap::TaskConfiguration::Decode(offer.configuration));
    if (task.id().ToHex() == shown->id()) {
      return task;
    }
  }
  ADD_FAILURE() << "the task is not offered to devices";
  return *dap::Task::Create({});
}

Bytes HealthWorld::ReportOf(std::size_t device, const dap::Task& task, std::uint32_t bucket) {
  const auto leader = dap::SignedHpkeConfigs::Decode(keys->signed_configs());
  const auto second = dap::SignedHpkeConfigs::Decode(helper.hpke_configs());
  const auto builder = dap::ReportBuilder::Create(task, *leader->list.Choose(),
                                                  *second->list.Choose(), *devices[device], random);
  return *builder->Build(task.configuration().interval.start, bucket);
}

StatusOr<v1::UploadResult> HealthWorld::Upload(std::size_t device, const dap::Task& task,
                                               const Bytes& report) {
  Bytes message(task.id().bytes().begin(), task.id().bytes().end());
  message.insert(message.end(), report.begin(), report.end());
  StatusOr<v1::UploadResult> answer = Internal("no answer");
  process_->desk.Upload("device-" + std::to_string(device), message,
                        [&answer](const StatusOr<v1::UploadResult>& result) { answer = result; });
  clock.RunReady();
  return answer;
}

std::size_t HealthWorld::UploadAll(const dap::Task& task) {
  std::size_t taken = 0;
  const std::uint32_t buckets = task.configuration().shape.buckets;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const auto bucket = static_cast<std::uint32_t>(i % buckets);
    const auto result = Upload(i, task, ReportOf(i, task, bucket));
    taken += result.ok() && *result == v1::UPLOAD_RESULT_TAKEN ? 1U : 0U;
  }
  return taken;
}

void HealthWorld::AdvanceTo(Time at) {
  if (at > clock.Now()) {
    clock.Advance(at - clock.Now());
  }
}

v1::HealthWindow HealthWorld::FirstWindow(const dap::Task& task) const {
  for (const v1::HealthResult& result : board.Newest()->results) {
    if (result.task().id() == task.id().ToHex() && !result.windows().empty()) {
      return *result.windows().rbegin();
    }
  }
  return {};
}

std::vector<std::int64_t> HealthWorld::HonestSum(const dap::Task& task) {
  const dap::WindowStart window = task.configuration().interval.start;
  return *task.prio3().Unshard(
      std::vector<Bytes>{dap::LoadBucket(task, window, shares)->aggregate,
                         dap::LoadBucket(task, window, helper.store())->aggregate});
}

}  // namespace flotilla::controller
