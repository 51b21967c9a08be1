// Two runs of one device with the same time, randomness and past: what differs is what the caller
// made differ.
#ifndef FLOTILLA_TESTS_E2E_SUPPORT_REPLAY_H_
#define FLOTILLA_TESTS_E2E_SUPPORT_REPLAY_H_

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/time.h"
#include "tests/e2e/support/plaintext.h"
#include "tests/support/temp_dir.h"

namespace flotilla::e2e {

// The time of programs that are linked with tests/e2e/tap/stepped_clock.cc. It stands still.
class SteppedTime {
 public:
  explicit SteppedTime(Time start);
  void Set(Time now);
  // For the environment of those programs.
  std::string Variable() const;

 private:
  TempDir folder_;
};

// Copies of folders as they are now, to be put back as often as wanted.
class Past {
 public:
  explicit Past(std::vector<std::filesystem::path> folders);
  // Removes what stands there now. Sockets and pipes are not kept.
  void PutBack() const;

 private:
  std::filesystem::path CopyOf(std::size_t index) const;

  TempDir copies_;
  std::vector<std::filesystem::path> folders_;
};

// The content of every file below the folder by its path there: databases as their tables, all
// else byte for byte.
std::map<std::string, std::string> FolderContent(const std::filesystem::path& folder);

// The lines of a log by one of our programs, without the time in front and the numbers of
// processes, sorted: two processes write to it at once.
std::vector<std::string> LogLines(const std::string& log);

// What a run has left, and handed to the network.
struct Trace {
  // By name of the moment, then as FolderContent.
  std::map<std::string, std::map<std::string, std::string>> disk;
  std::vector<std::string> log;
  Plaintext plaintext;
};

// A sentence for each difference; none: not one byte of what is compared differs.
// Compared: every file at every moment; all that was ever written below the state's health folder;
// the log; of every gRPC call its order on its connection, its headers but grpc-timeout (what was
// left of a deadline when the call was made), and every byte of its data; of HTTP/1.1 every byte.
std::vector<std::string> DifferencesOf(const Trace& one, const Trace& other);

}  // namespace flotilla::e2e

#endif  // FLOTILLA_TESTS_E2E_SUPPORT_REPLAY_H_
