#include "fleetctl/output/output.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <google/protobuf/util/json_util.h>

#include "absl/time/time.h"

#include "base/bytes.h"
#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::fleetctl {
namespace {

std::string ToJson(const google::protobuf::Message& message,
                   const google::protobuf::util::JsonPrintOptions& options) {
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text, options);
  return status.ok() ? text : "{}";
}

}  // namespace

Table::Table(std::vector<std::string> headers) {
  rows_.push_back(std::move(headers));
}

void Table::Add(std::vector<std::string> cells) {
  rows_.push_back(std::move(cells));
}

void Table::Extend(const std::vector<std::string>& cells) {
  rows_.back().insert(rows_.back().end(), cells.begin(), cells.end());
}

void Table::Print(std::ostream& out) const {
  std::vector<std::size_t> widths(rows_.front().size(), 1);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string cell = row[i].empty() ? "-" : row[i];
      line += cell;
      line.append(i + 1 < row.size() ? widths[i] - cell.size() + 2 : 0, ' ');
    }
    out << line << "\n";
  }
}

void PrintJson(std::ostream& out, const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.add_whitespace = true;
  out << ToJson(message, options);
}

std::string JsonLine(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  return ToJson(message, options);
}

std::string ShortName(const std::string& enum_name, const std::string& prefix) {
  return enum_name.starts_with(prefix) ? enum_name.substr(prefix.size()) : enum_name;
}

std::string ReasonName(int reason) {
  const std::string name = v1::FailureReason_Name(static_cast<v1::FailureReason>(reason));
  return name.empty() ? std::to_string(reason) : ShortName(name, "FAILURE_REASON_");
}

std::string TimeCell(const google::protobuf::Timestamp& time) {
  return time.seconds() == 0 ? std::string() : UtcText(absl::FromUnixSeconds(time.seconds()));
}

std::string LabelsCell(const std::map<std::string, std::string>& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    text.append(text.empty() ? "" : ",").append(name).append("=").append(value);
  }
  return text;
}

std::string BytesCell(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "kB", "MB", "GB", "TB"};
  std::uint64_t tenths = bytes * 10;
  std::size_t unit = 0;
  while (tenths >= 10'000 && unit + 1 < kUnits.size()) {
    tenths = (tenths + 500) / 1000;
    ++unit;
  }
  const std::string whole = std::to_string(tenths / 10);
  return whole + (unit == 0 ? "" : "." + std::to_string(tenths % 10)) + " " + kUnits[unit];
}

std::string DigestCell(const std::string& digest_bytes) {
  return HexEncode(AsBytes(digest_bytes)).substr(0, 12);
}

}  // namespace flotilla::fleetctl
