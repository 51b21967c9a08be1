// A TUF repository that a test bends as it likes, served over HTTP/1.0 with every request counted.
#ifndef FLOTILLA_TESTS_SUPPORT_TUF_SIMULATOR_H_
#define FLOTILLA_TESTS_SUPPORT_TUF_SIMULATOR_H_

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "base/time.h"
#include "tests/support/scripted_http_server.h"
#include "tests/support/simulator_key.h"

namespace flotilla {

// Version 1 of the four roles is published at once, good for 30 days, one P-256 key each,
// consistent snapshots on. Not thread-safe but for its server: call Settle() between a client's end
// and the next change.
class TufSimulator {
 public:
  // Where metadata says how long a file is and what its hash is, beside its version.
  enum class FileHashes { kNo, kYes };

  explicit TufSimulator(Time now);

  std::string metadata_url() const { return server_.url() + kPrefix + "metadata/"; }
  std::string targets_url() const { return server_.url() + kPrefix + "targets/"; }

  // The signed part of a role as it will be published next.
  boost::json::object& Role(const std::string& role) { return roles_.at(role); }
  // {"keyids", "threshold"} of a top-level role.
  boost::json::object& KeysOf(const std::string& role);
  std::int64_t VersionOf(const std::string& role) const;
  void SetExpires(const std::string& role, Time expires);

  // Keys that sign a role when it is published; metadata need not know of them.
  std::vector<SimulatorKey>& signers(const std::string& role) { return signers_[role]; }
  // Lists the key in root for a top-level role, and lets it sign.
  void AddKey(const std::string& role, const SimulatorKey& key);
  // Lists only.
  void ListKey(const std::string& role, const SimulatorKey& key);
  // `count` new keys take the place of all.
  void RotateKeys(const std::string& role, int count = 1);

  // `delegator` (which must exist) trusts `role` with `paths`; a new key signs for it, by default.
  void Delegate(const std::string& delegator, const std::string& role,
                const std::vector<std::string>& paths, bool terminating = false);
  // Lists a target under "sha256" and serves it.
  void AddTarget(const std::string& role, const std::string& path, const std::string& content);
  // The entry of a listed target, for a test that wants other hashes.
  boost::json::object& TargetOf(const std::string& role, const std::string& path);

  // One version up (but for what was never published), signed, served; a targets role's entry in
  // snapshot and snapshot's in timestamp follow, to be published after it.
  void Publish(const std::vector<std::string>& roles);
  // As Publish, with the version that the role says itself.
  void PublishAsIs(const std::string& role);
  // Targets, snapshot, timestamp.
  void PublishAll() { Publish({"targets", "snapshot", "timestamp"}); }
  // The file of a role as it would be published now.
  std::string Signed(const std::string& role) const;

  // By name, as served: "2.root.json", "timestamp.json", "1.%3F.json".
  std::map<std::string, std::string>& metadata() { return metadata_; }
  // Target bytes by "dir/HASH.name" or "dir/name".
  std::map<std::string, std::string>& targets() { return targets_; }
  void set_file_hashes(FileHashes file_hashes) { file_hashes_ = file_hashes; }

  // Asked for since the last call, in order: "metadata/2.root.json". Anything that is not a plain
  // GET below the encoded prefix stands there as "?...".
  std::vector<std::string> TakeRequests();
  void Settle() { const std::scoped_lock lock(mutex_); }

 private:
  // Percent-encoded brackets, as the public suite's test names have.
  static constexpr char kPrefix[] = "case%5Bone%20two%5D/";

  std::string Answer(const std::string& head);
  boost::json::object FileEntry(const std::string& role) const;

  Time expires_;
  std::map<std::string, boost::json::object> roles_;
  std::map<std::string, std::vector<SimulatorKey>> signers_;
  std::map<std::string, std::string> published_;  // newest bytes by role
  std::map<std::string, std::string> metadata_;
  std::map<std::string, std::string> targets_;
  FileHashes file_hashes_ = FileHashes::kNo;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  ScriptedHttpServer server_;  // last: its thread uses the rest
};

}  // namespace flotilla

#endif  // FLOTILLA_TESTS_SUPPORT_TUF_SIMULATOR_H_
