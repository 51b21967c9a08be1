#include "tests/integration/controller_rpc/health_site.h"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

#include "controller/fleet/fleet.h"
#include "controller/rpc/health_service.h"
#include "controller/rpc/site_services.h"
#include "flotilla/v1/aggregation.grpc.pb.h"

namespace flotilla::controller {
namespace {

using security::CertificateAuthority;

constexpr int kHelperReceiveBytes = 2 * 1024 * 1024;

CertificateAuthority NewAuthority(const char* name) {
  return CertificateAuthority::Create(name, OsClock().Now(), absl::Hours(2)).value();
}

template <typename T>
grpc::Status GrpcOf(const StatusOr<T>& answer) {
  return answer.ok() ? grpc::Status::OK
                     : grpc::Status(static_cast<grpc::StatusCode>(answer.status().code()),
                                    MessageOf(answer.status()));
}

}  // namespace

class FakeAggregationService final : public v1::AggregationService::CallbackService {
 public:
  explicit FakeAggregationService(FakeHelper& helper) : helper_(helper) {}

  grpc::ServerUnaryReactor* GetHelperKeys(grpc::CallbackServerContext* context,
                                          const v1::GetHelperKeysRequest* /*request*/,
                                          v1::GetHelperKeysResponse* response) override {
    auto* const reactor = context->DefaultReactor();
    helper_.GetHelperKeys([=](const StatusOr<HelperKeys>& keys) {
      if (keys.ok()) {
        response->set_hpke_configs(ToText(keys->hpke_configs));
        response->set_schema_version(keys->schema_version);
        response->set_registered_devices(keys->registered_devices);
      }
      reactor->Finish(GrpcOf(keys));
    });
    return reactor;
  }
  grpc::ServerUnaryReactor* PutTask(grpc::CallbackServerContext* context,
                                    const v1::PutTaskRequest* request,
                                    v1::PutTaskResponse* response) override {
    auto* const reactor = context->DefaultReactor();
    HelperTask task;
    task.configuration = ToBytes(request->configuration());
    std::copy_n(request->verify_key().begin(), task.verify_key.size(), task.verify_key.begin());
    task.collector = ToBytes(request->collector());
    helper_.PutTask(task, [=](const StatusOr<dap::TaskId>& id) {
      if (id.ok()) {
        response->set_task_id(ToText(id->bytes()));
      }
      reactor->Finish(GrpcOf(id));
    });
    return reactor;
  }
  grpc::ServerUnaryReactor* InitJob(grpc::CallbackServerContext* context,
                                    const v1::InitJobRequest* request,
                                    v1::InitJobResponse* response) override {
    auto* const reactor = context->DefaultReactor();
    helper_.InitJob(*Digest::FromBytes(AsBytes(request->task_id())), ToBytes(request->request()),
                    [=](const StatusOr<Bytes>& answer) {
                      response->set_response(ToText(answer.value_or(Bytes())));
                      reactor->Finish(GrpcOf(answer));
                    });
    return reactor;
  }
  grpc::ServerUnaryReactor* ShareAggregate(grpc::CallbackServerContext* context,
                                           const v1::ShareAggregateRequest* request,
                                           v1::ShareAggregateResponse* response) override {
    auto* const reactor = context->DefaultReactor();
    helper_.ShareAggregate(*Digest::FromBytes(AsBytes(request->task_id())),
                           ToBytes(request->request()), [=](const StatusOr<Bytes>& answer) {
                             response->set_share(ToText(answer.value_or(Bytes())));
                             reactor->Finish(GrpcOf(answer));
                           });
    return reactor;
  }

 private:
  FakeHelper& helper_;
};

HealthRpcSite::HealthRpcSite(std::size_t device_count)
    : authority_(NewAuthority("fleet")), helper_authority_(NewAuthority("helper")) {
  StartFleet(device_count);
  StartHelper();
  StartSite();
}

HealthRpcSite::~HealthRpcSite() {
  site_->Stop(absl::ZeroDuration());
  desk_ = nullptr;
  client_ = nullptr;
  helper_listener_ = nullptr;
  loop_.Stop();
}

void HealthRpcSite::StartFleet(std::size_t device_count) {
  persister_ = std::make_unique<Persister>(fleet_store, loop_.executor(), PersisterOptions());
  fleet_ = std::make_unique<Fleet>(FleetOptions(), FleetSnapshot(), *persister_, loop_.executor(),
                                   os_clock_, [](const Status&) {});
  FleetChange change;
  v1::Release& release = change.releases.emplace_back();
  release.mutable_ref()->set_line("pump");
  release.mutable_ref()->set_version("2.0.0");
  release.mutable_ref()->set_sha256(std::string(Digest::kSize, 'r'));
  for (std::size_t i = 0; i < device_count; ++i) {
    StoredDevice& stored = change.devices.emplace_back();
    stored.record.set_id("d" + std::to_string(i));
    v1::LineStatus& line = *stored.record.add_lines();
    line.set_line("pump");
    *line.mutable_current() = release.ref();
    reporting_keys.push_back(*security::GenerateEd25519());
    helper.Register(reporting_keys.back()->public_key());
  }
  std::promise<void> taken;
  fleet_->Post([&] { fleet_->Apply(change, [&](const Status&) { taken.set_value(); }); });
  taken.get_future().wait();
}

void HealthRpcSite::StartHelper() {
  aggregation_ = std::make_shared<FakeAggregationService>(helper);
  const RpcIdentity server = IssueIdentity(helper_authority_, RpcKind::kServer, "localhost");
  GrpcListenerOptions options;
  options.address = "127.0.0.1:0";
  options.certificate_chain_pem = server.chain;
  options.private_key_pem = server.key;
  options.client_ca_pem = helper_authority_.cert_pem();
  options.client_proof = ClientProof::kCertificate;
  options.max_receive_bytes = kHelperReceiveBytes;
  auto listener = GrpcListener::Start(options, {aggregation_.get()});
  ASSERT_TRUE(listener.ok()) << listener.status();
  helper_listener_ = *std::move(listener);
  const RpcIdentity leader = IssueIdentity(helper_authority_, RpcKind::kOperator, "leader");
  client_ = std::make_unique<GrpcHelperClient>(
      "localhost:" + std::to_string(helper_listener_->port()),
      HelperCredentials{helper_authority_.cert_pem(), leader.chain, leader.key});
}

void HealthRpcSite::StartSite() {
  keys_ = *LeaderKeys::Open(folder_.path() / "health", fs_, random, clock.Now());
  desk_ = std::make_unique<HealthDesk>(
      HealthDeskOptions{{"localhost:7442", "localhost:7446"}, {"Site IT", {}}},
      HealthParts{store_, shares_, *client_, *keys_, clock, clock, random}, board);
  ASSERT_TRUE(desk_->Load().ok());
  desk_->Start();
  while (board.Newest()->helper_hpke_configs.empty()) {
    clock.RunReady();
    std::this_thread::yield();
  }
  using Services = std::vector<std::shared_ptr<grpc::Service>>;
  RpcSiteServices services = LeastServices();
  services.operators = [this](const OperatorCalls& calls) {
    return Services{std::make_shared<HealthService>(calls, board, desk_.get())};
  };
  services.devices = DeviceMethodsOf(desk_.get(), *fleet_, board);
  auto site = RpcSite::Start(LoopbackSite(authority_), *fleet_, os_clock_, services);
  ASSERT_TRUE(site.ok()) << site.status();
  site_ = *std::move(site);
}

RpcIdentity HealthRpcSite::Device(std::size_t index) const {
  return IssueIdentity(authority_, RpcKind::kDevice, "d" + std::to_string(index));
}

RpcIdentity HealthRpcSite::Operator(security::OperatorRole role) const {
  return IssueIdentity(authority_, RpcKind::kOperator, "alice", role);
}

std::shared_ptr<grpc::Channel> HealthRpcSite::DialDevices(const RpcIdentity& identity) const {
  return DialAs(identity, authority_, site_->device_port());
}

std::shared_ptr<grpc::Channel> HealthRpcSite::DialOperators(const RpcIdentity& identity) const {
  return DialAs(identity, authority_, site_->operator_port());
}

void HealthRpcSite::RunUntil(v1::HealthWindowState state) {
  while (true) {
    const auto picture = board.Newest();
    if (!picture->results.empty() && !picture->results[0].windows().empty() &&
        picture->results[0].windows(0).state() == state) {
      return;
    }
    clock.RunReady();
    std::this_thread::yield();
  }
}

}  // namespace flotilla::controller
