#ifndef FLOTILLA_BASE_CONFIG_YAML_FILE_H_
#define FLOTILLA_BASE_CONFIG_YAML_FILE_H_

#include <filesystem>
#include <string>

#include "base/status.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace flotilla::config {

// The text of a file of at most 1 MiB that a person wrote. Every error says what to do next:
// NOT_FOUND ends in `if_missing`, a sentence without its full stop; PERMISSION_DENIED names the
// user it was tried as.
StatusOr<std::string> ReadConfigText(const std::filesystem::path& file,
                                     const std::string& if_missing);

// ReadYaml of ReadConfigText. INVALID_ARGUMENT is the place and the mistake, and that it has to be
// corrected there.
Status ReadYamlFile(const std::filesystem::path& file, const std::string& if_missing,
                    google::protobuf::Message& message);

}  // namespace flotilla::config

#endif  // FLOTILLA_BASE_CONFIG_YAML_FILE_H_
