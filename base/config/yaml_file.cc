#include "base/config/yaml_file.h"

#include <unistd.h>

#include "base/bytes.h"
#include "base/config/yaml.h"
#include "base/file.h"

namespace flotilla::config {
namespace {

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 20U;

Status NextStep(const Status& status, const std::string& if_missing) {
  std::string step;
  switch (status.code()) {
    case StatusCode::kNotFound:
      step = if_missing;
      break;
    case StatusCode::kPermissionDenied:
      step = "user " + std::to_string(::geteuid()) +
             " may not read it: start as its owner, or give it to that user (chown)";
      break;
    default:
      step = "name a readable YAML file";
      break;
  }
  return Status(status.code(), MessageOf(status) + ": " + step);
}

}  // namespace

StatusOr<std::string> ReadConfigText(const std::filesystem::path& file,
                                     const std::string& if_missing) {
  const StatusOr<Bytes> bytes = ReadFile(file, kMaxFileBytes);
  if (!bytes.ok()) {
    return NextStep(bytes.status(), if_missing);
  }
  return ToText(*bytes);
}

Status ReadYamlFile(const std::filesystem::path& file, const std::string& if_missing,
                    google::protobuf::Message& message) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::string text, ReadConfigText(file, if_missing));
  const Status read = ReadYaml(text, file.string(), message);
  return read.ok() ? read
                   : Status(read.code(), MessageOf(read) + ": correct that line and start again");
}

}  // namespace flotilla::config
