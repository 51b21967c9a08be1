#ifndef FLOTILLA_BASE_CONFIG_YAML_TREE_H_
#define FLOTILLA_BASE_CONFIG_YAML_TREE_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace flotilla::config {

enum class YamlKind { kUnspecified = 0, kNull, kScalar, kSequence, kMap };

struct YamlEntry;

// One node of a document, with its place (both counted from 1).
struct YamlNode {
  YamlKind kind = YamlKind::kUnspecified;
  int line = 1;
  int column = 1;
  std::string scalar;
  std::vector<YamlNode> items;     // of a sequence
  std::vector<YamlEntry> entries;  // of a map, in the order written
};

struct YamlEntry {
  YamlNode key;
  YamlNode value;
};

// "file:line:col: text", INVALID_ARGUMENT.
Status YamlError(const std::string& file_name, const YamlNode& at, const std::string& text);

// The one document of `text`; kNull when there is none. INVALID_ARGUMENT: not YAML, or one of the
// things that yaml.h refuses.
StatusOr<YamlNode> ParseYaml(std::string_view text, const std::string& file_name);

}  // namespace flotilla::config

#endif  // FLOTILLA_BASE_CONFIG_YAML_TREE_H_
