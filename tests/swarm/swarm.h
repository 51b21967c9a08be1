// Many light devices: each answers every task once for each window, at a random moment of the next.
#ifndef FLOTILLA_TESTS_SWARM_SWARM_H_
#define FLOTILLA_TESTS_SWARM_SWARM_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <queue>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/status.h"
#include "security/public_key.h"
#include "tests/swarm/report_maker.h"
#include "tests/swarm/sim_device.h"
#include "tests/swarm/truth.h"

namespace flotilla::swarm {

struct SwarmOptions {
  SwarmAddresses addresses;
  std::size_t count = 120;
  std::string name_prefix = "sim-";
  std::filesystem::path reporting_keys_out;
  std::uint64_t seed = 1;  // of the values and of who lies
  std::uint32_t bad_percent = 0;
  std::size_t windows = 1;  // ends when so many windows were answered; 0: never
  // Gets a line for each honest report that was taken, with all that would betray its vote
  // (SecretsLine); empty: nowhere.
  std::filesystem::path secrets_out;
};

class Swarm {
 public:
  // `helper`: the identity that the owner pins. Everything outlives the swarm.
  Swarm(const SwarmOptions& options, const security::PublicKey& helper, const Clock& clock,
        Random& random)
      : options_(options), helper_(helper), clock_(clock), random_(random) {}

  // Enrols all devices and writes their public reporting keys, one a line:
  // "<base64 of the SubjectPublicKeyInfo> <name>".
  Status Enrol();
  // Blocks until options.windows were answered. Prints a line of JSON for each.
  Status Answer();

 private:
  struct Job {
    Time at;
    std::size_t device = 0;
    std::shared_ptr<const dap::Task> task;
    dap::WindowStart window = 0;
    bool operator<(const Job& other) const { return at > other.at; }  // the soonest first
  };

  bool Lies(std::size_t device) const;
  void Poll();
  Status TakeTasks(const v1::GetHealthTasksResponse& response);
  void Plan(const std::shared_ptr<const dap::Task>& task);
  void Work();
  void Send(const Job& job);
  // Around a mode that the seed and the metric choose.
  std::uint32_t DrawBucket(const dap::Task& task, std::size_t device) const;
  // `random` makes the report.
  StatusOr<v1::UploadResult> UploadOf(const Job& job, std::uint32_t bucket, Lie lie,
                                      Random& random);
  Status WriteSecrets(const Job& job, std::uint32_t bucket, ByteView drawn);

  const SwarmOptions options_;
  const security::PublicKey helper_;
  const Clock& clock_;
  Random& random_;
  std::vector<std::unique_ptr<SimDevice>> devices_;
  Truth truth_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::priority_queue<Job> jobs_;
  std::set<dap::TaskId> known_;
  dap::HpkeConfig leader_key_;
  dap::HpkeConfig helper_key_;
  std::size_t answered_ = 0;
  bool ending_ = false;
  std::mutex secrets_mutex_;
};

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_SWARM_H_
