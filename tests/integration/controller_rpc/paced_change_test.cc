// A change of many devices on its way to real sessions.

#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include "absl/strings/str_cat.h"

#include "controller/fleet/policy_desk.h"
#include "controller/fleet/rollout_desk.h"
#include "tests/integration/controller_rpc/rpc_site_world.h"

namespace flotilla::controller {
namespace {

// One device is told, the next in a quarter of an hour.
FleetOptions Slow() {
  FleetOptions options;
  options.fan_out.few = 1;
  options.fan_out.per_second = 0.001;
  return options;
}

// One device's stream.
class Session {
 public:
  Session(const std::shared_ptr<grpc::Channel>& channel, const v1::SessionRequest& hello)
      : stub_(v1::DeviceService::NewStub(channel)) {
    context_.set_deadline(gpr_time_from_seconds(30, GPR_TIMESPAN));
    stream_ = stub_->Session(&context_);
    stream_->Write(hello);
  }
  ~Session() {
    context_.TryCancel();
    stream_->Finish();
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // The next desired state; empty when the stream ended.
  v1::DesiredState Next() {
    v1::SessionResponse answer;
    while (stream_->Read(&answer)) {
      if (answer.has_desired_state()) {
        return answer.desired_state();
      }
    }
    return {};
  }

 private:
  std::unique_ptr<v1::DeviceService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::SessionRequest, v1::SessionResponse>> stream_;
};

class PacedChange : public RpcSiteWorld {
 protected:
  PacedChange() : RpcSiteWorld(ForMachine({}, 2, 4'000'000'000), Slow()) {
    FleetChange change;
    std::uint64_t counter = 0;
    for (const char* line : {"pump", "valve"}) {
      v1::ReleaseRef& ref = *change.releases.emplace_back().mutable_ref();
      ref.set_line(line);
      ref.set_version("1.0.0");
      ref.set_target_path(absl::StrCat("models-", line, "/1.0.0.release.json"));
      ref.set_sha256(std::string(32, *line));
      ref.set_release_counter(++counter);
    }
    Apply(change);
  }

  std::unique_ptr<Session> Connect(const std::string& id, const RpcIdentity& identity) {
    return std::make_unique<Session>(Dial(site_->device_port(), identity), HelloMessage(id));
  }

  void StartRollout() {
    std::promise<Status> started;
    fleet_->Post([this, &started] {
      v1::CreateRolloutRequest create;
      create.mutable_spec()->set_name("r1");
      create.mutable_spec()->set_line("pump");
      create.mutable_spec()->set_version("1.0.0");
      v1::WaveSpec& wave = *create.mutable_spec()->mutable_strategy()->add_waves();
      wave.set_name("all");
      wave.set_percent(100);
      fleet_->rollouts().Create(create, "operator:alice", [](const auto&) {});
      v1::ActOnRolloutRequest start;
      start.set_rollout_id("r1");
      start.set_action(v1::ROLLOUT_ACTION_START);
      fleet_->rollouts().Act(start, "operator:alice",
                             [&](const auto& answer) { started.set_value(answer.status()); });
      fleet_->Start();
    });
    const Status status = started.get_future().get();
    EXPECT_TRUE(status.ok()) << status;
  }
  void Pin(const std::string& id) {
    std::promise<Status> pinned;
    fleet_->Post([&] {
      v1::PinDeviceRequest pin;
      pin.set_device_id(id);
      pin.set_line("valve");
      pin.set_version("1.0.0");
      fleet_->policies().PinDevice(pin, "operator:alice",
                                   [&](const auto& answer) { pinned.set_value(answer.status()); });
    });
    const Status status = pinned.get_future().get();
    EXPECT_TRUE(status.ok()) << status;
  }
  std::size_t Waiting() {
    std::promise<std::size_t> waiting;
    fleet_->Post([&] { waiting.set_value(fleet_->waiting_for_change()); });
    return waiting.get_future().get();
  }
};

TEST_F(PacedChange, ReachesOneAfterAnotherAndWhoConnectsMeanwhileAtOnce) {
  const RpcIdentity second = Enrol("d2");
  const auto first_session = Connect("d1", device_);
  auto second_session = Connect("d2", second);
  EXPECT_EQ(first_session->Next().assignments_size(), 0);
  EXPECT_EQ(second_session->Next().assignments_size(), 0);
  StartRollout();
  EXPECT_EQ(first_session->Next().assignments(0).rollout_id(), "r1");
  EXPECT_EQ(Waiting(), 1U);
  second_session = Connect("d2", second);
  EXPECT_EQ(second_session->Next().assignments(0).rollout_id(), "r1");
}

TEST_F(PacedChange, DoesNotHoldUpWhatIsForOneDeviceAlone) {
  const RpcIdentity second = Enrol("d2");
  const auto first_session = Connect("d1", device_);
  const auto second_session = Connect("d2", second);
  first_session->Next();
  second_session->Next();
  StartRollout();
  EXPECT_EQ(first_session->Next().assignments_size(), 1);
  Pin("d2");
  EXPECT_EQ(Waiting(), 0U);
  const v1::DesiredState pinned = second_session->Next();
  ASSERT_EQ(pinned.assignments_size(), 2);
  EXPECT_EQ(pinned.assignments(0).rollout_id(), "r1");
  EXPECT_EQ(pinned.assignments(1).release().line(), "valve");
}

}  // namespace
}  // namespace flotilla::controller
