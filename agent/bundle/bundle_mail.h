// How `flotilla-agent bundle install` and the agent that runs on the same folder talk: two small
// files in state_dir, each replaced as a whole.
#ifndef FLOTILLA_AGENT_BUNDLE_BUNDLE_MAIL_H_
#define FLOTILLA_AGENT_BUNDLE_BUNDLE_MAIL_H_

#include <filesystem>
#include <string>

#include "base/durable_fs.h"
#include "base/status.h"

namespace flotilla::agent {

// state_dir/bundle_request: install this file. It stays until the agent is done with it, so that a
// restart goes on.
struct BundleRequest {
  std::string id;              // whoever asks makes it up; 1 to 64 visible characters
  std::filesystem::path file;  // absolute
};

enum class BundlePhase { kUnspecified = 0, kRunning, kDone, kFailed };

// state_dir/bundle_result: how far a request is.
struct BundleResult {
  std::string id;
  BundlePhase phase = BundlePhase::kUnspecified;
  int reason = 0;    // FailureReason of kFailed
  std::string text;  // one line
};

// NOT_FOUND when there is none. DATA_LOSS: it does not parse.
StatusOr<BundleRequest> ReadBundleRequest(const std::filesystem::path& state_dir);
StatusOr<BundleResult> ReadBundleResult(const std::filesystem::path& state_dir);

Status WriteBundleRequest(DurableFs& fs, const std::filesystem::path& state_dir,
                          const BundleRequest& request);
Status WriteBundleResult(DurableFs& fs, const std::filesystem::path& state_dir,
                         const BundleResult& result);
Status RemoveBundleRequest(DurableFs& fs, const std::filesystem::path& state_dir);

// The error that a failed result stands for.
Status StatusOf(const BundleResult& result);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_BUNDLE_BUNDLE_MAIL_H_
