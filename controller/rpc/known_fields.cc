#include "controller/rpc/known_fields.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/unknown_field_set.h"

namespace flotilla::controller {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

Status Newer(const std::string& what) {
  return InvalidArgument(
      absl::StrCat("this controller does not know ", what,
                   ": it is older than the program that asks; upgrade it first"));
}

bool IsKnown(const FieldDescriptor& field, int value) {
  return field.enum_type()->FindValueByNumber(value) != nullptr;
}

Status CheckEnum(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  const int count = field.is_repeated() ? reflection.FieldSize(message, &field) : 1;
  for (int i = 0; i < count; ++i) {
    const int value = field.is_repeated() ? reflection.GetRepeatedEnumValue(message, &field, i)
                                          : reflection.GetEnumValue(message, &field);
    if (!IsKnown(field, value)) {
      return Newer(absl::StrCat("value ", value, " of ", field.full_name()));
    }
  }
  return OkStatus();
}

Status CheckMessages(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  if (!field.is_repeated()) {
    return CheckKnownFields(reflection.GetMessage(message, &field));
  }
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    FLOTILLA_RETURN_IF_ERROR(CheckKnownFields(reflection.GetRepeatedMessage(message, &field, i)));
  }
  return OkStatus();
}

}  // namespace

Status CheckKnownFields(const Message& request) {
  const Reflection& reflection = *request.GetReflection();
  const auto& unknown = reflection.GetUnknownFields(request);
  if (!unknown.empty()) {
    return Newer(absl::StrCat("field ", unknown.field(0).number(), " of ",
                              request.GetDescriptor()->full_name()));
  }
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(request, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      FLOTILLA_RETURN_IF_ERROR(CheckEnum(request, *field));
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      FLOTILLA_RETURN_IF_ERROR(CheckMessages(request, *field));
    }
  }
  return OkStatus();
}

}  // namespace flotilla::controller
