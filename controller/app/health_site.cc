#include "controller/app/health_site.h"

#include <cstdint>
#include <utility>

#include "base/file.h"
#include "base/log.h"
#include "base/loop_thread.h"
#include "controller/health/leader_keys.h"
#include "controller/health/sqlite_health_store.h"
#include "controller/rpc/grpc_aggregation_client.h"
#include "telemetry/store/sqlite_aggregator_store.h"

namespace flotilla::controller {
namespace {

constexpr std::uint64_t kMaxPemBytes = std::uint64_t{64} * 1024;

StatusOr<std::string> ReadCredential(const std::filesystem::path& folder, const char* name) {
  const StatusOr<Bytes> pem = ReadFile(folder / name, kMaxPemBytes);
  if (!pem.ok()) {
    return Annotate(pem.status(),
                    "health_helper.credentials_dir (flotilla-aggregator leader --out writes it)");
  }
  return ToText(*pem);
}

StatusOr<HelperCredentials> ReadCredentials(const std::filesystem::path& folder) {
  HelperCredentials credentials;
  FLOTILLA_ASSIGN_OR_RETURN(credentials.ca, ReadCredential(folder, "helper-ca.crt"));
  FLOTILLA_ASSIGN_OR_RETURN(credentials.certificate, ReadCredential(folder, "leader.crt"));
  FLOTILLA_ASSIGN_OR_RETURN(credentials.private_key, ReadCredential(folder, "leader.key"));
  return credentials;
}

}  // namespace

// In order of construction: each part uses those above it, and is destroyed before them.
struct HealthSite::Impl {
  HealthBoard board;
  std::unique_ptr<LeaderKeys> keys;
  std::unique_ptr<SqliteHealthStore> store;
  std::unique_ptr<telemetry::SqliteAggregatorStore> shares;
  std::unique_ptr<LoopThread> loop;
  std::unique_ptr<GrpcHelperClient> helper;
  std::unique_ptr<HealthDesk> desk;
};

HealthSite::HealthSite(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HealthSite::~HealthSite() {
  if (impl_->loop != nullptr) {
    impl_->loop->Stop();
  }
}

StatusOr<std::unique_ptr<HealthSite>> HealthSite::Open(const HealthSiteOptions& options,
                                                       DurableFs& fs, const Clock& clock,
                                                       Random& random) {
  auto impl = std::make_unique<Impl>();
  if (options.helper.address.empty()) {
    impl->board.Publish(PictureWithoutHelper());
    return std::unique_ptr<HealthSite>(new HealthSite(std::move(impl)));
  }
  FLOTILLA_ASSIGN_OR_RETURN(const HelperCredentials credentials,
                            ReadCredentials(options.helper.credentials_dir));
  FLOTILLA_ASSIGN_OR_RETURN(impl->keys, LeaderKeys::Open(options.folder, fs, random, clock.Now()));
  FLOTILLA_ASSIGN_OR_RETURN(impl->store, SqliteHealthStore::Open(options.folder / "health.db"));
  FLOTILLA_ASSIGN_OR_RETURN(impl->shares,
                            telemetry::SqliteAggregatorStore::Open(options.folder / "leader.db"));
  impl->loop = std::make_unique<LoopThread>();
  impl->helper = std::make_unique<GrpcHelperClient>(options.helper.address, credentials);
  impl->desk = std::make_unique<HealthDesk>(
      HealthDeskOptions{{options.leader_endpoint, options.helper.address}, options.helper.named},
      HealthParts{*impl->store, *impl->shares, *impl->helper, *impl->keys, impl->loop->executor(),
                  clock, random,
                  [&shares = *impl->shares](const dap::TaskId& task, dap::WindowStart first_kept) {
                    if (const Status status = shares.Forget(task, first_kept); !status.ok()) {
                      LogStatus(LogLevel::kWarning, "health.forget_failed", status);
                    }
                  }},
      impl->board);
  FLOTILLA_RETURN_IF_ERROR(impl->desk->Load());
  impl->desk->Start();
  LogInfo("health.open", {{"helper", options.helper.address}});
  return std::unique_ptr<HealthSite>(new HealthSite(std::move(impl)));
}

const HealthBoard& HealthSite::board() const {
  return impl_->board;
}

HealthDesk* HealthSite::desk() {
  return impl_->desk.get();
}

}  // namespace flotilla::controller
