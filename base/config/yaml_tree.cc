#include "base/config/yaml_tree.h"

#include <cstddef>
#include <exception>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace flotilla::config {
namespace {

constexpr std::size_t kMaxTextBytes = std::size_t{1} << 20U;
constexpr std::size_t kMaxNodes = 100'000;
constexpr std::size_t kMaxDepth = 64;

// Builds the tree out of the parser's events. yaml-cpp's own tree follows aliases and keeps
// repeated keys, so it is not used. Remembers the first mistake and ignores what comes after it.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(std::string file_name) : file_name_(std::move(file_name)) {}

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Add(Make(YamlKind::kNull, mark, "", anchor));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    Fail(Make(YamlKind::kNull, mark, "", 0), "aliases (*name) are not allowed");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node = Make(YamlKind::kScalar, mark, tag, anchor);
    node.scalar = value;
    Add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    Open(Make(YamlKind::kSequence, mark, tag, anchor));
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    Open(Make(YamlKind::kMap, mark, tag, anchor));
  }
  void OnMapEnd() override { Close(); }

  const Status& status() const { return status_; }
  YamlNode TakeRoot() { return std::move(root_); }

 private:
  // A container that is still open; a map's key waits in `key` for its value.
  struct OpenNode {
    YamlNode node;
    YamlNode key;
    bool has_key = false;
    std::set<std::string> keys;
  };

  YamlNode Make(YamlKind kind, const YAML::Mark& mark, const std::string& tag,
                YAML::anchor_t anchor) {
    YamlNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    if (anchor != 0) {
      Fail(node, "anchors (&name) are not allowed");
    }
    if (!tag.empty() && tag != "?" && tag != "!") {  // "?" plain, "!" quoted
      Fail(node, "tags (!name) are not allowed");
    }
    return node;
  }

  void Fail(const YamlNode& at, const std::string& text) {
    if (status_.ok()) {
      status_ = YamlError(file_name_, at, text);
    }
  }

  void Open(YamlNode node) {
    if (open_.size() >= kMaxDepth) {
      Fail(node, "nested too deeply");
    }
    if (status_.ok()) {
      open_.push_back(OpenNode{std::move(node), {}, false, {}});
    }
  }

  void Close() {
    if (!status_.ok() || open_.empty()) {
      return;
    }
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    Add(std::move(node));
  }

  void Add(YamlNode node) {
    if (++count_ > kMaxNodes) {
      Fail(node, "too many values");
    }
    if (!status_.ok()) {
      return;
    }
    if (open_.empty()) {
      root_ = std::move(node);
    } else if (open_.back().node.kind == YamlKind::kSequence) {
      open_.back().node.items.push_back(std::move(node));
    } else {
      AddToMap(open_.back(), std::move(node));
    }
  }

  void AddToMap(OpenNode& map, YamlNode node) {
    if (map.has_key) {
      map.node.entries.push_back({std::move(map.key), std::move(node)});
      map.has_key = false;
      return;
    }
    if (node.kind != YamlKind::kScalar) {
      Fail(node, "a key must be a name");
    } else if (!map.keys.insert(node.scalar).second) {
      Fail(node, "'" + node.scalar + "' is given twice");
    }
    map.key = std::move(node);
    map.has_key = true;
  }

  std::string file_name_;
  Status status_;
  YamlNode root_{YamlKind::kNull, 1, 1, {}, {}, {}};
  std::vector<OpenNode> open_;
  std::size_t count_ = 0;
};

}  // namespace

Status YamlError(const std::string& file_name, const YamlNode& at, const std::string& text) {
  return InvalidArgument(file_name + ":" + std::to_string(at.line) + ":" +
                         std::to_string(at.column) + ": " + text);
}

StatusOr<YamlNode> ParseYaml(std::string_view text, const std::string& file_name) {
  if (text.size() > kMaxTextBytes) {
    return InvalidArgument(file_name + ": larger than 1 MiB");
  }
  TreeBuilder builder(file_name);
  try {  // yaml-cpp has no form without exceptions
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    TreeBuilder second(file_name);
    if (builder.status().ok() && parser.HandleNextDocument(second)) {
      return InvalidArgument(file_name + ": holds more than one document");
    }
  } catch (const YAML::Exception& error) {
    const YamlNode at{YamlKind::kNull, error.mark.line + 1, error.mark.column + 1, {}, {}, {}};
    return YamlError(file_name, at, error.msg);
  } catch (const std::exception& error) {
    return InvalidArgument(file_name + ": " + error.what());
  }
  FLOTILLA_RETURN_IF_ERROR(builder.status());
  return builder.TakeRoot();
}

}  // namespace flotilla::config
