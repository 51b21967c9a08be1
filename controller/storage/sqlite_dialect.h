#ifndef FLOTILLA_CONTROLLER_STORAGE_SQLITE_DIALECT_H_
#define FLOTILLA_CONTROLLER_STORAGE_SQLITE_DIALECT_H_

#include <filesystem>
#include <string>
#include <utility>

#include "controller/storage/sql_dialect.h"

namespace flotilla::controller {

// SQLite in one file: write-ahead log, synced at every commit (synchronous=FULL).
class SqliteDialect final : public SqlDialect {
 public:
  // The file is made when it is missing; its folder is there. No double quote in `path`.
  explicit SqliteDialect(std::filesystem::path path) : path_(std::move(path)) {}

  void Connect(soci::session& session) const override;
  std::string BlobType() const override { return "BLOB"; }
  std::string RandomIdExpression() const override { return "lower(hex(randomblob(16)))"; }
  Status StatusOf(const std::exception& error) const override;

 private:
  std::filesystem::path path_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_SQLITE_DIALECT_H_
