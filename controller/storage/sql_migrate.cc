#include "controller/storage/sql_migrate.h"

#include <cstddef>
#include <string>
#include <vector>

#include <soci/soci.h>
#include "flotilla/v1/admin.pb.h"

#include "base/bytes.h"
#include "controller/storage/sql_read.h"
#include "controller/storage/sql_values.h"
#include "security/audit/audit_chain.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kPage = 1000;

void WriteEntry(soci::session& session, const v1::AuditEntry& entry) {
  const SqlNumber seq = ToSql(entry.seq());
  soci::blob body(session);
  WriteBody(entry, body);
  session << "UPDATE audit SET body = :body WHERE seq = :seq", soci::use(body), soci::use(seq);
}

// Entries from before the chain get the hashes that they would have had.
Status ChainOldEntries(soci::session& session, const Digest& genesis) {
  security::AuditHead head{0, genesis};
  while (true) {
    FLOTILLA_ASSIGN_OR_RETURN(std::vector<v1::AuditEntry> page,
                              ReadAuditAfter(session, head.seq, kPage));
    if (page.empty()) {
      return OkStatus();
    }
    for (v1::AuditEntry& entry : page) {
      head = security::AuditHead{entry.seq(), security::AuditHash(entry, head.hash)};
      entry.set_hash(ToText(head.hash.bytes()));
      WriteEntry(session, entry);
    }
  }
}

}  // namespace

Status MigrateToAuditChain(soci::session& session, const SqlDialect& dialect) {
  const std::string blob = dialect.BlobType();
  session << "CREATE TABLE site (id VARCHAR(64) PRIMARY KEY)";
  session << "CREATE TABLE operators (serial VARCHAR(64) PRIMARY KEY, name VARCHAR(128) NOT NULL, "
             "body " +
                 blob + " NOT NULL)";
  session << "INSERT INTO site (id) SELECT " + dialect.RandomIdExpression();
  std::string site_id;
  session << "SELECT id FROM site", soci::into(site_id);
  return ChainOldEntries(session, security::AuditGenesis(site_id));
}

}  // namespace flotilla::controller
