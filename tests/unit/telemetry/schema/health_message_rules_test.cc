#include "tests/support/health_message_rules.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include "google/protobuf/any.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/wrappers.pb.h"

namespace flotilla {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A file "t.proto" of package t with these messages, enumerations and services.
class Protocol {
 public:
  explicit Protocol(const std::string& body) : pool_(DescriptorPool::generated_pool()) {
    // So that the well-known types are linked and known to the pool below.
    google::protobuf::Any::descriptor();
    google::protobuf::Struct::descriptor();
    google::protobuf::UInt32Value::descriptor();
    FileDescriptorProto proto;
    const std::string head =
        "name: 't.proto' package: 't' syntax: 'proto3' "
        "dependency: 'google/protobuf/any.proto' dependency: 'google/protobuf/struct.proto' "
        "dependency: 'google/protobuf/wrappers.proto' "
        "enum_type { name: 'E' value { name: 'NONE' number: 0 } } ";
    if (google::protobuf::TextFormat::ParseFromString(head + body, &proto)) {
      file_ = pool_.BuildFile(proto);
    }
  }

  std::vector<std::string> Breaks(const HealthMessageRules& rules = {}) const {
    if (file_ == nullptr) return {"the test's protocol is none"};
    return BreaksOfHealthRules(*file_->message_type(0), rules);
  }
  const FileDescriptor* file() const { return file_; }

 private:
  DescriptorPool pool_;
  const FileDescriptor* file_ = nullptr;
};

std::string Field(const std::string& name, int number, const std::string& type,
                  const std::string& more = "") {
  return "field { name: '" + name + "' number: " + std::to_string(number) + " type: TYPE_" + type +
         " label: " + (more.find("repeated") == 0 ? "LABEL_REPEATED" : "LABEL_OPTIONAL") + " " +
         (more.find("repeated") == 0 ? more.substr(8) : more) + " } ";
}

std::string Message(const std::string& name, const std::string& fields) {
  return "message_type { name: '" + name + "' " + fields + "} ";
}

TEST(HealthMessageRules, AllowNumbersEnumerationsAndOneBytes) {
  const Protocol protocol(Message("M", Field("a", 1, "UINT32") +
                                           Field("b", 2, "ENUM", "type_name: '.t.E'") +
                                           Field("c", 3, "MESSAGE", "type_name: '.t.N'")) +
                          Message("N", Field("d", 1, "BYTES") + Field("e", 2, "UINT32")));
  EXPECT_THAT(protocol.Breaks(), IsEmpty());
}

TEST(HealthMessageRules, RefuseEveryOtherType) {
  for (const std::string type : {"STRING", "DOUBLE", "FLOAT", "INT32", "INT64", "UINT64", "FIXED32",
                                 "FIXED64", "SFIXED32", "SFIXED64", "SINT32", "SINT64", "BOOL"}) {
    const Protocol protocol(Message("M", Field("a", 1, "UINT32") + Field("b", 2, type)));
    EXPECT_THAT(protocol.Breaks(), ElementsAre(HasSubstr("t.M.b is of type"))) << type;
  }
}

TEST(HealthMessageRules, RefuseAStringHoweverDeepItLies) {
  const Protocol protocol(Message("M", Field("n", 1, "MESSAGE", "type_name: '.t.N'")) +
                          Message("N", Field("o", 1, "MESSAGE", "type_name: '.t.O'")) +
                          Message("O", Field("text", 1, "STRING")));
  EXPECT_THAT(protocol.Breaks(), ElementsAre("t.O.text is of type string"));
}

TEST(HealthMessageRules, RefuseAMap) {
  const Protocol protocol(
      Message("M", Field("m", 1, "MESSAGE", "repeated type_name: '.t.M.MEntry'") +
                       "nested_type { name: 'MEntry' options { map_entry: true } " +
                       Field("key", 1, "UINT32") + Field("value", 2, "UINT32") + "} "));
  EXPECT_THAT(protocol.Breaks(), ElementsAre("t.M.m is a map"));
}

TEST(HealthMessageRules, RefuseMessagesOfGoogle) {
  for (const std::string name : {"Any", "Struct", "UInt32Value"}) {
    const Protocol protocol(
        Message("M", Field("a", 1, "MESSAGE", "type_name: '.google.protobuf." + name + "'")));
    EXPECT_THAT(protocol.Breaks(), ElementsAre(HasSubstr("is a message of google.protobuf")))
        << name;
  }
}

TEST(HealthMessageRules, RefuseARepeatedFieldUnlessItsBoundIsChecked) {
  const Protocol protocol(Message("M", Field("r", 1, "UINT32", "repeated")));
  EXPECT_THAT(protocol.Breaks(), ElementsAre("t.M.r is repeated without a bound"));
  EXPECT_THAT(protocol.Breaks({.bounded_repeated = {"t.M.r"}}), IsEmpty());
  EXPECT_THAT(protocol.Breaks({.bounded_repeated = {"t.N.r"}}).size(), 1U);
}

TEST(HealthMessageRules, HoldForTheElementsOfABoundedField) {
  const Protocol protocol(Message("M", Field("r", 1, "STRING", "repeated")));
  EXPECT_THAT(protocol.Breaks({.bounded_repeated = {"t.M.r"}}),
              ElementsAre("t.M.r is of type string"));
}

TEST(HealthMessageRules, AllowNoMoreBytesFieldsThanSaid) {
  const Protocol protocol(Message("M", Field("a", 1, "BYTES") + Field("b", 2, "BYTES")));
  EXPECT_EQ(protocol.Breaks().size(), 2U);
  EXPECT_EQ(protocol.Breaks({.bytes_fields = 0}).size(), 2U);
  EXPECT_THAT(protocol.Breaks({.bytes_fields = 2}), IsEmpty());
}

TEST(HealthMessageRules, RefuseAMessageWithinItself) {
  const Protocol protocol(Message("M", Field("n", 1, "MESSAGE", "type_name: '.t.N'")) +
                          Message("N", Field("m", 1, "MESSAGE", "type_name: '.t.M'")));
  EXPECT_THAT(protocol.Breaks(), ElementsAre(HasSubstr("t.M contains itself")));
}

TEST(HealthMessageRules, WalkAllRequestsAndAnswersOfAService) {
  const Protocol protocol(
      Message("Q", Field("a", 1, "UINT32")) + Message("A", Field("text", 1, "STRING")) +
      "service { name: 'S' method { name: 'Ask' input_type: '.t.Q' output_type: '.t.A' } }");
  ASSERT_NE(protocol.file(), nullptr);
  EXPECT_THAT(BreaksOfHealthRules(*protocol.file()->service(0), {}),
              ElementsAre("t.A.text is of type string"));
}

}  // namespace
}  // namespace flotilla
