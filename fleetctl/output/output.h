#ifndef FLOTILLA_FLEETCTL_OUTPUT_OUTPUT_H_
#define FLOTILLA_FLEETCTL_OUTPUT_OUTPUT_H_

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>

#include "base/time.h"

namespace flotilla::fleetctl {

enum class OutputForm { kUnspecified = 0, kTable, kWide, kJson };

// Columns aligned by their widest cell, two spaces between; headers in upper case.
class Table {
 public:
  explicit Table(std::vector<std::string> headers);
  // At most as many cells as there are headers; an empty cell shows as "-".
  void Add(std::vector<std::string> cells);
  // Fills the columns after the last row's given cells.
  void Extend(const std::vector<std::string>& cells);
  void Print(std::ostream& out) const;

 private:
  std::vector<std::vector<std::string>> rows_;  // the headers first
};

// Proto's JSON mapping with the field names of the .proto files, on several lines.
void PrintJson(std::ostream& out, const google::protobuf::Message& message);
// The same on one line.
std::string JsonLine(const google::protobuf::Message& message);

// "DEPLOYMENT_STATE_SELF_TESTING", "DEPLOYMENT_STATE_" -> "SELF_TESTING".
std::string ShortName(const std::string& enum_name, const std::string& prefix);
// "FAILURE_REASON_TRUST_THRESHOLD" as "TRUST_THRESHOLD"; the number itself when it is unknown here.
std::string ReasonName(int reason);
// "2026-01-31T23:59:59Z", empty when unset.
std::string TimeCell(const google::protobuf::Timestamp& time);
// "a=1,b=2".
std::string LabelsCell(const std::map<std::string, std::string>& labels);
// "1.4 MB", decimal units.
std::string BytesCell(std::uint64_t bytes);
// The first 12 digits of a hex digest.
std::string DigestCell(const std::string& digest_bytes);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_OUTPUT_OUTPUT_H_
