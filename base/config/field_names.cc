#include "base/config/field_names.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace flotilla::config {
namespace {

namespace pb = google::protobuf;

constexpr std::string_view kZeroSuffix = "UNSPECIFIED";

std::string Lower(std::string_view text) {
  std::string lower;
  for (const char c : text) {
    lower.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return lower;
}

}  // namespace

std::string YamlName(const pb::FieldDescriptor& field) {
  return field.has_json_name() ? field.json_name() : field.name();
}

const pb::FieldDescriptor* FindField(const pb::Descriptor& message, std::string_view yaml_name) {
  for (int i = 0; i < message.field_count(); ++i) {
    if (YamlName(*message.field(i)) == yaml_name) {
      return message.field(i);
    }
  }
  return nullptr;
}

std::vector<std::string> FieldNames(const pb::Descriptor& message) {
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(message.field_count()));
  for (int i = 0; i < message.field_count(); ++i) {
    names.push_back(YamlName(*message.field(i)));
  }
  return names;
}

std::string YamlName(const pb::EnumValueDescriptor& value) {
  std::string_view name = value.name();
  const pb::EnumValueDescriptor* zero = value.type()->FindValueByNumber(0);
  std::string_view prefix = zero == nullptr ? std::string_view() : zero->name();
  if (prefix.ends_with(kZeroSuffix)) {
    prefix.remove_suffix(kZeroSuffix.size());
    if (name.starts_with(prefix)) {
      name.remove_prefix(prefix.size());
    }
  }
  return Lower(name);
}

const pb::EnumValueDescriptor* FindValue(const pb::EnumDescriptor& type,
                                         std::string_view yaml_name) {
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0 && YamlName(*type.value(i)) == yaml_name) {
      return type.value(i);
    }
  }
  return nullptr;
}

std::vector<std::string> ValueNames(const pb::EnumDescriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0) {
      names.push_back(YamlName(*type.value(i)));
    }
  }
  return names;
}

bool CountsPercents(const pb::FieldDescriptor& field) {
  return field.name() == "percent" || std::string_view(field.name()).ends_with("_percent");
}

}  // namespace flotilla::config
