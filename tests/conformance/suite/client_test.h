// The real tuf_client against a simulated repository.
#ifndef FLOTILLA_TESTS_CONFORMANCE_SUITE_CLIENT_TEST_H_
#define FLOTILLA_TESTS_CONFORMANCE_SUITE_CLIENT_TEST_H_

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include "base/file.h"
#include "base/os_clock.h"
#include "tests/e2e/support/process.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tuf_simulator.h"

namespace flotilla::conformance {

inline constexpr Duration kDay = absl::Hours(24);

class ClientTest : public testing::Test {
 protected:
  using Versions = std::map<std::string, std::int64_t>;

  // Runs the program; its exit code.
  int Run(std::vector<std::string> words, const std::string& faked_date = "") {
    words.insert(words.begin(), TUF_CLIENT_PATH);
    if (!faked_date.empty()) {
      words.insert(words.begin(), {"faketime", faked_date});
    }
    simulator_.Settle();
    // A sanitizer's own library wants to be loaded before faketime's.
    const e2e::CommandResult result =
        e2e::RunCommand(words, {"ASAN_OPTIONS=verify_asan_link_order=0"});
    simulator_.Settle();
    last_error_ = result.err;
    return result.exit_code;
  }
  int InitWith(const std::string& root) {
    const auto path = dir_.path() / "initial.json";
    std::ofstream(path, std::ios::binary) << root;
    return Run({"--metadata-dir", metadata_dir().string(), "init", path.string()});
  }
  int Init() { return InitWith(simulator_.metadata().at("1.root.json")); }
  int Refresh(const std::string& faked_date = "") {
    return Run({"--metadata-url", simulator_.metadata_url(), "--metadata-dir",
                metadata_dir().string(), "refresh"},
               faked_date);
  }
  int Download(const std::vector<std::string>& names) {
    std::vector<std::string> words = {
        "--metadata-url", simulator_.metadata_url(), "--metadata-dir",    metadata_dir().string(),
        "--target-dir",   target_dir().string(),     "--target-base-url", simulator_.targets_url()};
    for (const std::string& name : names) {
      words.insert(words.end(), {"--target-name", name});
    }
    words.emplace_back("download");
    return Run(words);
  }

  std::filesystem::path metadata_dir() const { return dir_.path() / "metadata"; }
  std::filesystem::path target_dir() const { return dir_.path() / "targets"; }
  std::string Stored(const std::string& role) const {
    return ToText(ReadFile(metadata_dir() / (role + ".json"), 10'000'000).value_or(Bytes()));
  }
  // Version of every *.json directly in the folder, by name without the suffix.
  Versions Trusted() const {
    Versions versions;
    for (const auto& entry : std::filesystem::directory_iterator(metadata_dir())) {
      if (entry.path().extension() == ".json") {
        const auto file = boost::json::parse(Stored(entry.path().stem().string()));
        versions[entry.path().stem().string()] =
            file.at("signed").at("version").to_number<std::int64_t>();
      }
    }
    return versions;
  }
  // Contents of all files below the target folder, sorted.
  std::vector<std::string> Artifacts() const {
    std::vector<std::string> contents;
    std::error_code error;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(target_dir(), error)) {
      if (entry.is_regular_file()) {
        contents.push_back(ToText(ReadFile(entry.path(), 1'000'000).value_or(Bytes())));
      }
    }
    std::sort(contents.begin(), contents.end());
    return contents;
  }
  // Metadata requests since the last call, "metadata/" cut off.
  std::vector<std::string> Requests() { return Below("metadata/"); }
  std::vector<std::string> TargetRequests() { return Below("targets/"); }
  std::string Date(Duration from_now) const {
    return absl::FormatTime("%Y-%m-%d %H:%M:%S", now_ + from_now, absl::UTCTimeZone());
  }

  const Time now_ = OsClock().Now();
  TempDir dir_;
  TufSimulator simulator_{now_};
  std::string last_error_;

 private:
  // Requests of both kinds are kept until each was asked for.
  std::vector<std::string> Below(const std::string& prefix) {
    const auto fresh = simulator_.TakeRequests();
    asked_.insert(asked_.end(), fresh.begin(), fresh.end());
    std::vector<std::string> found;
    std::vector<std::string> others;
    for (const std::string& path : asked_) {
      if (path.starts_with(prefix)) {
        found.push_back(path.substr(prefix.size()));
      } else {
        others.push_back(path);
      }
    }
    asked_ = std::move(others);
    return found;
  }
  std::vector<std::string> asked_;
};

}  // namespace flotilla::conformance

#endif  // FLOTILLA_TESTS_CONFORMANCE_SUITE_CLIENT_TEST_H_
