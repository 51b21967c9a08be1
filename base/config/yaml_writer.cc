#include <charconv>
#include <cstdint>
#include <string>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>
#include <yaml-cpp/emitter.h>
#include <yaml-cpp/emittermanip.h>

#include "absl/time/time.h"

#include "base/bytes.h"
#include "base/config/field_names.h"
#include "base/config/yaml.h"
#include "base/time.h"

namespace flotilla::config {
namespace {

namespace pb = google::protobuf;
using Field = pb::FieldDescriptor;

// The shortest text that reads back as the same number.
template <typename T>
std::string NumberText(T value) {
  char text[64];
  const auto end = std::to_chars(std::begin(text), std::end(text), value).ptr;
  return {std::begin(text), end};
}

// `index` < 0: the field itself, else that item of a repeated one.
class Writer {
 public:
  void WriteMessage(const pb::Message& message) {
    std::vector<const Field*> fields;
    message.GetReflection()->ListFields(message, &fields);
    out_ << YAML::BeginMap;
    for (const Field* field : fields) {
      out_ << YAML::Key << YamlName(*field) << YAML::Value;
      WriteField(message, *field);
    }
    out_ << YAML::EndMap;
  }

  std::string Text() const { return std::string(out_.c_str(), out_.size()) + "\n"; }

 private:
  void WriteField(const pb::Message& message, const Field& field) {
    if (field.is_map()) {
      WriteMap(message, field);
    } else if (field.is_repeated()) {
      out_ << YAML::BeginSeq;
      for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
        WriteValue(message, field, i);
      }
      out_ << YAML::EndSeq;
    } else {
      WriteValue(message, field, -1);
    }
  }

  void WriteMap(const pb::Message& message, const Field& field) {
    out_ << YAML::BeginMap;
    const pb::Reflection& reflection = *message.GetReflection();
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      const pb::Message& entry = reflection.GetRepeatedMessage(message, &field, i);
      out_ << YAML::Key;
      WriteValue(entry, *field.message_type()->map_key(), -1);
      out_ << YAML::Value;
      WriteValue(entry, *field.message_type()->map_value(), -1);
    }
    out_ << YAML::EndMap;
  }

  void WriteValue(const pb::Message& message, const Field& field, int index) {
    const pb::Reflection& reflection = *message.GetReflection();
    if (field.cpp_type() == Field::CPPTYPE_MESSAGE) {
      WriteSubmessage(index < 0 ? reflection.GetMessage(message, &field)
                                : reflection.GetRepeatedMessage(message, &field, index));
    } else if (field.cpp_type() == Field::CPPTYPE_STRING) {
      std::string text = index < 0 ? reflection.GetString(message, &field)
                                   : reflection.GetRepeatedString(message, &field, index);
      out_ << (field.type() == Field::TYPE_BYTES ? HexEncode(AsBytes(text)) : text);
    } else {
      out_ << ScalarText(message, field, index);
    }
  }

  void WriteSubmessage(const pb::Message& inner) {
    if (const auto* duration = dynamic_cast<const pb::Duration*>(&inner)) {
      out_ << DurationText(absl::Seconds(duration->seconds()) +
                           absl::Nanoseconds(duration->nanos()));
    } else if (const auto* timestamp = dynamic_cast<const pb::Timestamp*>(&inner)) {
      out_ << UtcText(absl::FromUnixSeconds(timestamp->seconds()));
    } else {
      WriteMessage(inner);
    }
  }

  static std::string ScalarText(const pb::Message& message, const Field& field, int index) {
    using R = pb::Reflection;
    const R& reflection = *message.GetReflection();
    const auto value = [&](auto get, auto get_repeated) {
      return index < 0 ? (reflection.*get)(message, &field)
                       : (reflection.*get_repeated)(message, &field, index);
    };
    switch (field.cpp_type()) {
      case Field::CPPTYPE_ENUM:
        return EnumText(field, value(&R::GetEnumValue, &R::GetRepeatedEnumValue));
      case Field::CPPTYPE_BOOL:
        return value(&R::GetBool, &R::GetRepeatedBool) ? "true" : "false";
      case Field::CPPTYPE_DOUBLE:
        return NumberText(value(&R::GetDouble, &R::GetRepeatedDouble));
      case Field::CPPTYPE_FLOAT:
        return NumberText(value(&R::GetFloat, &R::GetRepeatedFloat));
      case Field::CPPTYPE_INT32:
        return NumberText(value(&R::GetInt32, &R::GetRepeatedInt32));
      case Field::CPPTYPE_INT64:
        return NumberText(value(&R::GetInt64, &R::GetRepeatedInt64));
      case Field::CPPTYPE_UINT32:
        return NumberText(value(&R::GetUInt32, &R::GetRepeatedUInt32));
      default:
        return NumberText(value(&R::GetUInt64, &R::GetRepeatedUInt64));
    }
  }

  static std::string EnumText(const Field& field, int number) {
    const pb::EnumValueDescriptor* value = field.enum_type()->FindValueByNumber(number);
    return value == nullptr ? std::to_string(number) : YamlName(*value);
  }

  YAML::Emitter out_;
};

}  // namespace

std::string WriteYaml(const pb::Message& message) {
  Writer writer;
  writer.WriteMessage(message);
  return writer.Text();
}

}  // namespace flotilla::config
