#include "agent/health/reporting_key.h"

#include <sstream>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

#include "agent/health/health_paths.h"
#include "agent/health/spool.h"
#include "base/file.h"
#include "security/secret.h"
#include "telemetry/dp/ledger.h"

namespace flotilla::agent {
namespace {

bool Exists(const std::filesystem::path& path) {
  return FileSize(path).status().code() != StatusCode::kNotFound;
}

}  // namespace

Status PrepareToReport(DurableFs& fs, const std::filesystem::path& state_dir) {
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, HealthDir(state_dir)));
  if (!Exists(ReportingKeyPath(state_dir))) {
    FLOTILLA_RETURN_IF_ERROR(dp::Ledger::CreateAtEnrolment(fs, LedgerPath(state_dir)));
  }
  return ReportingKey(fs, state_dir).status();
}

StatusOr<std::unique_ptr<security::KeyPair>> ReportingKey(DurableFs& fs,
                                                          const std::filesystem::path& state_dir) {
  const std::filesystem::path file = ReportingKeyPath(state_dir);
  StatusOr<std::unique_ptr<security::KeyPair>> key = security::LoadSigner(file, "");
  if (key.status().code() == StatusCode::kNotFound) {
    FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, HealthDir(state_dir)));
    FLOTILLA_ASSIGN_OR_RETURN(const auto made, security::GenerateEd25519());
    FLOTILLA_ASSIGN_OR_RETURN(const security::Secret pem, made->ToPem(""));
    // In one step: a torn key would silence the device for good.
    FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs, file, AsBytes(pem.view())));
    key = security::LoadSigner(file, "");
    FLOTILLA_RETURN_IF_ERROR(key.status());
    FLOTILLA_RETURN_IF_ERROR(
        security::SavePublicKey(fs, ReportingPublicPath(state_dir), (*key)->public_key()));
  } else if (key.ok() && !Exists(ReportingPublicPath(state_dir))) {
    FLOTILLA_RETURN_IF_ERROR(
        security::SavePublicKey(fs, ReportingPublicPath(state_dir), (*key)->public_key()));
  }
  return key;
}

Status ForgetReportingKey(DurableFs& fs, const std::filesystem::path& state_dir) {
  for (const SpoolEntry& entry : ReadSpool(SpoolDir(state_dir))) {
    FLOTILLA_RETURN_IF_ERROR(
        DurableRemove(fs, SpoolDir(state_dir) / absl::StrCat(HexEncode(entry.id), ".report")));
  }
  if (!Exists(HealthDir(state_dir))) {
    return OkStatus();
  }
  FLOTILLA_RETURN_IF_ERROR(DurableRemove(fs, ReportingPublicPath(state_dir)));
  return DurableRemove(fs, ReportingKeyPath(state_dir));
}

StatusOr<std::string> ReportingKeyLine(const std::filesystem::path& state_dir,
                                       const std::string& device_id) {
  const StatusOr<security::PublicKey> key = security::LoadPublicKey(ReportingPublicPath(state_dir));
  if (key.status().code() == StatusCode::kNotFound) {
    return NotFound("this device has no reporting key yet: enrol it, or start its agent once");
  }
  FLOTILLA_RETURN_IF_ERROR(key.status());
  // The body of the PEM form.
  std::istringstream pem(key->ToPem());
  std::string base64;
  for (std::string line; std::getline(pem, line);) {
    if (!line.starts_with("-----")) {
      base64 += line;
    }
  }
  return absl::StrCat(base64, " ", device_id);
}

}  // namespace flotilla::agent
