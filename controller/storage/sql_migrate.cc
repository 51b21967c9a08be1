#include "controller/storage/sql_migrate.h"

#include <cstddef>
#include <string>
#include <vector>

#include <soci/soci.h>
#include "absl/strings/str_cat.h"
#include "flotilla/v1/admin.pb.h"

#include "base/bytes.h"
#include "controller/storage/sql_read.h"
#include "controller/storage/sql_rows.h"
#include "security/audit/audit_chain.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kPage = 1000;

// Entries from before the chain get the hashes that they would have had.
Status ChainOldEntries(soci::session& session, const SqlDialect& dialect, const Digest& genesis) {
  security::AuditHead head{0, genesis};
  while (true) {
    FLOTILLA_ASSIGN_OR_RETURN(std::vector<v1::AuditEntry> page,
                              ReadAuditAfter(session, dialect, head.seq, kPage));
    if (page.empty()) {
      return OkStatus();
    }
    for (v1::AuditEntry& entry : page) {
      head = security::AuditHead{entry.seq(), security::AuditHash(entry, head.hash)};
      entry.set_hash(ToText(head.hash.bytes()));
    }
    dialect.Write(session, AuditReplacement(page));
  }
}

}  // namespace

Status MigrateToAuditChain(soci::session& session, const SqlDialect& dialect) {
  const SqlWords& words = dialect.words();
  session << absl::StrCat("CREATE TABLE site (id ", words.text_type, " PRIMARY KEY)");
  session << absl::StrCat("CREATE TABLE operators (serial ", words.text_type, " PRIMARY KEY, name ",
                          words.text_type, " NOT NULL, body ", words.body_type, " NOT NULL)");
  session << absl::StrCat("INSERT INTO site (id) SELECT ", words.random_id);
  std::string site_id;
  session << "SELECT id FROM site", soci::into(site_id);
  return ChainOldEntries(session, dialect, security::AuditGenesis(site_id));
}

}  // namespace flotilla::controller
