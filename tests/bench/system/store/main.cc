// What group commit is worth, on SQLite and on a PostgreSQL of its own: reports a second against
// one transaction each in the same run, two rounds interleaved, and bytes on the disk per report.
// Both databases sync every commit. On PostgreSQL also what notices of changes cost, and how soon
// they are heard. Run: build/release/bench/store_bench [FOLDER on the disk in question [sqlite |
// postgres]]

#include <cmath>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "controller/storage/open_fleet_store.h"
#include "tests/bench/system/store/notify_load.h"
#include "tests/bench/system/store/store_load.h"
#include "tests/support/postgres_cluster.h"
#include "tests/support/temp_dir.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kDevices = 10'000;
constexpr std::size_t kPayload = 200;
constexpr std::size_t kSingles = 400;
constexpr std::size_t kGrouped = 60'000;
constexpr std::size_t kOutstanding = 10'000;
constexpr int kRounds = 2;
// With and without notices are as good as equal: two rounds say no more than their noise.
constexpr int kNotifyRounds = 6;
constexpr int kVisibilityTimes = 40;
// Of the design's table: group commit on SQLite (12), disk bytes (15), PostgreSQL (16).
constexpr double kSqliteGate = 20;
constexpr double kDiskGate = 5;
constexpr double kPostgresGate = 80;
// Notifications on / off (17), and a change heard of by another replica / its commit (18).
constexpr double kNotifyGate = 0.95;
constexpr double kVisibleGate = 1.5;
// Between rounds the floor may move so far; beyond, the run says nothing.
constexpr double kFloorMoves = 0.3;

void Print(const std::string& figure, double value, double gate, bool good) {
  std::ignore = std::printf(
      "{\"bench\":\"store\",\"figure\":\"%s\",\"value\":%.4g,\"gate\":%g,"
      "\"%s\":true}\n",
      figure.c_str(), value, gate, good ? "passed" : "failed");
}

void PrintPlain(const std::string& figure, double value) {
  std::ignore = std::printf("{\"bench\":\"store\",\"figure\":\"%s\",\"value\":%.6g}\n",
                            figure.c_str(), value);
}

struct Rounds {
  std::vector<LoadResult> single;
  std::vector<LoadResult> grouped;
};

double Mean(const std::vector<LoadResult>& results, double LoadResult::*field) {
  double sum = 0;
  for (const LoadResult& result : results) {
    sum += result.*field;
  }
  return sum / static_cast<double>(results.size());
}

bool FloorMoved(const Rounds& rounds) {
  const double first = rounds.single.front().reports_per_second;
  const double last = rounds.single.back().reports_per_second;
  return std::abs(first - last) > kFloorMoves * first;
}

StatusOr<Rounds> Measure(FleetStore& store) {
  ReportSource source(kDevices, kPayload);
  FLOTILLA_RETURN_IF_ERROR(store.Commit(source.AllDevices()));
  Rounds rounds;
  for (int round = 0; round < kRounds; ++round) {
    FLOTILLA_ASSIGN_OR_RETURN(const LoadResult single, OneByOne(store, source, kSingles));
    FLOTILLA_ASSIGN_OR_RETURN(const LoadResult grouped,
                              Grouped(store, source, kGrouped, kOutstanding, nullptr));
    rounds.single.push_back(single);
    rounds.grouped.push_back(grouped);
  }
  return rounds;
}

// False when the run says nothing, or a gate is missed.
bool Tell(const std::string& name, const Rounds& rounds, double gate) {
  const double single = Mean(rounds.single, &LoadResult::reports_per_second);
  const double grouped = Mean(rounds.grouped, &LoadResult::reports_per_second);
  PrintPlain(name + "_single_reports_per_second", single);
  PrintPlain(name + "_grouped_reports_per_second", grouped);
  if (FloorMoved(rounds)) {
    std::ignore = std::printf(
        "{\"bench\":\"store\",\"discarded\":\"%s: the floor moved by more "
        "than 30 %% between rounds\"}\n",
        name.c_str());
    return false;
  }
  const double ratio = grouped / single;
  Print(name + "_grouped_to_single", ratio, gate, ratio >= gate);
  return ratio >= gate;
}

// Rounds without and with a notice for each commit; then how soon a commit is heard of.
StatusOr<bool> Notify(FleetStore& store, const std::string& conninfo) {
  ReportSource source(kDevices, kPayload);
  source.Skip(kRounds * (kSingles + kGrouped));  // Measure's
  Rounds rounds;                                 // `single`: without notices
  FLOTILLA_ASSIGN_OR_RETURN(const auto notices, ChangeNotices::Open(conninfo));
  const auto announce = [&notices] { notices->Announce(); };
  for (int half = 0; half < 2 * kNotifyRounds; ++half) {
    // Off, on, on, off: what only grows (the table, its log) weighs on both alike.
    const bool on = half % 4 == 1 || half % 4 == 2;
    FLOTILLA_ASSIGN_OR_RETURN(const LoadResult result,
                              Grouped(store, source, kGrouped, kOutstanding,
                                      on ? std::function<void()>(announce) : nullptr));
    (on ? rounds.grouped : rounds.single).push_back(result);
  }
  const bool good = Tell("postgres_notify", rounds, kNotifyGate);
  FLOTILLA_ASSIGN_OR_RETURN(const Visibility seen,
                            MeasureVisibility(store, source, *notices, kVisibilityTimes));
  PrintPlain("postgres_commit_ms", seen.commit_ms);
  const double ratio = seen.visible_ms / seen.commit_ms;
  Print("postgres_visible_to_commit", ratio, kVisibleGate, ratio <= kVisibleGate);
  return good && ratio <= kVisibleGate;
}

StatusOr<bool> OnPostgres() {
  const auto cluster = PostgresCluster::Start(ClusterSync::kOn);
  if (!cluster.ok()) {
    std::ignore =
        std::fprintf(stderr, "LEFT OUT: PostgreSQL: %s\n", MessageOf(cluster.status()).c_str());
    return true;
  }
  const std::string address = (*cluster)->Address((*cluster)->NewDatabase());
  FLOTILLA_ASSIGN_OR_RETURN(const auto postgres, OpenFleetStore(address, std::filesystem::path()));
  FLOTILLA_ASSIGN_OR_RETURN(const Rounds rounds, Measure(*postgres));
  const bool grouped = Tell("postgres", rounds, kPostgresGate);
  FLOTILLA_ASSIGN_OR_RETURN(const bool notified, Notify(*postgres, address));
  return grouped && notified;
}

StatusOr<bool> OnSqlite(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "fleet.db";
  FLOTILLA_ASSIGN_OR_RETURN(auto sqlite, OpenFleetStore("", file));
  FLOTILLA_ASSIGN_OR_RETURN(const Rounds on_sqlite, Measure(*sqlite));
  const bool good = Tell("sqlite", on_sqlite, kSqliteGate);
  // Closing brings what the log still holds into the tables.
  const double open = DiskBytes();
  sqlite.reset();
  const double closing = (DiskBytes() - open) / (kRounds * (kSingles + kGrouped));
  const double disk = (Mean(on_sqlite.grouped, &LoadResult::disk_bytes_per_report) + closing) /
                      static_cast<double>(kPayload);
  Print("sqlite_disk_bytes_to_payload", disk, kDiskGate, disk <= kDiskGate);
  return good && disk <= kDiskGate;
}

int Main(const std::vector<std::string>& arguments) {
  const TempDir temporary;
  bool good = true;
  for (const auto& [name, run] :
       std::vector<std::pair<std::string, StatusOr<bool> (*)(const std::filesystem::path&)>>{
           {"sqlite", OnSqlite},
           {"postgres", [](const std::filesystem::path&) { return OnPostgres(); }}}) {
    if (arguments.size() > 1 && arguments[1] != name) {
      continue;
    }
    const StatusOr<bool> passed =
        run(arguments.empty() ? temporary.path() : std::filesystem::path(arguments.front()));
    if (!passed.ok()) {
      std::ignore = std::fprintf(stderr, "store_bench: %s\n", passed.status().ToString().c_str());
      return 2;
    }
    good = good && *passed;
  }
  return good ? 0 : 1;
}

}  // namespace
}  // namespace flotilla::controller

int main(int argc, char** argv) {
  try {
    return flotilla::controller::Main(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    std::ignore = std::fprintf(stderr, "store_bench: %s\n", error.what());
    return 2;
  }
}
