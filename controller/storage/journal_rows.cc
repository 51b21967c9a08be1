#include "controller/storage/journal_rows.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "flotilla/v1/failure_reason.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

#include "controller/storage/sql_rows.h"
#include "controller/storage/sql_values.h"

namespace flotilla::controller {
namespace {

using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

void PutText(CodedOutputStream& out, std::string_view text) {
  out.WriteVarint64(text.size());
  out.WriteRaw(text.data(), static_cast<int>(text.size()));
}

void PutRow(CodedOutputStream& out, const SqlRow& row) {
  for (const SqlValue& value : row) {
    if (const auto* number = std::get_if<SqlNumber>(&value)) {
      out.WriteVarint64(FromSql(*number));
    } else {
      PutText(out, std::get<std::string>(value));
    }
  }
}

class RowReader {
 public:
  explicit RowReader(std::string_view rows)
      : in_(reinterpret_cast<const std::uint8_t*>(rows.data()), static_cast<int>(rows.size())),
        size_(rows.size()) {}

  bool AtEnd() const { return static_cast<std::size_t>(in_.CurrentPosition()) == size_; }

  StatusOr<SqlBatch> Batch() {
    SqlBatch batch;
    FLOTILLA_ASSIGN_OR_RETURN(batch.table, Table());
    std::uint64_t count = 0;
    if (!in_.ReadVarint64(&count) || count > Left() / batch.table->columns.size()) {
      return DamagedJournal("it ends early");  // each value has a byte at least
    }
    batch.rows.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
      FLOTILLA_ASSIGN_OR_RETURN(SqlRow row, Row(*batch.table));
      batch.rows.push_back(std::move(row));
    }
    return batch;
  }

 private:
  std::size_t Left() const { return size_ - static_cast<std::size_t>(in_.CurrentPosition()); }

  bool Text(std::string& text) {
    std::uint64_t size = 0;
    return in_.ReadVarint64(&size) && size <= Left() &&
           in_.ReadString(&text, static_cast<int>(size));
  }

  StatusOr<const SqlTable*> Table() {
    std::string name;
    std::uint64_t columns = 0;
    if (!Text(name) || !in_.ReadVarint64(&columns)) {
      return DamagedJournal("it ends early");
    }
    for (const SqlTable* table : HotTables()) {
      if (table->name == name && table->columns.size() == columns && HasColumnsOf(*table)) {
        return table;
      }
    }
    return DamagedJournal("rows of a table that this program does not know");
  }

  bool HasColumnsOf(const SqlTable& table) {
    std::string name;
    return std::all_of(table.columns.begin(), table.columns.end(),
                       [&](const SqlColumn& column) { return Text(name) && name == column.name; });
  }

  StatusOr<SqlRow> Row(const SqlTable& table) {
    SqlRow row;
    row.reserve(table.columns.size());
    for (const SqlColumn& column : table.columns) {
      std::uint64_t number = 0;
      std::string text;
      if (column.type == SqlType::kNumber ? !in_.ReadVarint64(&number) : !Text(text)) {
        return DamagedJournal("it ends early");
      }
      if (column.type == SqlType::kNumber) {
        row.emplace_back(ToSql(number));
      } else {
        row.emplace_back(std::move(text));
      }
    }
    return row;
  }

  CodedInputStream in_;
  const std::size_t size_;
};

}  // namespace

void JournalRowWriter::Put(const SqlTable& table, std::span<const SqlRow> rows) {
  google::protobuf::io::StringOutputStream stream(&bytes_);
  CodedOutputStream out(&stream);
  PutText(out, table.name);
  out.WriteVarint64(table.columns.size());
  for (const SqlColumn& column : table.columns) {
    PutText(out, column.name);
  }
  out.WriteVarint64(rows.size());
  for (const SqlRow& row : rows) {
    PutRow(out, row);
  }
}

Status DamagedJournal(const char* what) {
  return WithReason(DataLoss(absl::StrCat("unreadable entry in table journal: ", what)),
                    v1::FAILURE_REASON_STORAGE_STATE_CORRUPT);
}

StatusOr<std::vector<SqlBatch>> DecodeJournalRows(std::string_view rows) {
  std::vector<SqlBatch> batches;
  RowReader reader(rows.substr(0, std::numeric_limits<int>::max()));
  while (!reader.AtEnd()) {
    FLOTILLA_ASSIGN_OR_RETURN(SqlBatch batch, reader.Batch());
    batches.push_back(std::move(batch));
  }
  return batches;
}

}  // namespace flotilla::controller
