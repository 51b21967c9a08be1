#include "controller/storage/sql_read.h"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <soci/soci.h>

#include "base/bytes.h"
#include "controller/storage/sql_body.h"
#include "controller/storage/sql_values.h"

namespace flotilla::controller {
namespace {

using soci::into;
using soci::use;

Status ReadDevices(soci::session& session, const SqlDialect& dialect,
                   std::vector<StoredDevice>& rows) {
  std::string desired;
  std::string key;
  std::string token;
  SqlNumber boot = 0;
  SqlNumber seq = 0;
  SqlNumber epoch = 0;
  SqlNumber issued = 0;
  SqlBody body(session, dialect);
  soci::statement statement =
      (session.prepare << "SELECT boot_epoch, report_seq, session_epoch, desired_digest, "
                          "public_key, certificate_issued_at, token_id, body FROM devices "
                          "ORDER BY id",
       into(boot), into(seq), into(epoch), into(desired), into(key), into(issued), into(token),
       body.Into());
  statement.execute();
  while (statement.fetch()) {
    StoredDevice row;
    row.boot_epoch = FromSql(boot);
    row.report_seq = FromSql(seq);
    row.session_epoch = FromSql(epoch);
    row.certificate_issued_at = FromUnixMillis(issued);
    row.token_id = token;
    FLOTILLA_RETURN_IF_ERROR(ReadDigest(desired, "devices", row.desired_digest));
    FLOTILLA_RETURN_IF_ERROR(ReadDigest(key, "devices", row.public_key));
    FLOTILLA_RETURN_IF_ERROR(body.Read("devices", row.record));
    rows.push_back(std::move(row));
  }
  return OkStatus();
}

// Tables whose rows are their bodies alone.
template <typename Message>
Status ReadBodies(soci::session& session, const SqlDialect& dialect, const char* table,
                  const char* order, std::vector<Message>& rows) {
  SqlBody body(session, dialect);
  soci::statement statement =
      (session.prepare << std::string("SELECT body FROM ") + table + " ORDER BY " + order,
       body.Into());
  statement.execute();
  while (statement.fetch()) {
    Message row;
    FLOTILLA_RETURN_IF_ERROR(body.Read(table, row));
    rows.push_back(std::move(row));
  }
  return OkStatus();
}

Status ReadBaselines(soci::session& session, const SqlDialect& dialect,
                     std::vector<rollout::LineBaseline>& rows) {
  rollout::LineBaseline row;
  SqlBody body(session, dialect);
  soci::statement statement =
      (session.prepare << "SELECT line, selector, rollout_id, body FROM baselines ORDER BY line",
       into(row.line), into(row.selector), into(row.rollout_id), body.Into());
  statement.execute();
  while (statement.fetch()) {
    FLOTILLA_RETURN_IF_ERROR(body.Read("baselines", row.release));
    rows.push_back(row);
  }
  return OkStatus();
}

Status ReadTokens(soci::session& session, const SqlDialect& dialect,
                  std::vector<StoredToken>& rows) {
  std::string secret;
  SqlBody body(session, dialect);
  soci::statement statement =
      (session.prepare << "SELECT secret_sha256, body FROM tokens ORDER BY id", into(secret),
       body.Into());
  statement.execute();
  while (statement.fetch()) {
    StoredToken row;
    FLOTILLA_RETURN_IF_ERROR(ReadDigest(secret, "tokens", row.secret_sha256));
    FLOTILLA_RETURN_IF_ERROR(body.Read("tokens", row.token));
    rows.push_back(std::move(row));
  }
  return OkStatus();
}

Status ReadCertificates(soci::session& session, std::vector<HeldCertificate>& rows) {
  HeldCertificate row;
  std::string authority;
  std::string key;
  SqlNumber issued = 0;
  SqlNumber until = 0;
  soci::statement statement =
      (session.prepare << "SELECT serial, device_id, authority, public_key, issued_at, not_after "
                          "FROM certificates ORDER BY serial",
       into(row.serial_hex), into(row.device_id), into(authority), into(key), into(issued),
       into(until));
  statement.execute();
  while (statement.fetch()) {
    FLOTILLA_RETURN_IF_ERROR(ReadDigest(authority, "certificates", row.authority));
    FLOTILLA_RETURN_IF_ERROR(ReadDigest(key, "certificates", row.public_key));
    row.issued_at = FromUnixMillis(issued);
    row.not_after = FromUnixMillis(until);
    rows.push_back(row);
  }
  return OkStatus();
}

void ReadRevocations(soci::session& session, std::vector<Revocation>& rows) {
  Revocation row;
  SqlNumber revoked = 0;
  soci::statement statement =
      (session.prepare << "SELECT serial, subject, revoked_at FROM revocations ORDER BY serial",
       into(row.serial_hex), into(row.subject), into(revoked));
  statement.execute();
  while (statement.fetch()) {
    row.revoked_at = FromUnixMillis(revoked);
    rows.push_back(row);
  }
}

}  // namespace

StatusOr<FleetSnapshot> ReadSnapshot(soci::session& session, const SqlDialect& dialect) {
  FleetSnapshot snapshot;
  FLOTILLA_RETURN_IF_ERROR(ReadDevices(session, dialect, snapshot.devices));
  FLOTILLA_RETURN_IF_ERROR(ReadBodies(session, dialect, "rollouts", "id", snapshot.rollouts));
  FLOTILLA_RETURN_IF_ERROR(ReadBodies(session, dialect, "rollout_devices", "rollout_id, device_id",
                                      snapshot.rollout_devices));
  FLOTILLA_RETURN_IF_ERROR(ReadBaselines(session, dialect, snapshot.baselines));
  FLOTILLA_RETURN_IF_ERROR(
      ReadBodies(session, dialect, "releases", "line, version", snapshot.releases));
  FLOTILLA_RETURN_IF_ERROR(ReadTokens(session, dialect, snapshot.tokens));
  FLOTILLA_RETURN_IF_ERROR(ReadCertificates(session, snapshot.certificates));
  ReadRevocations(session, snapshot.revocations);
  FLOTILLA_RETURN_IF_ERROR(
      ReadBodies(session, dialect, "operators", "name, serial", snapshot.operators));
  FLOTILLA_RETURN_IF_ERROR(ReadBodies(session, dialect, "policies", "id", snapshot.policies));
  session << "SELECT id FROM site", into(snapshot.site_id);
  FLOTILLA_ASSIGN_OR_RETURN(const auto newest, ReadAuditPage(session, dialect, 0, 1));
  for (const v1::AuditEntry& entry : newest) {
    snapshot.last_audit_seq = entry.seq();
    // A hash that is none is found by whoever verifies the log; the controller goes on.
    snapshot.last_audit_hash = Digest::FromBytes(AsBytes(entry.hash())).value_or(Digest());
  }
  return snapshot;
}

StatusOr<std::vector<StoredReport>> ReadRecentReports(soci::session& session,
                                                      const SqlDialect& dialect,
                                                      ReportBodies& bodies,
                                                      const std::string& device_id,
                                                      std::size_t limit) {
  std::vector<StoredReport> rows;
  SqlNumber received = 0;
  const SqlNumber most = ToSql(limit);
  SqlBody body(session, dialect);
  soci::statement statement =
      (session.prepare << "SELECT received_at, body FROM reports WHERE device_id = :device ORDER "
                          "BY received_at DESC, boot_epoch, seq DESC LIMIT :most",
       use(device_id), use(most), into(received), body.Into());
  statement.execute();
  while (statement.fetch()) {
    StoredReport row;
    row.device_id = device_id;
    row.received_at = FromUnixMillis(received);
    FLOTILLA_ASSIGN_OR_RETURN(std::string stored, body.Stored("reports"));
    FLOTILLA_ASSIGN_OR_RETURN(const std::string plain, bodies.Plain(session, std::move(stored)));
    FLOTILLA_RETURN_IF_ERROR(ParseBody(plain, "reports", row.report));
    rows.push_back(std::move(row));
  }
  return rows;
}

std::uint64_t ReadLastReportSeq(soci::session& session, const std::string& device_id,
                                std::uint64_t boot_epoch) {
  const SqlNumber boot = ToSql(boot_epoch);
  SqlNumber last = 0;
  soci::indicator found = soci::i_null;
  session << "SELECT MAX(seq) FROM reports WHERE device_id = :device AND boot_epoch = :boot",
      use(device_id), use(boot), into(last, found);
  return found == soci::i_ok ? FromSql(last) : 0;
}

namespace {

StatusOr<std::vector<v1::AuditEntry>> ReadAudit(soci::session& session, const SqlDialect& dialect,
                                                const char* query, SqlNumber border,
                                                std::size_t limit) {
  std::vector<v1::AuditEntry> rows;
  const SqlNumber most = ToSql(limit);
  SqlBody body(session, dialect);
  soci::statement statement = (session.prepare << query, use(border), use(most), body.Into());
  statement.execute();
  while (statement.fetch()) {
    v1::AuditEntry row;
    FLOTILLA_RETURN_IF_ERROR(body.Read("audit", row));
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

StatusOr<std::vector<v1::AuditEntry>> ReadAuditPage(soci::session& session,
                                                    const SqlDialect& dialect,
                                                    std::uint64_t before_seq, std::size_t limit) {
  const SqlNumber before =
      before_seq == 0 ? std::numeric_limits<SqlNumber>::max() : ToSql(before_seq);
  return ReadAudit(session, dialect,
                   "SELECT body FROM audit WHERE seq < :border ORDER BY seq DESC LIMIT :most",
                   before, limit);
}

StatusOr<std::vector<v1::AuditEntry>> ReadAuditAfter(soci::session& session,
                                                     const SqlDialect& dialect,
                                                     std::uint64_t after_seq, std::size_t limit) {
  return ReadAudit(session, dialect,
                   "SELECT body FROM audit WHERE seq > :border ORDER BY seq LIMIT :most",
                   ToSql(after_seq), limit);
}

}  // namespace flotilla::controller
