// How a field and an enum value are called in YAML.
#ifndef FLOTILLA_BASE_CONFIG_FIELD_NAMES_H_
#define FLOTILLA_BASE_CONFIG_FIELD_NAMES_H_

#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/descriptor.h>

namespace flotilla::config {

// The stated json_name, else the field's own name.
std::string YamlName(const google::protobuf::FieldDescriptor& field);
// Null when the message has no such field.
const google::protobuf::FieldDescriptor* FindField(const google::protobuf::Descriptor& message,
                                                   std::string_view yaml_name);
std::vector<std::string> FieldNames(const google::protobuf::Descriptor& message);

// GATE_AUTO -> "auto": lower case, without the prefix that the enum's zero value (GATE_UNSPECIFIED)
// shows.
std::string YamlName(const google::protobuf::EnumValueDescriptor& value);
// Null when there is no such value; "unspecified" is none.
const google::protobuf::EnumValueDescriptor* FindValue(const google::protobuf::EnumDescriptor& type,
                                                       std::string_view yaml_name);
std::vector<std::string> ValueNames(const google::protobuf::EnumDescriptor& type);

// The name is "percent" or ends in "_percent": its numbers are percents already.
bool CountsPercents(const google::protobuf::FieldDescriptor& field);

}  // namespace flotilla::config

#endif  // FLOTILLA_BASE_CONFIG_FIELD_NAMES_H_
