// Configuration files and manifests: YAML, read strictly into a protobuf message and written back.
// The message is the schema, over protobuf reflection; there is no second list of fields.
//
//   message           a map; keys are the proto's field names (snake_case), and a field's json_name
//   where the .proto
//                     states one (apiVersion). The file itself may be empty.
//   repeated, map     a sequence, a map
//   enum              its value's name in lower case without the enum's prefix: auto for GATE_AUTO
//   Duration          90s, 15m, 6h, 3d, 250ms and sums such as 1h30m
//   Timestamp         2026-01-31T23:59:59Z
//   float, double     0.01 or 1%; in a field whose name is or ends in "percent", 1 and 1% are the
//   same 64-bit unsigned   1048576 or 512Ki, 512Mi, 2Gi, 1Ti bool, string      true or false; any
//   scalar bytes             hex
//
// Refused: unknown and repeated keys, a value of another kind, numbers out of range, two members of
// one oneof, anchors, aliases, tags, more than one document, more than 64 levels, 100,000 nodes or
// 1 MiB of text.
#ifndef FLOTILLA_BASE_CONFIG_YAML_H_
#define FLOTILLA_BASE_CONFIG_YAML_H_

#include <string>
#include <string_view>

#include "base/status.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace flotilla::config {

// Clears `message`, then fills it from `text`. `file_name` is for error texts only.
// INVALID_ARGUMENT with the place of the first mistake and what would be right:
// "agent.yaml:3:1: unknown field 'labls'; did you mean 'labels'?". `message` is then half filled.
Status ReadYaml(std::string_view text, const std::string& file_name,
                google::protobuf::Message& message);

// The fields that are set, in the form ReadYaml reads. Ends in a newline; "{}\n" when none is.
std::string WriteYaml(const google::protobuf::Message& message);

}  // namespace flotilla::config

#endif  // FLOTILLA_BASE_CONFIG_YAML_H_
