// What a protobuf message of the private health path may be made of.
#ifndef FLOTILLA_TESTS_SUPPORT_HEALTH_MESSAGE_RULES_H_
#define FLOTILLA_TESTS_SUPPORT_HEALTH_MESSAGE_RULES_H_

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace flotilla {

// Exceptions from the rules, each to be named where it is made.
struct HealthMessageRules {
  // How many `bytes` fields may be reached; the receiver recomputes the length of each.
  std::size_t bytes_fields = 1;
  // Full names of repeated fields whose number of elements the receiver checks. The rules for the
  // elements hold all the same.
  std::set<std::string> bounded_repeated{};
};

// One sentence for each field that could hold more than buckets: anything reached from the message
// that is not uint32, an enumeration, `bytes` or a message of such; a map, a repeated field, an
// extension range, a message from google.protobuf (Any, Struct, wrappers). A field reached by two
// ways is told once; a message that contains itself is refused, since nothing bounds its size.
std::vector<std::string> BreaksOfHealthRules(const google::protobuf::Descriptor& message,
                                             const HealthMessageRules& rules);

// The same for all requests and answers of a service.
std::vector<std::string> BreaksOfHealthRules(const google::protobuf::ServiceDescriptor& service,
                                             const HealthMessageRules& rules);

}  // namespace flotilla

#endif  // FLOTILLA_TESTS_SUPPORT_HEALTH_MESSAGE_RULES_H_
