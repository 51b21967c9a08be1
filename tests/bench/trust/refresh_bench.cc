// What trust costs: a refresh from a cold cache behind 1, 10 and 300 roots over loopback HTTP, with
// every root made durable on the way; verifications a second of each key kind; passes over an
// artifact's bytes. One JSON line a figure.
#include <stdlib.h>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <tuple>
#include <utility>

#include "base/os_clock.h"
#include "base/os_durable_fs.h"
#include "ota/fetch/curl_fetcher.h"
#include "ota/steps/fetch.h"
#include "ota/steps/verify_artifact.h"
#include "security/public_key.h"
#include "security/sha256.h"
#include "security/tuf/client.h"
#include "tests/support/simulator_key.h"
#include "tests/support/tiny_gguf.h"
#include "tests/support/tuf_simulator.h"

namespace flotilla {
namespace {

constexpr int kVerifications = 2000;

void Print(const std::string& figure, double value, const std::string& unit) {
  std::ignore =
      std::printf("{\"bench\":\"trust\",\"figure\":\"%s\",\"value\":%.6g,\"unit\":\"%s\"}\n",
                  figure.c_str(), value, unit.c_str());
}

void Require(const Status& status) {
  if (!status.ok()) {
    std::ignore = std::fprintf(stderr, "%s\n", status.ToString().c_str());
    std::exit(1);  // NOLINT(concurrency-mt-unsafe): a benchmark that failed has nothing to say
  }
}

// A folder that goes with the object.
class WorkFolder {
 public:
  WorkFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "flotilla-bench-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~WorkFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::unique_ptr<ota::CurlFetcher> FetcherOf(const TufSimulator& simulator) {
  ota::CurlFetcherOptions options;
  options.metadata_url = simulator.metadata_url();
  options.targets_url = simulator.targets_url();
  options.protocols = "http";
  options.no_proxy = "*";
  return ota::CurlFetcher::Create(options).value();
}

// A refresh of a device that has the factory root and nothing else, `roots` behind.
void RefreshBehind(int roots) {
  const OsClock clock;
  TufSimulator simulator(clock.Now());
  for (int i = 0; i < roots; ++i) {
    simulator.Publish({"root"});
  }
  const WorkFolder work;
  OsDurableFs fs;
  const auto fetcher = FetcherOf(simulator);
  tuf::TufClientOptions options;
  options.state_dir = work.path();
  auto client =
      tuf::TufClient::Open(options, ToBytes(simulator.metadata().at("1.root.json")), fs, *fetcher);
  Require(client.status());
  const Duration begin = clock.Monotonic();
  int refreshes = 1;
  Status status = (*client)->Refresh(clock.Now());
  for (; !status.ok() && refreshes < 3; ++refreshes) {  // more than 256 roots are walked in two
    status = (*client)->Refresh(clock.Now());
  }
  Require(status);
  const std::string name = "cold_refresh_" + std::to_string(roots) + "_roots";
  Print(name, absl::ToDoubleMilliseconds(clock.Monotonic() - begin), "ms");
  Print(name + "_refreshes", refreshes, "refreshes");
  Print(name + "_requests", static_cast<double>(simulator.TakeRequests().size()), "requests");
}

void Verifications(const std::string& name, SimulatorKeyKind kind) {
  const OsClock clock;
  const SimulatorKey key = SimulatorKey::Make(kind);
  const std::string message(2000, 'm');
  const Bytes signature = HexDecode(key.Sign(message)).value();
  const auto text = [&key](const char* field) {
    return std::string(key.object.at(field).as_string());
  };
  const auto public_key = security::PublicKey::FromTuf(
      text("keytype"), text("scheme"), key.object.at("keyval").at("public").as_string());
  Require(public_key.status());
  const Duration begin = clock.Monotonic();
  for (int i = 0; i < kVerifications; ++i) {
    Require(public_key->Verify(AsBytes(message), signature));
  }
  Print("verify_" + name, kVerifications / absl::ToDoubleSeconds(clock.Monotonic() - begin), "1/s");
}

// Counts what comes over the network.
class CountingFetcher final : public ota::BlobFetcher {
 public:
  explicit CountingFetcher(ota::BlobFetcher& fetcher) : fetcher_(fetcher) {}
  Status Fetch(const ota::BlobRange& range, const ota::BlobSink& sink,
               const std::stop_token& stop) override {
    return fetcher_.Fetch(
        range,
        [&](ByteView bytes) {
          bytes_ += bytes.size();
          return sink(bytes);
        },
        stop);
  }
  std::uint64_t bytes() const { return bytes_; }

 private:
  ota::BlobFetcher& fetcher_;
  std::uint64_t bytes_ = 0;
};

// Bytes this process read from files (sockets are received from, not read).
double BytesRead() {
  std::ifstream file("/proc/self/io");
  std::string first;  // "rchar:"
  double bytes = 0;
  file >> first >> bytes;
  return bytes;
}

void Passes() {
  const OsClock clock;
  TufSimulator simulator(clock.Now());
  const Bytes model = MakeTinyGguf({.tensors = 64, .weights = 1U << 18U});  // 64 MiB
  simulator.AddTarget("targets", "model.gguf", ToText(model));
  const WorkFolder work;
  OsDurableFs fs;
  const std::filesystem::path source = work.path() / "source";
  Require(DurableWrite(fs, source, model));
  const ota::LeafMap map = ota::LeafMap::Build(source).value();
  tuf::TargetInfo target;
  target.path = target.url_path = "model.gguf";
  target.length = model.size();
  target.sha256 = security::Sha256(model);
  OsClock wall;
  const auto store = ota::Store::Open(work.path(), fs).value();
  const auto curl = FetcherOf(simulator);
  CountingFetcher fetcher(*curl);
  const double before = BytesRead();
  const Duration begin = clock.Monotonic();
  const auto fetched = ota::FetchArtifact(
      {target, map, security::Sha256(map.Encode())}, {fetcher, *store, fs, wall},
      [](std::uint64_t) {}, std::stop_token());
  Require(fetched.status());
  Require(ota::VerifyArtifact(store->PartPath(target.sha256), target, fetched->sha256,
                              std::stop_token()));
  const Duration spent = clock.Monotonic() - begin;
  const auto size = static_cast<double>(model.size());
  Print("artifact_network_passes", static_cast<double>(fetcher.bytes()) / size, "passes");
  Print("artifact_disk_read_passes", (BytesRead() - before) / size, "passes");
  Print("artifact_fetch_and_verify", size / (1 << 20) / absl::ToDoubleSeconds(spent), "MiB/s");
}

int Main() {
  for (const int roots : {1, 10, 300}) {
    RefreshBehind(roots);
  }
  Verifications("ed25519", SimulatorKeyKind::kEd25519);
  Verifications("ecdsa_p256", SimulatorKeyKind::kEcdsa);
  Verifications("rsa_pss_2048", SimulatorKeyKind::kRsaPss);
  Passes();
  return 0;
}

}  // namespace
}  // namespace flotilla

int main() {
  try {
    return flotilla::Main();
  } catch (const std::exception& error) {
    std::ignore = std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
