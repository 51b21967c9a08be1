#ifndef FLOTILLA_AGENT_BUNDLE_BUNDLE_DESK_H_
#define FLOTILLA_AGENT_BUNDLE_BUNDLE_DESK_H_

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "flotilla/v1/release.pb.h"
#include "flotilla/v1/session.pb.h"
#include "flotilla/v1/update.pb.h"

#include "agent/bundle/bundle_mail.h"
#include "agent/state/outbox.h"
#include "base/durable_fs.h"
#include "base/executor.h"

namespace flotilla::agent {

// Installs bundles that a person asks for (bundle_mail.h) or that lie in a watched folder
// (*.bundle, a mounted stick): checked as a whole first, then each release by the pipeline that
// updates from the network go through. One bundle at a time. Lives on the agent's loop; everything
// passed in must outlive it.
class BundleDesk {
 public:
  using Checked = std::function<void(const StatusOr<std::vector<v1::ReleaseRef>>&)>;
  struct Parts {
    Executor& executor;
    DurableFs& fs;
    Outbox& outbox;
    // Verifies a bundle away from the loop; answers on the loop.
    std::function<void(const std::filesystem::path& file, Checked done)> check;
    // Makes these assignments desired, to be taken from the bundle.
    std::function<Status(const std::filesystem::path& file,
                         const std::vector<v1::Assignment>& assignments)>
        install;
  };
  // `watched` may be empty.
  BundleDesk(std::filesystem::path state_dir, std::filesystem::path watched, Parts parts);
  ~BundleDesk();
  BundleDesk(const BundleDesk&) = delete;
  BundleDesk& operator=(const BundleDesk&) = delete;

  void Start();
  // What the update director said of any assignment.
  void OnReport(const v1::UpdateReport& report);

 private:
  struct Job {
    BundleRequest request;
    bool asked = false;  // by bundle_request; else found in the watched folder
    std::map<std::string, v1::Assignment> open;  // by line, until it serves or has failed
    std::vector<std::string> done;               // "pump 2.0.0 SUCCEEDED"
    Status failure;
  };

  void Tick();
  std::optional<BundleRequest> NextInFolder();
  void Begin(const BundleRequest& request, bool asked);
  void OnChecked(const StatusOr<std::vector<v1::ReleaseRef>>& releases);
  v1::Assignment AssignmentOf(const v1::ReleaseRef& release) const;
  void Say(BundlePhase phase, const std::string& text, int reason = 0);
  void Finish();

  const std::filesystem::path state_dir_;
  const std::filesystem::path watched_;
  const Parts parts_;
  std::optional<TimerId> timer_;
  std::optional<Job> job_;
  std::set<std::string> seen_;  // files of the watched folder, by path, size and time
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_BUNDLE_BUNDLE_DESK_H_
