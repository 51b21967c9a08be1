#include "controller/storage/sql_schema.h"

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include <soci/soci.h>

#include "controller/storage/sql_migrate.h"

namespace flotilla::controller {
namespace {

// Key columns beside the serialised message; what is asked for is a column, the rest is the body.
std::vector<std::string> Tables(const std::string& blob) {
  // NOLINTBEGIN(bugprone-suspicious-missing-comma): statements of several lines
  return {
      "CREATE TABLE devices (id VARCHAR(128) PRIMARY KEY, boot_epoch BIGINT NOT NULL, "
      "report_seq BIGINT NOT NULL, session_epoch BIGINT NOT NULL, "
      "desired_digest VARCHAR(64) NOT NULL, public_key VARCHAR(64) NOT NULL, "
      "certificate_issued_at BIGINT NOT NULL, token_id VARCHAR(64) NOT NULL, body " +
          blob + " NOT NULL)",
      "CREATE TABLE reports (device_id VARCHAR(128) NOT NULL, boot_epoch BIGINT NOT NULL, "
      "seq BIGINT NOT NULL, received_at BIGINT NOT NULL, body " +
          blob + " NOT NULL, PRIMARY KEY (device_id, boot_epoch, seq))",
      "CREATE INDEX reports_by_time ON reports (device_id, received_at)",
      "CREATE TABLE rollouts (id VARCHAR(128) PRIMARY KEY, body " + blob + " NOT NULL)",
      "CREATE TABLE rollout_devices (rollout_id VARCHAR(128) NOT NULL, "
      "device_id VARCHAR(128) NOT NULL, body " +
          blob + " NOT NULL, PRIMARY KEY (rollout_id, device_id))",
      "CREATE TABLE baselines (line VARCHAR(128) PRIMARY KEY, selector TEXT NOT NULL, "
      "rollout_id VARCHAR(128) NOT NULL, body " +
          blob + " NOT NULL)",
      "CREATE TABLE releases (line VARCHAR(128) NOT NULL, version VARCHAR(64) NOT NULL, body " +
          blob + " NOT NULL, PRIMARY KEY (line, version))",
      "CREATE TABLE tokens (id VARCHAR(64) PRIMARY KEY, secret_sha256 VARCHAR(64) NOT NULL, body " +
          blob + " NOT NULL)",
      "CREATE TABLE revocations (serial VARCHAR(64) PRIMARY KEY, subject VARCHAR(256) NOT NULL, "
      "revoked_at BIGINT NOT NULL)",
      "CREATE TABLE audit (seq BIGINT PRIMARY KEY, body " + blob + " NOT NULL)",
  };
  // NOLINTEND(bugprone-suspicious-missing-comma)
}

Status MakeTables(soci::session& session, const SqlDialect& dialect) {
  for (const std::string& statement : Tables(dialect.BlobType())) {
    session << statement;
  }
  return OkStatus();
}

// Certificates that devices hold. Of one from before its device's record alone tells, until it is
// renewed.
Status AddCertificates(soci::session& session, const SqlDialect& /*dialect*/) {
  session << "CREATE TABLE certificates (serial VARCHAR(64) PRIMARY KEY, "
             "device_id VARCHAR(128) NOT NULL, authority VARCHAR(64) NOT NULL, "
             "public_key VARCHAR(64) NOT NULL, issued_at BIGINT NOT NULL, "
             "not_after BIGINT NOT NULL)";
  return OkStatus();
}

// steps[n]: from version n to version n + 1. Never changed once released, only added to.
using Step = Status (*)(soci::session&, const SqlDialect&);
constexpr std::array<Step, kSchemaVersion> kSteps = {MakeTables, MigrateToAuditChain,
                                                     AddCertificates};

}  // namespace

Status PrepareSchema(soci::session& session, const SqlDialect& dialect) {
  session << "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)";
  int version = 0;
  soci::indicator found = soci::i_null;
  session << "SELECT MAX(version) FROM schema_version", soci::into(version, found);
  if (found != soci::i_ok) {
    version = 0;
  }
  if (version > kSchemaVersion) {
    return FailedPrecondition("the database has schema " + std::to_string(version) +
                              ", this program knows " + std::to_string(kSchemaVersion));
  }
  while (version < kSchemaVersion) {
    soci::transaction transaction(session);
    FLOTILLA_RETURN_IF_ERROR(kSteps.at(static_cast<std::size_t>(version))(session, dialect));
    ++version;
    session << "INSERT INTO schema_version (version) VALUES (:version)", soci::use(version);
    transaction.commit();
  }
  session << "CREATE INDEX IF NOT EXISTS reports_by_age ON reports (received_at)";
  return OkStatus();
}

}  // namespace flotilla::controller
