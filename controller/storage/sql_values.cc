#include "controller/storage/sql_values.h"

#include "absl/strings/str_cat.h"

namespace flotilla::controller {
namespace {

// How the body is written: a serialised message, uncompressed.
constexpr char kPlainBody = 'p';

}  // namespace

std::string BodyOf(const google::protobuf::MessageLite& message) {
  std::string bytes(1, kPlainBody);
  message.AppendToString(&bytes);
  return bytes;
}

Status ParseBody(const std::string& body, const char* table,
                 google::protobuf::MessageLite& message) {
  if (body.empty() || body.front() != kPlainBody ||
      !message.ParseFromArray(body.data() + 1, static_cast<int>(body.size() - 1))) {
    return DataLoss(absl::StrCat("unreadable row in table ", table));
  }
  return OkStatus();
}

Status ReadDigest(const std::string& hex, const char* table, Digest& digest) {
  const StatusOr<Digest> parsed = Digest::FromHex(hex);
  if (!parsed.ok()) {
    return DataLoss(absl::StrCat("unreadable digest in table ", table));
  }
  digest = *parsed;
  return OkStatus();
}

}  // namespace flotilla::controller
