#include "telemetry/aggregator/app/aggregator_server.h"

#include <thread>
#include <utility>

#include "base/asio_executor.h"
#include "base/log.h"
#include "telemetry/aggregator/app/listener_file.h"
#include "telemetry/aggregator/device_registry.h"
#include "telemetry/aggregator/rpc/leader_listener.h"
#include "telemetry/aggregator/sealing_keys.h"
#include "telemetry/aggregator/setup.h"
#include "telemetry/aggregator/state_lock.h"
#include "telemetry/aggregator/task_room.h"
#include "telemetry/store/sqlite_aggregator_store.h"

namespace flotilla::telemetry {
namespace {

constexpr Duration kTidyInterval = absl::Hours(1);
constexpr Duration kStopGrace = absl::Seconds(5);

}  // namespace

// In the order in which things need one another; destroyed the other way round.
struct AggregatorServer::Impl {
  Impl(AggregatorOptions its_options, const World& its_world)
      : options(std::move(its_options)), world(its_world), devices(options.devices_file) {}

  Status Open();
  Status Listen();
  void Begin();
  void Stop();
  void Tidy();

  const AggregatorOptions options;
  const World world;
  UniqueFd lock;
  std::unique_ptr<security::KeyPair> identity;
  std::unique_ptr<SealingKeys> keys;
  std::unique_ptr<SqliteAggregatorStore> store;
  DeviceRegistry devices;
  TaskPolicy policy;  // complete before the worker runs its first task
  std::unique_ptr<TaskRoom> room;
  AsioExecutor worker;
  std::unique_ptr<LeaderListener> listener;
  std::thread thread;
};

Status AggregatorServer::Impl::Open() {
  const StateLayout& layout = options.layout;
  FLOTILLA_ASSIGN_OR_RETURN(lock, LockState(layout.lock()));
  const Time now = world.clock.Now();
  FLOTILLA_ASSIGN_OR_RETURN(identity, LoadIdentityKey(layout));
  FLOTILLA_RETURN_IF_ERROR(RenewServer(options, world.fs, now).status());
  FLOTILLA_ASSIGN_OR_RETURN(keys, SealingKeys::Open(layout.sealing_keys(), options.sealing_key_life,
                                                    {*identity, world.fs, world.random}, now));
  FLOTILLA_ASSIGN_OR_RETURN(store, SqliteAggregatorStore::Open(layout.database()));
  FLOTILLA_RETURN_IF_ERROR(devices.Refresh());
  policy.minimum_batch = options.minimum_batch;
  policy.demonstrations = options.demonstrations;
  FLOTILLA_ASSIGN_OR_RETURN(
      room, TaskRoom::Open({policy, *store, devices, *keys, world.clock, world.random}));
  return room->Tidy();
}

Status AggregatorServer::Impl::Listen() {
  FLOTILLA_ASSIGN_OR_RETURN(const ServerCredential credential,
                            LoadServerCredential(options.layout));
  const LeaderListener::World served{worker, *room, world.clock};
  const auto try_port = [&](std::uint16_t port) {
    return LeaderListener::Start(HostPort(options.listen_host, port), credential, served);
  };
  // A free port is the one of the last run, where it still is: tasks and leaders name it.
  const std::uint16_t last = options.listen_port == 0 ? ReadListenerPort(options.layout) : 0;
  auto started = try_port(last != 0 ? last : options.listen_port);
  if (!started.ok() && last != 0) started = try_port(0);
  FLOTILLA_RETURN_IF_ERROR(started.status());
  listener = *std::move(started);
  policy.endpoint = options.Endpoint(listener->port());
  return OkStatus();
}

void AggregatorServer::Impl::Begin() {
  worker.PostAfter(kTidyInterval, [this] { Tidy(); });
  thread = std::thread([this] { worker.Run(); });
}

void AggregatorServer::Impl::Tidy() {
  const Status tidied = room->Tidy();
  if (!tidied.ok()) LogStatus(LogLevel::kError, "aggregator.untidy", tidied);
  const StatusOr<bool> renewed = RenewServer(options, world.fs, world.clock.Now());
  if (!renewed.ok()) LogStatus(LogLevel::kError, "certificate.not_renewed", renewed.status());
  if (renewed.ok() && *renewed) world.on_new_certificate();
  worker.PostAfter(kTidyInterval, [this] { Tidy(); });
}

void AggregatorServer::Impl::Stop() {
  if (listener != nullptr && !thread.joinable()) {
    // Nobody would finish the calls that came in already.
    thread = std::thread([this] { worker.Run(); });
  }
  if (listener != nullptr) listener->Stop(kStopGrace);
  if (thread.joinable()) {
    worker.Stop();
    thread.join();
  }
  listener.reset();
}

AggregatorServer::AggregatorServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

AggregatorServer::~AggregatorServer() {
  impl_->Stop();
}

StatusOr<std::unique_ptr<AggregatorServer>> AggregatorServer::Start(
    const AggregatorOptions& options, const World& world) {
  std::unique_ptr<AggregatorServer> server(
      new AggregatorServer(std::make_unique<Impl>(options, world)));
  Impl& impl = *server->impl_;
  FLOTILLA_RETURN_IF_ERROR(impl.Open());
  FLOTILLA_RETURN_IF_ERROR(impl.Listen());
  FLOTILLA_RETURN_IF_ERROR(WriteListener(options.layout, impl.policy.endpoint, world.fs));
  impl.Begin();
  LogInfo("aggregator.ready", {{"endpoint", impl.policy.endpoint},
                               {"identity", FingerprintOf(impl.identity->public_key()).ToHex()},
                               {"devices", impl.devices.size()},
                               {"tasks", impl.room->task_count()}});
  return server;
}

std::uint16_t AggregatorServer::port() const {
  return impl_->listener->port();
}

const std::string& AggregatorServer::endpoint() const {
  return impl_->policy.endpoint;
}

void AggregatorServer::Stop() {
  impl_->Stop();
}

}  // namespace flotilla::telemetry
