#include "agent/app/status_text.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <system_error>
#include <vector>

#include "agent/app/state_lock.h"
#include "agent/app/version.h"
#include "agent/enrol/decommission.h"
#include "agent/enrol/identity.h"
#include "agent/state/saved_control.h"
#include "agent/state/trust_record.h"
#include "base/file.h"
#include "ota/active_file.h"
#include "ota/format/pick_variant.h"
#include "ota/format/release_document.h"
#include "security/x509/peer.h"

namespace flotilla::agent {
namespace {

constexpr std::uint64_t kMaxEndpointBytes = 256;

std::string DeviceText(const std::filesystem::path& state_dir) {
  const StatusOr<Identity> identity = LoadIdentity(state_dir);
  if (!identity.ok()) {
    const std::string copied = CopiedFrom(state_dir);
    return HasLeftFleet(state_dir) ? "device: decommissioned\n"
           : copied.empty()        ? "device: not enrolled\n"
                                   : "device: not enrolled (an identity that was given to another "
                                     "machine, " +
                                  copied + ", was wiped here)\n";
  }
  const StatusOr<Time> end = security::CertificateEnd(identity->chain_pem);
  return "device: " + identity->device_id +
         "\ncertificate ends: " + (end.ok() ? UtcText(*end) : "unreadable") + "\n";
}

std::string AgentText(const std::filesystem::path& state_dir) {
  if (!IsStateLocked(state_dir)) {
    return "agent: stopped\n";
  }
  const StatusOr<Bytes> endpoint = ReadFile(state_dir / "endpoint", kMaxEndpointBytes);
  return "agent: running\nendpoint: " +
         (endpoint.ok() ? ToText(*endpoint) : std::string("not open yet\n"));
}

std::string VersionOf(const v1::InstalledRelease& release) {
  return release.ref().version().empty() ? "none" : release.ref().version();
}

// Why this device takes the variant it runs, out of the release document in the store.
std::string WhyText(const std::filesystem::path& state_dir, const v1::InstalledRelease& release,
                    const v1::DeviceFacts& facts) {
  const std::string hex = ota::DigestOf(release.ref().sha256()).ToHex();
  const StatusOr<Bytes> bytes =
      ReadFile(state_dir / "store" / hex / "release.json", ota::kMaxReleaseDocumentBytes);
  const auto document = bytes.ok() ? ota::ParseReleaseDocument(*bytes)
                                   : StatusOr<ota::ReleaseDocument>(bytes.status());
  if (!document.ok()) {
    return {};
  }
  const auto choice = ota::PickVariant(*document, facts);
  if (!choice.ok()) {
    return "\n  now: " + MessageOf(choice.status());
  }
  return (choice->variant->name == release.variant() ? "\n  why: " : "\n  now: ") + choice->why;
}

// What the line runs, file by file.
std::string FilesText(const v1::InstalledRelease& release) {
  std::string text = "\n  variant: " + release.variant();
  for (const v1::InstalledFile& file : release.files()) {
    text += "\n  " + file.kind();
    if (file.kind() == ota::kAdapterKind) {
      text += " " + file.name() + ", scale " + ota::ScaleText(file.scale_milli());
    }
  }
  return text;
}

std::string LineText(const std::filesystem::path& state_dir, const std::filesystem::path& folder,
                     const v1::DeviceFacts& facts) {
  const std::string name = "line " + folder.filename().string() + ": ";
  const StatusOr<v1::ActiveRecord> active = ota::ReadActiveFile(folder / "active");
  if (!active.ok()) {
    return name + "nothing installed\n";
  }
  std::string text = name + "current " + VersionOf(active->current());
  if (active->trial()) {
    text += " (trial, start " + std::to_string(active->attempts()) + ")";
  }
  text += ", previous " + VersionOf(active->previous());
  if (!active->failed().ref().version().empty()) {
    text += ", gave up " + VersionOf(active->failed()) + " (" +
            v1::FailureReason_Name(active->failed_reason()) + ")";
  }
  if (active->has_current()) {
    text += FilesText(active->current()) + WhyText(state_dir, active->current(), facts);
  }
  return text + "\n";
}

std::string LinesText(const std::filesystem::path& state_dir, const v1::DeviceFacts& facts) {
  std::vector<std::filesystem::path> folders;
  std::error_code error;
  std::filesystem::directory_iterator entries(state_dir / "lines", error);
  while (!error && entries != std::filesystem::directory_iterator()) {
    folders.push_back(entries->path());
    entries.increment(error);
  }
  std::sort(folders.begin(), folders.end());
  std::string text;
  for (const std::filesystem::path& folder : folders) {
    text += LineText(state_dir, folder, facts);
  }
  return text;
}

std::string TimeText(const std::optional<Time>& time) {
  return time.has_value() ? UtcText(*time) : std::string("never");
}

// How fresh the trust is that this device judges releases by, and how it knows the time.
std::string TrustText(const TrustRecord& record) {
  std::string text = "trust: ";
  if (record.stale) {
    text += "STALE (" + v1::FailureReason_Name(v1::FAILURE_REASON_TRUST_STALE) + ")";
  } else {
    text += record.refreshed_at.has_value() ? "fresh" : "not refreshed yet";
  }
  if (record.failing_since.has_value()) {
    text += ", frozen since " + TimeText(record.refreshed_at) + ", refused since " +
            UtcText(*record.failing_since) + " (" +
            v1::FailureReason_Name(static_cast<v1::FailureReason>(record.failure_reason)) + ")";
  } else if (record.stale) {
    text += ", frozen since " + TimeText(record.refreshed_at);
  }
  text += "\ntrust refreshed: " + TimeText(record.refreshed_at) +
          "\nmetadata issued: " + TimeText(record.metadata_issued) +
          "\npublisher signed: " + TimeText(record.publisher_issued) +
          "\npublisher's word ends: " + TimeText(record.publisher_expires) + "\nclock: ";
  return text +
         (record.clock_cause == 0
              ? std::string("trusted")
              : "UNTRUSTED (" +
                    v1::FailureReason_Name(static_cast<v1::FailureReason>(record.clock_cause)) +
                    ")") +
         "\n";
}

StatusOr<std::string> ControlText(const std::filesystem::path& state_dir) {
  const StatusOr<std::unique_ptr<StateDb>> db = StateDb::OpenReadOnly(state_dir / "agent.db");
  if (!db.ok()) {
    return std::string("generation: 0\noutbox: 0 reports\n");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const TrustRecord trust, LoadTrustRecord(**db));
  FLOTILLA_ASSIGN_OR_RETURN(const v1::DesiredState desired, LoadDesiredState(**db));
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<SqlRow> rows,
                            (*db)->Query("SELECT count(*) FROM outbox WHERE seq > coalesce((SELECT "
                                         "value FROM meta WHERE name = 'acked_seq'), 0)"));
  const auto* count = rows.empty() ? nullptr : std::get_if<std::int64_t>(&rows[0][0]);
  std::string text =
      TrustText(trust) + "generation: " + std::to_string(desired.generation()) + "\n";
  for (const v1::Assignment& assignment : desired.assignments()) {
    text += "desired " + assignment.release().line() + ": " + assignment.release().version();
    text += assignment.rollout_id().empty() ? "\n" : " (rollout " + assignment.rollout_id() + ")\n";
  }
  return text + "outbox: " + std::to_string(count == nullptr ? 0 : *count) + " reports\n";
}

}  // namespace

StatusOr<std::string> StatusText(const std::filesystem::path& state_dir,
                                 const v1::DeviceFacts& facts) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::string control, ControlText(state_dir));
  return "version: " + std::string(kAgentVersion) + "\n" + DeviceText(state_dir) +
         AgentText(state_dir) + LinesText(state_dir, facts) + control;
}

}  // namespace flotilla::agent
