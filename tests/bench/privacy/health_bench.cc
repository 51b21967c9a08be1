// health_bench [DEVICES]: what private health costs, in CPU time of one core: a report on the
// device, its verification at leader and helper, its bytes against the written sizes, and a week of
// DEVICES (10,000 unless said) for each aggregator, computed from the costs of each shape and
// measured on as many reports of one metric. OpenSSL's X25519 in the same run is the floor of the
// HPKE part. One JSON line a figure, then a table. Exit 1: a report has another size than is
// written down, or an honest one was refused. Stores are in memory; transport and disk are not
// measured.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "security/openssl_ptr.h"
#include "telemetry/dap/device_signature.h"
#include "telemetry/schema/registry.h"
#include "tests/bench/privacy/health_world.h"

namespace flotilla::dap {
namespace {

constexpr std::size_t kSample = 512;
constexpr int kCurveOperations = 2'000;

// Reports without the helper's extension, by buckets; docs/private-health.md.
const std::map<std::uint32_t, std::size_t>& WrittenSizes() {
  static const std::map<std::uint32_t, std::size_t> sizes = {{5, 568},  {8, 648},   {12, 744},
                                                             {16, 872}, {24, 1064}, {32, 1224}};
  return sizes;
}

void Print(const std::string& figure, double value, const char* unit) {
  std::ignore =
      std::printf("{\"bench\":\"health\",\"figure\":\"%s\",\"value\":%.6g,\"unit\":\"%s\"}\n",
                  figure.c_str(), value, unit);
  std::ignore = std::fflush(stdout);
}

template <typename T>
T Must(StatusOr<T> value) {
  if (!value.ok()) {
    std::ignore = std::fprintf(stderr, "%s\n", value.status().ToString().c_str());
    std::exit(1);  // NOLINT(concurrency-mt-unsafe): a benchmark that failed has nothing to say
  }
  return *std::move(value);
}

// CPU seconds of one call.
double PerCall(std::size_t calls, const std::function<void(std::size_t)>& call) {
  const double begin = CpuSeconds();
  for (std::size_t i = 0; i < calls; ++i) {
    call(i);
  }
  return (CpuSeconds() - begin) / static_cast<double>(calls);
}

struct Curve {
  double generate = 0;
  double derive = 0;
};

security::EvpPkeyPtr NewX25519() {
  EVP_PKEY* key = nullptr;
  const security::EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_id(EVP_PKEY_X25519, nullptr));
  if (EVP_PKEY_keygen_init(context.get()) != 1 || EVP_PKEY_keygen(context.get(), &key) != 1) {
    std::abort();
  }
  return security::EvpPkeyPtr(key);
}

Curve MeasureX25519() {
  Curve curve;
  curve.generate = PerCall(kCurveOperations, [](std::size_t) { NewX25519(); });
  const security::EvpPkeyPtr mine = NewX25519();
  const security::EvpPkeyPtr other = NewX25519();
  curve.derive = PerCall(kCurveOperations, [&](std::size_t) {
    const security::EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(mine.get(), nullptr));
    std::array<unsigned char, 32> secret{};
    std::size_t size = secret.size();
    if (EVP_PKEY_derive_init(context.get()) != 1 ||
        EVP_PKEY_derive_set_peer(context.get(), other.get()) != 1 ||
        EVP_PKEY_derive(context.get(), secret.data(), &size) != 1) {
      std::abort();
    }
  });
  Print("openssl_x25519_generate", 1e6 * curve.generate, "us");
  Print("openssl_x25519_derive", 1e6 * curve.derive, "us");
  return curve;
}

// CPU seconds for one report.
struct Costs {
  double build = 0;
  double shard = 0;
  double seal = 0;  // for one aggregator
  double leader = 0;
  double helper = 0;
};

Costs MeasureShape(std::uint32_t buckets) {
  const auto world = Must(HealthWorld::Create(buckets, kSample));
  std::vector<Bytes> reports(kSample);
  Costs costs;
  costs.build = PerCall(kSample, [&](std::size_t i) { reports[i] = Must(world->ReportOf(i)); });
  costs.shard = PerCall(kSample, [&](std::size_t) { Must(world->Shard()); });
  const Bytes payload = Must(world->Shard()).input_shares[1];
  costs.seal = PerCall(kSample, [&](std::size_t) { Must(world->SealForHelper(payload)); });
  const HealthWorld::Spent spent = Must(world->Verify(reports));
  if (spent.accepted != kSample) {
    Must(StatusOr<int>(Internal("bench: honest reports were refused")));
  }
  costs.leader = spent.leader / kSample;
  costs.helper = spent.helper / kSample;
  const std::string of = "_" + std::to_string(buckets) + "_buckets";
  Print("shard" + of, 1e6 * costs.shard, "us");
  Print("seal_one_share" + of, 1e6 * costs.seal, "us");
  Print("report" + of, 1e6 * costs.build, "us");
  Print("leader_verifies" + of, 1 / costs.leader, "1/s");
  Print("helper_verifies" + of, 1 / costs.helper, "1/s");
  return costs;
}

// True when all sizes are the written ones.
bool CheckSizes() {
  bool good = true;
  std::ignore = std::printf("\n%8s %10s %10s %10s %6s\n", "buckets", "written", "+ helper's",
                            "measured", "equal");
  for (const auto& [buckets, size] : WrittenSizes()) {
    const auto world = Must(HealthWorld::Create(buckets, 1));
    const std::size_t measured = Must(world->ReportOf(0)).size();
    const bool equal = measured == size + kDeviceSignatureBytes;
    std::ignore = std::printf("%8u %10zu %10zu %10zu %6s\n", buckets, size,
                              size + kDeviceSignatureBytes, measured, equal ? "yes" : "NO");
    good = good && equal;
  }
  return good;
}

void PrintRatios(const std::map<std::uint32_t, Costs>& costs, const Curve& curve) {
  const double seal_floor = curve.generate + curve.derive;
  std::ignore = std::printf(
      "\nratio to OpenSSL's X25519 (sealing: one key pair and one agreement; opening: one "
      "agreement)\n%8s %10s %10s %10s %10s %10s\n",
      "buckets", "seal", "shard", "report/2", "leader", "helper");
  for (const auto& [buckets, cost] : costs) {
    std::ignore =
        std::printf("%8u %10.2f %10.2f %10.2f %10.2f %10.2f\n", buckets, cost.seal / seal_floor,
                    cost.shard / seal_floor, cost.build / (2 * seal_floor),
                    cost.leader / curve.derive, cost.helper / curve.derive);
  }
}

// A week of a fleet: every metric that is on unless told otherwise, once.
void ComputeWeek(std::map<std::uint32_t, Costs>& costs, std::size_t devices) {
  double leader = 0;
  double helper = 0;
  double device = 0;
  std::uint32_t metrics = 0;
  for (const schema::Metric& metric : schema::AllMetrics()) {
    if (metric.unless_told != schema::Switch::kOn) {
      continue;
    }
    if (costs.count(metric.buckets()) == 0) {
      costs[metric.buckets()] = MeasureShape(metric.buckets());
    }
    const Costs& cost = costs[metric.buckets()];
    leader += cost.leader * static_cast<double>(devices);
    helper += cost.helper * static_cast<double>(devices);
    device += cost.build;
    ++metrics;
  }
  Print("week_metrics", metrics, "metrics");
  Print("week_computed_leader", leader, "CPU s");
  Print("week_computed_helper", helper, "CPU s");
  Print("week_computed_one_device", device, "CPU s");
}

void MeasureWeek(std::size_t devices) {
  constexpr std::uint32_t kBuckets = 24;
  const auto world = Must(HealthWorld::Create(kBuckets, devices));
  std::vector<Bytes> reports(devices);
  for (std::size_t i = 0; i < devices; ++i) {
    reports[i] = Must(world->ReportOf(i));
  }
  const HealthWorld::Spent spent = Must(world->Verify(reports));
  Print("measured_devices", static_cast<double>(devices), "devices");
  Print("measured_accepted", static_cast<double>(spent.accepted), "reports");
  Print("measured_one_metric_leader", spent.leader, "CPU s");
  Print("measured_one_metric_helper", spent.helper, "CPU s");
  Print("measured_collection_leader", spent.leader_collect, "CPU s");
  Print("measured_collection_helper", spent.helper_collect, "CPU s");
}

int Main(std::size_t devices) {
  const Curve curve = MeasureX25519();
  std::map<std::uint32_t, Costs> costs;
  ComputeWeek(costs, devices);
  MeasureWeek(devices);
  PrintRatios(costs, curve);
  return CheckSizes() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace flotilla::dap

int main(int argc, char** argv) {
  try {
    return flotilla::dap::Main(argc > 1 ? std::stoul(argv[1]) : 10'000UL);
  } catch (const std::exception& error) {
    std::ignore = std::fprintf(stderr, "health_bench: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
