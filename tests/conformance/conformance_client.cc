#include "tests/conformance/conformance_client.h"

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "base/file.h"
#include "ota/fetch/curl_fetcher.h"
#include "security/tuf/client.h"
#include "security/tuf/limits.h"
#include "tests/conformance/artifact_folder.h"

namespace flotilla::conformance {
namespace {

std::filesystem::path FactoryRoot(const Arguments& arguments) {
  return arguments.metadata_dir / "factory" / "root.json";
}

StatusOr<std::unique_ptr<ota::CurlFetcher>> MakeFetcher(const Arguments& arguments) {
  ota::CurlFetcherOptions options;
  options.metadata_url = arguments.metadata_url;
  // A refresh asks for no target; the fetcher wants both.
  options.targets_url =
      arguments.target_base_url.empty() ? arguments.metadata_url : arguments.target_base_url;
  options.protocols = "http,https";  // the suite's server has no TLS; devices allow https alone
  options.no_proxy = "*";
  return ota::CurlFetcher::Create(std::move(options));
}

StatusOr<std::unique_ptr<tuf::TufClient>> OpenClient(const Arguments& arguments, DurableFs& fs,
                                                     tuf::MetadataFetcher& fetcher) {
  FLOTILLA_ASSIGN_OR_RETURN(Bytes factory, ReadFile(FactoryRoot(arguments), tuf::kMaxRootBytes));
  tuf::TufClientOptions options;
  options.state_dir = arguments.metadata_dir;
  return tuf::TufClient::Open(options, std::move(factory), fs, fetcher);
}

// Nothing is fetched by `init`.
class NoFetcher final : public tuf::MetadataFetcher {
 public:
  StatusOr<Bytes> Fetch(const std::string& file_name, std::uint64_t /*max_bytes*/) override {
    return FailedPrecondition("init asks for nothing, not for " + file_name);
  }
};

Status Init(const Arguments& arguments, DurableFs& fs) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes root, ReadFile(arguments.trusted_root, tuf::kMaxRootBytes));
  NoFetcher none;
  tuf::TufClientOptions options;
  options.state_dir = arguments.metadata_dir;
  // Checks the root by its own threshold before anything remembers it.
  FLOTILLA_RETURN_IF_ERROR(tuf::TufClient::Open(options, root, fs, none).status());
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, FactoryRoot(arguments).parent_path()));
  return DurableWrite(fs, FactoryRoot(arguments), root);
}

Status Refresh(const Arguments& arguments, DurableFs& fs, Time now) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto fetcher, MakeFetcher(arguments));
  FLOTILLA_ASSIGN_OR_RETURN(const auto client, OpenClient(arguments, fs, *fetcher));
  return client->Refresh(now);
}

Status Download(const Arguments& arguments, DurableFs& fs, Time now) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto fetcher, MakeFetcher(arguments));
  FLOTILLA_ASSIGN_OR_RETURN(const auto client, OpenClient(arguments, fs, *fetcher));
  FLOTILLA_RETURN_IF_ERROR(client->Refresh(now));
  ArtifactFolder folder(arguments.target_dir, arguments.metadata_dir / "staging", fs);
  for (const std::string& name : arguments.target_names) {
    FLOTILLA_ASSIGN_OR_RETURN(const tuf::TargetInfo target, client->FindTarget(name, now));
    FLOTILLA_RETURN_IF_ERROR(folder.Bring(target, *fetcher));
  }
  return OkStatus();
}

}  // namespace

Status Run(const Arguments& arguments, DurableFs& fs, Time now) {
  switch (arguments.command) {
    case Command::kInit:
      return Init(arguments, fs);
    case Command::kRefresh:
      return Refresh(arguments, fs, now);
    case Command::kDownload:
      return Download(arguments, fs, now);
    case Command::kUnspecified:
      break;
  }
  return InvalidArgument("no command");
}

}  // namespace flotilla::conformance
