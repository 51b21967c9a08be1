// A client on a real folder and a repository in memory.
#ifndef FLOTILLA_TESTS_UNIT_SECURITY_TUF_CLIENT_FIXTURE_H_
#define FLOTILLA_TESTS_UNIT_SECURITY_TUF_CLIENT_FIXTURE_H_

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/os_durable_fs.h"
#include "security/tuf/client.h"
#include "tests/support/memory_repository.h"
#include "tests/support/temp_dir.h"

namespace flotilla::tuf {

inline const Time kNow = ParseUtcText("2026-03-01T12:00:00Z").value();
inline constexpr absl::Duration kDay = absl::Hours(24);

class ClientFixture : public testing::Test {
 protected:
  std::unique_ptr<TufClient> Open() {
    auto client = TufClient::Open({.state_dir = dir_.path() / "tuf"}, repository_.factory_root(),
                                  fs_, repository_);
    EXPECT_TRUE(client.ok()) << client.status();
    return std::move(client).value();
  }
  // A new client each time, as after a restart.
  Status Refresh(Time now = kNow) { return Open()->Refresh(now); }
  int RefreshReason(Time now = kNow) { return ReasonNumber(Refresh(now)); }
  bool Has(const std::string& name) const {
    return std::filesystem::exists(dir_.path() / "tuf" / name);
  }
  Bytes Stored(const std::string& name) const {
    return ReadFile(dir_.path() / "tuf" / name, 1'000'000).value_or(Bytes());
  }
  // Signs `draft` as timestamp.json over the newest snapshot.
  void PutTimestamp(Draft draft) { repository_.Put("timestamp", std::move(draft), {"timestamp"}); }
  // Snapshot and timestamp with these versions over what is there.
  void PutSnapshot(const Draft& snapshot) {
    repository_.Put("snapshot", snapshot, {"snapshot"});
    Draft timestamp = repository_.Edit("timestamp");
    ASSERT_TRUE(
        timestamp.SetSnapshot(snapshot.version(), repository_.files()["snapshot.json"]).ok());
    PutTimestamp(timestamp);
  }

  TempDir dir_;
  OsDurableFs fs_;
  MemoryRepository repository_{kNow};
};

}  // namespace flotilla::tuf

#endif  // FLOTILLA_TESTS_UNIT_SECURITY_TUF_CLIENT_FIXTURE_H_
