#include "tests/support/health_message_rules.h"

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace flotilla {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::ServiceDescriptor;

class Walk {
 public:
  explicit Walk(const HealthMessageRules& rules) : rules_(rules) {}

  void Visit(const Descriptor& message) {
    if (path_.count(&message) > 0) {
      Break(message.full_name(), "contains itself: nothing bounds its size");
      return;
    }
    if (!seen_.insert(&message).second) return;
    if (message.full_name().rfind("google.protobuf.", 0) == 0) {
      Break(message.full_name(), "is a message of google.protobuf");
      return;
    }
    if (message.extension_range_count() > 0) {
      Break(message.full_name(), "may be extended");
    }
    path_.insert(&message);
    for (int i = 0; i < message.field_count(); ++i) VisitField(*message.field(i));
    path_.erase(&message);
  }

  std::vector<std::string> Breaks() && {
    if (bytes_.size() > rules_.bytes_fields) {
      for (const std::string& name : bytes_) {
        Break(name, "is one of " + std::to_string(bytes_.size()) +
                        " bytes fields; allowed: " + std::to_string(rules_.bytes_fields));
      }
    }
    return std::move(breaks_);
  }

 private:
  void VisitField(const FieldDescriptor& field) {
    if (field.is_map()) {
      Break(field.full_name(), "is a map");
      return;
    }
    if (field.is_repeated() && rules_.bounded_repeated.count(field.full_name()) == 0) {
      Break(field.full_name(), "is repeated without a bound");
    }
    switch (field.type()) {
      case FieldDescriptor::TYPE_UINT32:
      case FieldDescriptor::TYPE_ENUM:
        return;
      case FieldDescriptor::TYPE_BYTES:
        bytes_.insert(field.full_name());
        return;
      case FieldDescriptor::TYPE_MESSAGE:
        Visit(*field.message_type());
        return;
      default:
        Break(field.full_name(), std::string("is of type ") + field.type_name());
    }
  }

  void Break(const std::string& name, const std::string& what) {
    breaks_.push_back(name + " " + what);
  }

  const HealthMessageRules& rules_;
  std::set<const Descriptor*> seen_;
  std::set<const Descriptor*> path_;
  std::set<std::string> bytes_;
  std::vector<std::string> breaks_;
};

}  // namespace

std::vector<std::string> BreaksOfHealthRules(const Descriptor& message,
                                             const HealthMessageRules& rules) {
  Walk walk(rules);
  walk.Visit(message);
  return std::move(walk).Breaks();
}

std::vector<std::string> BreaksOfHealthRules(const ServiceDescriptor& service,
                                             const HealthMessageRules& rules) {
  Walk walk(rules);
  for (int i = 0; i < service.method_count(); ++i) {
    walk.Visit(*service.method(i)->input_type());
    walk.Visit(*service.method(i)->output_type());
  }
  return std::move(walk).Breaks();
}

}  // namespace flotilla
