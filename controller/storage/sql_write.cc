#include "controller/storage/sql_write.h"

#include <string>
#include <vector>

#include <soci/soci.h>

#include "controller/storage/sql_values.h"

namespace flotilla::controller {
namespace {

using soci::use;

// NOLINTBEGIN(clang-analyzer-deadcode.DeadStores): statements read their variables at each execute
void WriteDevices(soci::session& session, const std::vector<StoredDevice>& rows) {
  std::string id;
  std::string desired;
  std::string key;
  std::string token;
  SqlNumber boot = 0;
  SqlNumber seq = 0;
  SqlNumber epoch = 0;
  SqlNumber issued = 0;
  soci::blob body(session);
  soci::statement statement =
      (session.prepare
           << "INSERT INTO devices (id, boot_epoch, report_seq, session_epoch, desired_digest, "
              "public_key, certificate_issued_at, token_id, body) VALUES (:id, :boot, :seq, "
              ":epoch, :desired, :key, :issued, :token, :body) ON CONFLICT (id) DO UPDATE SET "
              "boot_epoch = excluded.boot_epoch, report_seq = excluded.report_seq, session_epoch "
              "= excluded.session_epoch, desired_digest = excluded.desired_digest, public_key = "
              "excluded.public_key, certificate_issued_at = excluded.certificate_issued_at, "
              "token_id = excluded.token_id, body = excluded.body",
       use(id), use(boot), use(seq), use(epoch), use(desired), use(key), use(issued), use(token),
       use(body));
  for (const StoredDevice& row : rows) {
    id = row.record.id();
    boot = ToSql(row.boot_epoch);
    seq = ToSql(row.report_seq);
    epoch = ToSql(row.session_epoch);
    desired = row.desired_digest.ToHex();
    key = row.public_key.ToHex();
    issued = UnixMillis(row.certificate_issued_at);
    token = row.token_id;
    WriteBody(row.record, body);
    statement.execute(true);
  }
}

void WriteReports(soci::session& session, const std::vector<StoredReport>& rows) {
  std::string device;
  SqlNumber boot = 0;
  SqlNumber seq = 0;
  SqlNumber received = 0;
  soci::blob body(session);
  soci::statement statement =
      (session.prepare << "INSERT INTO reports (device_id, boot_epoch, seq, received_at, body) "
                          "VALUES (:device, :boot, :seq, :received, :body) ON CONFLICT "
                          "(device_id, boot_epoch, seq) DO NOTHING",
       use(device), use(boot), use(seq), use(received), use(body));
  for (const StoredReport& row : rows) {
    device = row.device_id;
    boot = ToSql(row.report.boot_epoch());
    seq = ToSql(row.report.seq());
    received = UnixMillis(row.received_at);
    WriteBody(row.report, body);
    statement.execute(true);
  }
}

void WriteRollouts(soci::session& session, const std::vector<v1::Rollout>& rows) {
  std::string id;
  soci::blob body(session);
  soci::statement statement =
      (session.prepare << "INSERT INTO rollouts (id, body) VALUES (:id, :body) ON CONFLICT (id) "
                          "DO UPDATE SET body = excluded.body",
       use(id), use(body));
  for (const v1::Rollout& row : rows) {
    id = row.id();
    WriteBody(row, body);
    statement.execute(true);
  }
}

void WriteRolloutDevices(soci::session& session, const std::vector<v1::RolloutDevice>& rows) {
  std::string rollout;
  std::string device;
  soci::blob body(session);
  soci::statement statement =
      (session.prepare << "INSERT INTO rollout_devices (rollout_id, device_id, body) VALUES "
                          "(:rollout, :device, :body) ON CONFLICT (rollout_id, device_id) DO "
                          "UPDATE SET body = excluded.body",
       use(rollout), use(device), use(body));
  for (const v1::RolloutDevice& row : rows) {
    rollout = row.rollout_id();
    device = row.device_id();
    WriteBody(row, body);
    statement.execute(true);
  }
}

void WriteBaselines(soci::session& session, const std::vector<rollout::LineBaseline>& rows) {
  std::string line;
  std::string selector;
  std::string rollout;
  soci::blob body(session);
  soci::statement statement =
      (session.prepare << "INSERT INTO baselines (line, selector, rollout_id, body) VALUES "
                          "(:line, :selector, :rollout, :body) ON CONFLICT (line) DO UPDATE SET "
                          "selector = excluded.selector, rollout_id = excluded.rollout_id, body = "
                          "excluded.body",
       use(line), use(selector), use(rollout), use(body));
  for (const rollout::LineBaseline& row : rows) {
    line = row.line;
    selector = row.selector;
    rollout = row.rollout_id;
    WriteBody(row.release, body);
    statement.execute(true);
  }
}

void WriteReleases(soci::session& session, const std::vector<v1::Release>& rows) {
  std::string line;
  std::string version;
  soci::blob body(session);
  soci::statement statement =
      (session.prepare << "INSERT INTO releases (line, version, body) VALUES (:line, :version, "
                          ":body) ON CONFLICT (line, version) DO UPDATE SET body = excluded.body",
       use(line), use(version), use(body));
  for (const v1::Release& row : rows) {
    line = row.ref().line();
    version = row.ref().version();
    WriteBody(row, body);
    statement.execute(true);
  }
}

void WriteTokens(soci::session& session, const std::vector<StoredToken>& rows) {
  std::string id;
  std::string secret;
  soci::blob body(session);
  soci::statement statement =
      (session.prepare << "INSERT INTO tokens (id, secret_sha256, body) VALUES (:id, :secret, "
                          ":body) ON CONFLICT (id) DO UPDATE SET secret_sha256 = "
                          "excluded.secret_sha256, body = excluded.body",
       use(id), use(secret), use(body));
  for (const StoredToken& row : rows) {
    id = row.token.id();
    secret = row.secret_sha256.ToHex();
    WriteBody(row.token, body);
    statement.execute(true);
  }
}

void WriteCertificates(soci::session& session, const std::vector<HeldCertificate>& rows) {
  std::string serial;
  std::string device;
  std::string authority;
  std::string key;
  SqlNumber issued = 0;
  SqlNumber until = 0;
  soci::statement statement =
      (session.prepare << "INSERT INTO certificates (serial, device_id, authority, public_key, "
                          "issued_at, not_after) VALUES (:serial, :device, :authority, :key, "
                          ":issued, :until) ON CONFLICT (serial) DO NOTHING",
       use(serial), use(device), use(authority), use(key), use(issued), use(until));
  for (const HeldCertificate& row : rows) {
    serial = row.serial_hex;
    device = row.device_id;
    authority = row.authority.ToHex();
    key = row.public_key.ToHex();
    issued = UnixMillis(row.issued_at);
    until = UnixMillis(row.not_after);
    statement.execute(true);
  }
}

// After the certificates of the same change.
void WriteRevocations(soci::session& session, const std::vector<Revocation>& rows) {
  std::string serial;
  std::string subject;
  SqlNumber revoked = 0;
  soci::statement statement =
      (session.prepare << "INSERT INTO revocations (serial, subject, revoked_at) VALUES (:serial, "
                          ":subject, :revoked) ON CONFLICT (serial) DO NOTHING",
       use(serial), use(subject), use(revoked));
  soci::statement held =
      (session.prepare << "DELETE FROM certificates WHERE serial = :serial", use(serial));
  for (const Revocation& row : rows) {
    serial = row.serial_hex;
    subject = row.subject;
    revoked = UnixMillis(row.revoked_at);
    statement.execute(true);
    held.execute(true);
  }
}

void WriteOperators(soci::session& session, const std::vector<v1::Operator>& rows) {
  std::string serial;
  std::string name;
  soci::blob body(session);
  soci::statement statement =
      (session.prepare << "INSERT INTO operators (serial, name, body) VALUES (:serial, :name, "
                          ":body) ON CONFLICT (serial) DO UPDATE SET name = excluded.name, body = "
                          "excluded.body",
       use(serial), use(name), use(body));
  for (const v1::Operator& row : rows) {
    serial = row.certificate_serial();
    name = row.name();
    WriteBody(row, body);
    statement.execute(true);
  }
}

void WriteAudit(soci::session& session, const std::vector<v1::AuditEntry>& rows) {
  SqlNumber seq = 0;
  soci::blob body(session);
  soci::statement statement =
      (session.prepare << "INSERT INTO audit (seq, body) VALUES (:seq, :body)", use(seq),
       use(body));
  for (const v1::AuditEntry& row : rows) {
    seq = ToSql(row.seq());
    WriteBody(row, body);
    statement.execute(true);
  }
}

template <typename Row>
void WriteIfAny(soci::session& session, const std::vector<Row>& rows,
                void (*write)(soci::session&, const std::vector<Row>&)) {
  if (!rows.empty()) {
    write(session, rows);
  }
}

// NOLINTEND(clang-analyzer-deadcode.DeadStores)
}  // namespace

void WriteChange(soci::session& session, const FleetChange& change) {
  WriteIfAny(session, change.devices, WriteDevices);
  WriteIfAny(session, change.reports, WriteReports);
  WriteIfAny(session, change.rollouts, WriteRollouts);
  WriteIfAny(session, change.rollout_devices, WriteRolloutDevices);
  WriteIfAny(session, change.baselines, WriteBaselines);
  WriteIfAny(session, change.releases, WriteReleases);
  WriteIfAny(session, change.tokens, WriteTokens);
  WriteIfAny(session, change.certificates, WriteCertificates);
  WriteIfAny(session, change.revocations, WriteRevocations);
  WriteIfAny(session, change.operators, WriteOperators);
  WriteIfAny(session, change.audit, WriteAudit);
}

std::size_t DeleteReports(soci::session& session, Time before, std::size_t limit) {
  const SqlNumber time = UnixMillis(before);
  const SqlNumber most = ToSql(limit);
  soci::statement statement =
      (session.prepare << "DELETE FROM reports WHERE (device_id, boot_epoch, seq) IN (SELECT "
                          "device_id, boot_epoch, seq FROM reports old WHERE received_at < :time "
                          "AND seq < (SELECT MAX(seq) FROM reports newest WHERE newest.device_id = "
                          "old.device_id AND newest.boot_epoch = old.boot_epoch) ORDER BY "
                          "received_at LIMIT :most)",
       use(time), use(most));
  statement.execute(true);
  return static_cast<std::size_t>(statement.get_affected_rows());
}

}  // namespace flotilla::controller
