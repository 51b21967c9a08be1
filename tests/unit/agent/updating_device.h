// A device with one line: an UpdateDirector over real files, with update work and engines that do
// as the test says.
#ifndef FLOTILLA_TESTS_UNIT_AGENT_UPDATING_DEVICE_H_
#define FLOTILLA_TESTS_UNIT_AGENT_UPDATING_DEVICE_H_

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "agent/update/update_director.h"
#include "base/os_durable_fs.h"
#include "tests/support/fake_engine_control.h"
#include "tests/support/fake_executor.h"
#include "tests/support/fake_update_work.h"
#include "tests/support/recording_health_sink.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"

namespace flotilla::agent {

class UpdatingDevice : public testing::Test {
 protected:
  static constexpr char kLine[] = "pump";

  UpdatingDevice();

  // A new process over the same files.
  void Restart();
  // A release of the line with a static answer, whose download would succeed.
  v1::InstalledRelease Offer(const std::string& version);
  // What the controller says of a rollout of `release`.
  static v1::DesiredState Wanting(const v1::InstalledRelease& release);
  void Take(const v1::DesiredState& desired);
  // The engine of the newest release serves, and its trial ends well.
  void Confirm();
  // Version of the release that the engines run.
  std::string Runs() { return engines_.Line(kLine).active.current().ref().version(); }

  TempDir dir_;
  OsDurableFs fs_;
  FakeExecutor executor_;
  SeededRandom random_{3};
  std::unique_ptr<StateDb> db_;
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<ota::Store> store_;
  std::unique_ptr<LineSet> lines_;
  FakeUpdateWork work_{executor_};
  FakeEngineControl engines_;
  RecordingHealthSink health_;
  v1::DesiredState desired_;  // what was taken last
  int told_of_lines_ = 0;
  std::string too_old_;  // the version that is; empty: none
  std::unique_ptr<UpdateDirector> director_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_TESTS_UNIT_AGENT_UPDATING_DEVICE_H_
