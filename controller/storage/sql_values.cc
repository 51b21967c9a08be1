#include "controller/storage/sql_values.h"

#include <cstddef>
#include <string>

namespace flotilla::controller {
namespace {

// How the body is written: a serialised message, uncompressed.
constexpr char kPlainBody = 'p';

}  // namespace

void WriteBody(const google::protobuf::MessageLite& message, soci::blob& body) {
  std::string bytes(1, kPlainBody);
  message.AppendToString(&bytes);
  body.write(0, bytes.data(), bytes.size());
  body.trim(bytes.size());
}

Status ReadBody(soci::blob& body, const char* table, google::protobuf::MessageLite& message) {
  std::string bytes(body.get_len(), '\0');
  body.read(0, bytes.data(), bytes.size());
  if (bytes.empty() || bytes.front() != kPlainBody ||
      !message.ParseFromArray(bytes.data() + 1, static_cast<int>(bytes.size() - 1))) {
    return DataLoss(std::string("unreadable row in table ") + table);
  }
  return OkStatus();
}

Status ReadDigest(const std::string& hex, const char* table, Digest& digest) {
  const StatusOr<Digest> parsed = Digest::FromHex(hex);
  if (!parsed.ok()) {
    return DataLoss(std::string("unreadable digest in table ") + table);
  }
  digest = *parsed;
  return OkStatus();
}

}  // namespace flotilla::controller
