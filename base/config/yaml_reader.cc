#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>

#include "absl/time/time.h"

#include "base/bytes.h"
#include "base/config/field_names.h"
#include "base/config/nearest_name.h"
#include "base/config/scalar_text.h"
#include "base/config/yaml.h"
#include "base/config/yaml_tree.h"
#include "base/time.h"

namespace flotilla::config {
namespace {

namespace pb = google::protobuf;
using Field = pb::FieldDescriptor;

// The largest Duration of protobuf: 10,000 years.
constexpr std::int64_t kMaxDurationSeconds = 315'576'000'000;

// Walks tree and message side by side. Lives for one call of ReadYaml.
class Reader {
 public:
  explicit Reader(const std::string& file_name) : file_name_(file_name) {}

  Status ReadMessage(const YamlNode& node, pb::Message& message) {
    if (node.kind != YamlKind::kMap) {
      return Error(node, "expected fields of " + message.GetDescriptor()->name());
    }
    for (const auto& [key, value] : node.entries) {
      FLOTILLA_RETURN_IF_ERROR(ReadEntry(key, value, message));
    }
    return OkStatus();
  }

 private:
  Status Error(const YamlNode& at, const std::string& text) const {
    return YamlError(file_name_, at, text);
  }
  // Puts the place in front of a scalar's own complaint.
  Status At(const YamlNode& at, const Status& status) const { return Error(at, MessageOf(status)); }

  Status ReadEntry(const YamlNode& key, const YamlNode& value, pb::Message& message) {
    const pb::Descriptor& type = *message.GetDescriptor();
    const Field* field = FindField(type, key.scalar);
    if (field == nullptr) {
      return Error(key,
                   "unknown field '" + key.scalar + "'" + Suggestion(key.scalar, FieldNames(type)));
    }
    const pb::OneofDescriptor* oneof = field->real_containing_oneof();
    if (oneof != nullptr && message.GetReflection()->HasOneof(message, oneof)) {
      return Error(key, "'" + key.scalar + "' cannot stand beside another '" + oneof->name() + "'");
    }
    if (value.kind == YamlKind::kNull) {
      return Error(key, "'" + key.scalar + "' has no value");
    }
    if (field->is_map()) {
      return ReadMap(value, *field, message);
    }
    return field->is_repeated() ? ReadSequence(value, *field, message)
                                : ReadValue(value, *field, message);
  }

  Status ReadSequence(const YamlNode& node, const Field& field, pb::Message& message) {
    if (node.kind != YamlKind::kSequence) {
      return Error(node, "'" + YamlName(field) + "' is a list: write [a, b] or one - item a line");
    }
    for (const YamlNode& item : node.items) {
      FLOTILLA_RETURN_IF_ERROR(ReadValue(item, field, message));
    }
    return OkStatus();
  }

  Status ReadMap(const YamlNode& node, const Field& field, pb::Message& message) {
    if (node.kind != YamlKind::kMap) {
      return Error(node, "'" + YamlName(field) + "' is a map: write name: value");
    }
    const pb::Descriptor& entry_type = *field.message_type();
    for (const auto& [key, value] : node.entries) {
      pb::Message& entry = *message.GetReflection()->AddMessage(&message, &field);
      FLOTILLA_RETURN_IF_ERROR(ReadValue(key, *entry_type.map_key(), entry));
      FLOTILLA_RETURN_IF_ERROR(ReadValue(value, *entry_type.map_value(), entry));
    }
    return OkStatus();
  }

  // One value: of a singular field, or one more of a repeated one.
  Status ReadValue(const YamlNode& node, const Field& field, pb::Message& message) {
    if (field.cpp_type() == Field::CPPTYPE_MESSAGE) {
      return ReadSubmessage(node, field, message);
    }
    if (node.kind != YamlKind::kScalar) {
      return Error(node, "'" + YamlName(field) + "' is a single value");
    }
    return ReadScalar(node, field, message);
  }

  Status ReadSubmessage(const YamlNode& node, const Field& field, pb::Message& message) {
    const pb::Reflection& reflection = *message.GetReflection();
    pb::Message& inner = field.is_repeated() ? *reflection.AddMessage(&message, &field)
                                             : *reflection.MutableMessage(&message, &field);
    if (auto* duration = dynamic_cast<pb::Duration*>(&inner)) {
      return ReadDuration(node, *duration);
    }
    if (auto* timestamp = dynamic_cast<pb::Timestamp*>(&inner)) {
      return ReadTimestamp(node, *timestamp);
    }
    return ReadMessage(node, inner);
  }

  Status ReadDuration(const YamlNode& node, pb::Duration& out) {
    const auto duration = ParseDurationText(node.scalar);
    if (!duration.ok()) {
      return At(node, duration.status());
    }
    absl::Duration rest;
    const std::int64_t seconds = absl::IDivDuration(*duration, absl::Seconds(1), &rest);
    if (seconds > kMaxDurationSeconds) {
      return Error(node, "longer than 10,000 years");
    }
    out.set_seconds(seconds);
    out.set_nanos(static_cast<std::int32_t>(absl::ToInt64Nanoseconds(rest)));
    return OkStatus();
  }

  Status ReadTimestamp(const YamlNode& node, pb::Timestamp& out) {
    const auto time = ParseUtcText(node.scalar);
    if (!time.ok()) {
      return At(node, time.status());
    }
    out.set_seconds(absl::ToUnixSeconds(*time));
    return OkStatus();
  }

  Status ReadScalar(const YamlNode& node, const Field& field, pb::Message& message) {
    switch (field.cpp_type()) {
      case Field::CPPTYPE_ENUM:
        return ReadEnum(node, field, message);
      case Field::CPPTYPE_STRING:
        return ReadText(node, field, message);
      case Field::CPPTYPE_BOOL:
        return Store(node, field, message, ParseBool(node.scalar), &pb::Reflection::SetBool,
                     &pb::Reflection::AddBool);
      case Field::CPPTYPE_DOUBLE:
        return Store(node, field, message, ParseNumber(node.scalar, SignOf(field)),
                     &pb::Reflection::SetDouble, &pb::Reflection::AddDouble);
      case Field::CPPTYPE_FLOAT:
        return Store(node, field, message, ParseNumber(node.scalar, SignOf(field)),
                     &pb::Reflection::SetFloat, &pb::Reflection::AddFloat);
      default:
        return ReadInteger(node, field, message);
    }
  }

  Status ReadInteger(const YamlNode& node, const Field& field, pb::Message& message) {
    using I32 = std::numeric_limits<std::int32_t>;
    using I64 = std::numeric_limits<std::int64_t>;
    switch (field.cpp_type()) {
      case Field::CPPTYPE_INT32:
        return Store(node, field, message, ParseSigned(node.scalar, I32::min(), I32::max()),
                     &pb::Reflection::SetInt32, &pb::Reflection::AddInt32);
      case Field::CPPTYPE_INT64:
        return Store(node, field, message, ParseSigned(node.scalar, I64::min(), I64::max()),
                     &pb::Reflection::SetInt64, &pb::Reflection::AddInt64);
      case Field::CPPTYPE_UINT32:
        return Store(node, field, message,
                     ParseUnsigned(node.scalar, std::numeric_limits<std::uint32_t>::max()),
                     &pb::Reflection::SetUInt32, &pb::Reflection::AddUInt32);
      case Field::CPPTYPE_UINT64:
        return Store(node, field, message, ParseSize(node.scalar), &pb::Reflection::SetUInt64,
                     &pb::Reflection::AddUInt64);
      default:
        return Internal("field type without a YAML form: " + field.full_name());
    }
  }

  template <typename Parsed, typename T>
  Status Store(const YamlNode& node, const Field& field, pb::Message& message,
               const StatusOr<Parsed>& value,
               void (pb::Reflection::*set)(pb::Message*, const Field*, T) const,
               void (pb::Reflection::*add)(pb::Message*, const Field*, T) const) {
    if (!value.ok()) {
      return At(node, Annotate(value.status(), YamlName(field)));
    }
    const auto store = field.is_repeated() ? add : set;
    (message.GetReflection()->*store)(&message, &field, static_cast<T>(*value));
    return OkStatus();
  }

  Status ReadEnum(const YamlNode& node, const Field& field, pb::Message& message) {
    const pb::EnumDescriptor& type = *field.enum_type();
    const pb::EnumValueDescriptor* value = FindValue(type, node.scalar);
    if (value == nullptr) {
      return Error(node, "'" + node.scalar + "' is no value of " + YamlName(field) +
                             Suggestion(node.scalar, ValueNames(type)));
    }
    return Store<int>(node, field, message, value->number(), &pb::Reflection::SetEnumValue,
                      &pb::Reflection::AddEnumValue);
  }

  Status ReadText(const YamlNode& node, const Field& field, pb::Message& message) {
    std::string text = node.scalar;
    if (field.type() == Field::TYPE_BYTES) {
      const auto bytes = HexDecode(text);
      if (!bytes.ok()) {
        return At(node, Annotate(bytes.status(), YamlName(field)));
      }
      text = ToText(*bytes);
    }
    const pb::Reflection& reflection = *message.GetReflection();
    if (field.is_repeated()) {
      reflection.AddString(&message, &field, std::move(text));
    } else {
      reflection.SetString(&message, &field, std::move(text));
    }
    return OkStatus();
  }

  static PercentSign SignOf(const Field& field) {
    return CountsPercents(field) ? PercentSign::kIsUnit : PercentSign::kDividesBy100;
  }

  const std::string& file_name_;
};

}  // namespace

Status ReadYaml(std::string_view text, const std::string& file_name, pb::Message& message) {
  message.Clear();
  FLOTILLA_ASSIGN_OR_RETURN(const YamlNode root, ParseYaml(text, file_name));
  return root.kind == YamlKind::kNull ? OkStatus() : Reader(file_name).ReadMessage(root, message);
}

}  // namespace flotilla::config
