#include "controller/backup/seen_versions.h"

#include <algorithm>

namespace flotilla::controller {
namespace {

// A publication a second for thirty years.
constexpr std::uint64_t kReach = 1'000'000'000;

}  // namespace

SeenVersions::SeenVersions(const RestoreMark& mark) : most_(mark.least_version + kReach) {
  highest_.snapshot = mark.least_version;
  highest_.timestamp = mark.least_version;
}

std::optional<MetadataSeen> SeenVersions::Note(const v1::Hello& hello) {
  const MetadataSeen told{hello.root_version(), hello.snapshot_version(),
                          hello.timestamp_version()};
  const bool higher = told.root > highest_.root || told.snapshot > highest_.snapshot ||
                      told.timestamp > highest_.timestamp;
  if (!higher || std::max({told.root, told.snapshot, told.timestamp}) > most_) {
    return std::nullopt;
  }
  highest_.root = std::max(highest_.root, told.root);
  highest_.snapshot = std::max(highest_.snapshot, told.snapshot);
  highest_.timestamp = std::max(highest_.timestamp, told.timestamp);
  return highest_;
}

}  // namespace flotilla::controller
