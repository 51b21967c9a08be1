#ifndef FLOTILLA_CONTROLLER_STORAGE_SQLITE_DIALECT_H_
#define FLOTILLA_CONTROLLER_STORAGE_SQLITE_DIALECT_H_

#include <cstdint>
#include <filesystem>
#include <utility>

#include "controller/storage/sql_dialect.h"

namespace flotilla::controller {

struct SqliteOptions {
  // Largest size of the database in pages; 0: SQLite's own.
  std::uint32_t max_pages = 0;
  // How long a commit waits for another process that holds the file.
  int busy_seconds = 10;
};

// SQLite in one file: write-ahead log, synced at every commit (synchronous=FULL).
class SqliteDialect final : public SqlDialect {
 public:
  // The file is made when it is missing; its folder is there. No double quote in `path`.
  explicit SqliteDialect(std::filesystem::path path, SqliteOptions options = {})
      : path_(std::move(path)), options_(options) {}

  void Connect(soci::session& session) const override;
  const SqlWords& words() const override;
  // A lock on the folder sees to it (flotilla-controller takes it).
  StoreOwnership ownership() const override { return StoreOwnership::kSole; }
  void Write(soci::session& session, const SqlBatch& batch) const override;
  // RESOURCE_EXHAUSTED: disk or database full; UNAVAILABLE: locked, or an error of the disk;
  // DATA_LOSS: damaged; FAILED_PRECONDITION: not to be opened or written.
  SqlError ErrorOf(soci::session& session, const std::exception& error) const override;

 private:
  const std::filesystem::path path_;
  const SqliteOptions options_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_SQLITE_DIALECT_H_
