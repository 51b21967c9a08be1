#include "controller/storage/fleet_copy.h"

#include <cstddef>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <soci/soci.h>
#include "absl/strings/str_cat.h"

#include "controller/storage/journal_body.h"
#include "controller/storage/postgres_address.h"
#include "controller/storage/postgres_dialect.h"
#include "controller/storage/report_bodies.h"
#include "controller/storage/sql_connection.h"
#include "controller/storage/sql_pages.h"
#include "controller/storage/sql_rows.h"
#include "controller/storage/sql_schema.h"
#include "controller/storage/sql_values.h"
#include "controller/storage/sqlite_dialect.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kPage = 1000;
constexpr std::string_view kDeviceTable = "devices";

StatusOr<std::unique_ptr<SqlDialect>> DialectOf(const StorePlace& place, StoreOwnership ownership) {
  std::unique_ptr<SqlDialect> dialect;
  if (place.address.empty()) {
    dialect = std::make_unique<SqliteDialect>(place.file);
  } else {
    PostgresOptions options;
    FLOTILLA_ASSIGN_OR_RETURN(options.conninfo, PostgresConninfo(place.address));
    options.ownership = ownership;
    dialect = std::make_unique<PostgresDialect>(std::move(options));
  }
  return dialect;
}

std::uint64_t CountRows(soci::session& session, const SqlTable& table) {
  SqlNumber rows = 0;
  session << absl::StrCat("SELECT COUNT(*) FROM ", table.name), soci::into(rows);
  return FromSql(rows);
}

// One run. Each connection has its transaction open from Begin to the end; whatever goes wrong
// leaves them to be rolled back.
class FleetCopy {
 public:
  FleetCopy(std::unique_ptr<SqlDialect> from, std::unique_ptr<SqlDialect> to,
            const FleetCopyProgress& progress)
      : from_(std::move(from)), to_(std::move(to)), progress_(progress) {}

  StatusOr<FleetCopyReport> Run() {
    FLOTILLA_RETURN_IF_ERROR(BeginReading());
    FLOTILLA_RETURN_IF_ERROR(BeginWriting());
    for (const SqlTable* table : FleetTables()) {
      FLOTILLA_RETURN_IF_ERROR(Copy(*table));
    }
    FLOTILLA_RETURN_IF_ERROR(CopyJournal());
    FLOTILLA_RETURN_IF_ERROR(CopySite());
    FLOTILLA_RETURN_IF_ERROR(Write([this](soci::session& session) {
      session << "COMMIT";
      if (to_.dialect().words().unlock != nullptr) {
        session << to_.dialect().words().unlock;
      }
      return OkStatus();
    }));
    report_.schema = kSchemaVersion;
    return report_;
  }

 private:
  template <typename Body>
  Status Read(Body body) {
    return from_.Try(std::move(body)).status;
  }
  template <typename Body>
  Status Write(Body body) {
    return to_.Try(std::move(body)).status;
  }

  Status BeginReading() {
    return Read([this](soci::session& session) -> Status {
      FLOTILLA_RETURN_IF_ERROR(CheckSchema(session, from_.dialect()));
      session << from_.dialect().words().begin_snapshot;
      return OkStatus();
    });
  }

  Status BeginWriting() {
    return Write([this](soci::session& session) -> Status {
      FLOTILLA_RETURN_IF_ERROR(PrepareSchema(session, to_.dialect()));
      session << "BEGIN";
      std::vector<const SqlTable*> tables = FleetTables();
      if (to_.dialect().words().hot_rows == HotRows::kJournal) {
        tables.push_back(&JournalTable());
      }
      for (const SqlTable* table : tables) {
        if (CountRows(session, *table) != 0) {
          return FailedPrecondition(
              absl::StrCat("there is a fleet in this database already (table ", table->name, ")"));
        }
      }
      return OkStatus();
    });
  }

  Status Copy(const SqlTable& table) {
    SqlBatch batch{&table, {}};
    SqlRow last;
    std::uint64_t rows = 0;
    do {
      FLOTILLA_RETURN_IF_ERROR(Read([&](soci::session& session) -> Status {
        FLOTILLA_ASSIGN_OR_RETURN(batch.rows,
                                  ReadRowsAfter(session, from_.dialect(), table, last, kPage));
        return &table == &ReportsTable() ? Unpack(session, batch) : OkStatus();
      }));
      if (batch.rows.empty()) {
        break;
      }
      FLOTILLA_RETURN_IF_ERROR(Write([&](soci::session& session) {
        to_.dialect().Write(session, batch);
        return OkStatus();
      }));
      last = batch.rows.back();
      rows += batch.rows.size();
      progress_(table.name, rows);
    } while (batch.rows.size() == kPage);
    Note(table, last, rows);
    return OkStatus();
  }

  // The words of the one database are not those of the other.
  Status Unpack(soci::session& session, SqlBatch& reports) {
    for (SqlRow& row : reports.rows) {
      auto& body = std::get<std::string>(row.back());
      FLOTILLA_ASSIGN_OR_RETURN(body, bodies_.Plain(session, std::move(body)));
    }
    return OkStatus();
  }

  void Note(const SqlTable& table, const SqlRow& last, std::uint64_t rows) {
    const std::string_view name = table.name;
    report_.rows += rows;
    if (name == kDeviceTable) {
      report_.devices = rows;
    } else if (name == "audit" && !last.empty()) {
      report_.audit_seq = FromSql(std::get<SqlNumber>(last.front()));
    }
  }

  // Rows that are not folded into their tables there go into their tables here, oldest first.
  Status CopyJournal() {
    if (from_.dialect().words().hot_rows != HotRows::kJournal) {
      return OkStatus();
    }
    SqlRow last;
    std::uint64_t entries = 0;
    while (true) {
      std::vector<SqlRow> entry;
      FLOTILLA_RETURN_IF_ERROR(Read([&](soci::session& session) -> Status {
        FLOTILLA_ASSIGN_OR_RETURN(entry,
                                  ReadRowsAfter(session, from_.dialect(), JournalTable(), last, 1));
        return OkStatus();
      }));
      if (entry.empty()) {
        return entries == 0 ? OkStatus() : CountAgain();
      }
      last = std::move(entry.front());
      FLOTILLA_ASSIGN_OR_RETURN(const std::vector<SqlBatch> batches,
                                DecodeJournal(std::get<std::string>(last.back())));
      FLOTILLA_RETURN_IF_ERROR(Write([&](soci::session& session) {
        for (const SqlBatch& batch : batches) {
          to_.dialect().Write(session, batch);
        }
        return OkStatus();
      }));
      progress_(JournalTable().name, ++entries);
    }
  }

  // The journal replaced some rows and added others.
  Status CountAgain() {
    return Write([this](soci::session& session) {
      report_.rows = 0;
      for (const SqlTable* table : FleetTables()) {
        const std::uint64_t rows = CountRows(session, *table);
        report_.rows += rows;
        progress_(table->name, rows);
        if (table->name == kDeviceTable) {
          report_.devices = rows;
        }
      }
      return OkStatus();
    });
  }

  // What the audit log rests on; the one that PrepareSchema made is of no use.
  Status CopySite() {
    std::string id;
    FLOTILLA_RETURN_IF_ERROR(Read([&id](soci::session& session) {
      session << "SELECT id FROM site", soci::into(id);
      return OkStatus();
    }));
    return Write([&id](soci::session& session) {
      session << "UPDATE site SET id = :id", soci::use(id);
      return OkStatus();
    });
  }

  SqlConnection from_;
  SqlConnection to_;
  ReportBodies bodies_{from_.dialect()};
  const FleetCopyProgress& progress_;
  FleetCopyReport report_;
};

}  // namespace

StatusOr<FleetCopyReport> CopyFleetStore(const StorePlace& from, const StorePlace& to,
                                         const FleetCopyProgress& progress) {
  std::error_code error;
  if (from.address.empty() && !std::filesystem::exists(from.file, error)) {
    return NotFound(absl::StrCat("there is no database ", from.file.string()));
  }
  FLOTILLA_ASSIGN_OR_RETURN(std::unique_ptr<SqlDialect> source,
                            DialectOf(from, StoreOwnership::kShared));
  FLOTILLA_ASSIGN_OR_RETURN(std::unique_ptr<SqlDialect> target,
                            DialectOf(to, StoreOwnership::kSole));
  return FleetCopy(std::move(source), std::move(target), progress).Run();
}

}  // namespace flotilla::controller
