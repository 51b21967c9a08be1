#include "fleetctl/commands/release_files.h"

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <utility>
#include <vector>

#include "fleetctl/output/output.h"
#include "fleetctl/upload/https_client.h"
#include "ota/format/pick_variant.h"
#include "security/sha256.h"

namespace flotilla::fleetctl {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

Status CheckListed(const tuf::Draft& role, const ota::ReleaseVariant& variant) {
  for (const ota::VariantFile& file : variant.files) {
    if (ListedHash(role, file.target.path) != file.target.sha256.ToHex()) {
      return FailedPrecondition("the line's metadata does not list " + file.target.path +
                                " any more: push the model again");
    }
  }
  return OkStatus();
}

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : ",") + name;
  }
  return text;
}

std::string NeedsCell(const ota::ReleaseVariant& variant) {
  const std::uint64_t memory =
      std::max(variant.min_ram_mb, (ota::MemoryNeed(variant) + kMiB - 1) / kMiB);
  std::string text = std::to_string(memory) + " MiB";
  for (const auto* names : {&variant.hardware, &variant.architectures, &variant.cpu_features}) {
    text += names->empty() ? "" : " " + Joined(*names);
  }
  return text;
}

std::string NameCell(const ota::VariantFile& file, const ota::ReleaseVariant& variant) {
  if (file.kind == ota::kModelKind) {
    return variant.quantisation;
  }
  if (file.kind != ota::kAdapterKind) {
    return file.name;
  }
  return file.name + " x " + ota::ScaleText(file.scale_milli);
}

}  // namespace

StatusOr<ota::ReleaseDocument> FetchDocument(const Cli& cli, const Digest& sha256) {
  FLOTILLA_ASSIGN_OR_RETURN(const config::v1::Context context, cli.UsedContext());
  FLOTILLA_ASSIGN_OR_RETURN(const auto client, HttpsClient::Create(context));
  Bytes bytes;
  FLOTILLA_RETURN_IF_ERROR(client->Download(sha256, [&bytes](ByteView piece) {
    if (bytes.size() + piece.size() > ota::kMaxReleaseDocumentBytes) {
      return ResourceExhausted("too large for a release document");
    }
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    return OkStatus();
  }));
  if (security::Sha256(bytes) != sha256) {
    return DataLoss("the controller sent other bytes than those of " + sha256.ToHex());
  }
  return ota::ParseReleaseDocument(bytes);
}

Status TakeBase(const Cli& cli, const tuf::Draft& role, const std::string& base,
                ReleaseSpec& spec) {
  const std::size_t at = base.find('@');
  if (at == std::string::npos || base.substr(0, at) != spec.line.value()) {
    return InvalidArgument("--base " + base + ": write " + spec.line.value() +
                           "@VERSION; a base is a release of the same line");
  }
  const std::string version = base.substr(at + 1);
  const std::string path = ota::ReleaseTargetPath(spec.line, version);
  const StatusOr<Digest> sha256 = Digest::FromHex(ListedHash(role, path));
  if (!sha256.ok()) {
    return NotFound("line " + spec.line.value() + " has no release " + version);
  }
  FLOTILLA_ASSIGN_OR_RETURN(ota::ReleaseDocument document, FetchDocument(cli, *sha256));
  for (const ota::ReleaseVariant& variant : document.variants) {
    FLOTILLA_RETURN_IF_ERROR(CheckListed(role, variant));
  }
  spec.engine = spec.engine.empty() ? document.engine : spec.engine;
  spec.min_agent = spec.min_agent.empty() ? document.min_agent : spec.min_agent;
  spec.base = std::move(document);
  return OkStatus();
}

void PrintFiles(Cli& cli, const ota::ReleaseDocument& document) {
  Table table({"VARIANT", "NEEDS", "FILE", "NAME", "SIZE", "SHA-256"});
  for (const ota::ReleaseVariant& variant : document.variants) {
    for (const ota::VariantFile& file : variant.files) {
      table.Add({variant.name, NeedsCell(variant), file.kind, NameCell(file, variant),
                 BytesCell(file.target.length), file.target.sha256.ToHex().substr(0, 12)});
    }
  }
  if (document.golden.has_value()) {
    const ota::TargetRef& golden = document.golden->target;
    table.Add({"all", "", "golden",
               "floor " + std::to_string(document.golden->floor_percent) + " %",
               BytesCell(golden.length), golden.sha256.ToHex().substr(0, 12)});
  }
  table.Print(cli.out());
}

}  // namespace flotilla::fleetctl
