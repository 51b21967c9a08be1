#include "tests/support/tuf_simulator.h"

#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace flotilla {
namespace {

namespace json = boost::json;

constexpr const char* kTopLevel[] = {"root", "timestamp", "snapshot", "targets"};

bool IsTopLevel(std::string_view role) {
  return role == "root" || role == "timestamp" || role == "snapshot" || role == "targets";
}

json::object Common(std::string_view type, Time expires) {
  json::object role;
  role["_type"] = type;
  role["spec_version"] = "1.0.31";
  role["version"] = 1;
  role["expires"] = UtcText(expires);
  return role;
}

json::object RoleKeys() {
  return {{"keyids", json::array()}, {"threshold", 1}};
}

// Every byte but letters, digits and "_.-~".
std::string Quote(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string quoted;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::string_view("_.-~").find(c) != std::string_view::npos ||
        (byte < 0x80 && std::isalnum(byte) != 0)) {
      quoted += c;
    } else {
      quoted += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    }
  }
  return quoted;
}

json::object HashObject(const std::string& content) {
  return {{"sha256", SimulatorSha256Hex(content)}};
}

std::string PrefixedName(const std::string& path, const std::string& prefix) {
  const std::size_t name = path.rfind('/') == std::string::npos ? 0 : path.rfind('/') + 1;
  return path.substr(0, name) + prefix + "." + path.substr(name);
}

}  // namespace

TufSimulator::TufSimulator(Time now)
    : expires_(now + absl::Hours(30 * 24)),
      server_(
          ScriptedHttpServer::Answer([this](const std::string& head) { return Answer(head); })) {
  roles_["targets"] = Common("targets", expires_);
  roles_["targets"]["targets"] = json::object();
  roles_["snapshot"] = Common("snapshot", expires_);
  roles_["snapshot"]["meta"] = json::object();
  roles_["timestamp"] = Common("timestamp", expires_);
  roles_["timestamp"]["meta"] = json::object();
  json::object& root = roles_["root"] = Common("root", expires_);
  root["consistent_snapshot"] = true;
  root["keys"] = json::object();
  root["roles"] = json::object();
  for (const char* role : kTopLevel) {
    root["roles"].as_object()[role] = RoleKeys();
    AddKey(role, SimulatorKey::Make(SimulatorKeyKind::kEcdsa));
  }
  Publish({"root", "targets", "snapshot", "timestamp"});
}

json::object& TufSimulator::KeysOf(const std::string& role) {
  return Role("root")["roles"].as_object()[role].as_object();
}

std::int64_t TufSimulator::VersionOf(const std::string& role) const {
  return roles_.at(role).at("version").to_number<std::int64_t>();
}

void TufSimulator::SetExpires(const std::string& role, Time expires) {
  Role(role)["expires"] = UtcText(expires);
}

void TufSimulator::ListKey(const std::string& role, const SimulatorKey& key) {
  Role("root")["keys"].as_object()[key.id()] = key.object;
  KeysOf(role)["keyids"].as_array().emplace_back(key.id());
}

void TufSimulator::AddKey(const std::string& role, const SimulatorKey& key) {
  ListKey(role, key);
  signers_[role].push_back(key);
}

void TufSimulator::RotateKeys(const std::string& role, int count) {
  KeysOf(role)["keyids"].as_array().clear();
  signers_[role].clear();
  for (int i = 0; i < count; ++i) {
    AddKey(role, SimulatorKey::Make(SimulatorKeyKind::kEcdsa));
  }
}

void TufSimulator::Delegate(const std::string& delegator, const std::string& role,
                            const std::vector<std::string>& paths, bool terminating) {
  json::object& from = Role(delegator);
  if (!from.contains("delegations")) {
    from["delegations"] = {{"keys", json::object()}, {"roles", json::array()}};
  }
  json::object& delegations = from["delegations"].as_object();
  if (signers_[role].empty()) {
    signers_[role].push_back(SimulatorKey::Make(SimulatorKeyKind::kEcdsa));
  }
  const SimulatorKey& key = signers_[role].front();
  delegations["keys"].as_object()[key.id()] = key.object;
  json::object entry = RoleKeys();
  entry["name"] = role;
  entry["keyids"] = {key.id()};
  entry["terminating"] = terminating;
  entry["paths"] = json::array(paths.begin(), paths.end());
  delegations["roles"].as_array().push_back(std::move(entry));
  if (!roles_.contains(role)) {
    roles_[role] = Common("targets", expires_);
    roles_[role]["targets"] = json::object();
  }
}

void TufSimulator::AddTarget(const std::string& role, const std::string& path,
                             const std::string& content) {
  json::object entry;
  entry["length"] = content.size();
  entry["hashes"] = HashObject(content);
  Role(role)["targets"].as_object()[path] = std::move(entry);
  targets_[PrefixedName(path, SimulatorSha256Hex(content))] = content;
  targets_[path] = content;
}

json::object& TufSimulator::TargetOf(const std::string& role, const std::string& path) {
  return Role(role)["targets"].as_object()[path].as_object();
}

std::string TufSimulator::Signed(const std::string& role) const {
  const json::object& part = roles_.at(role);
  const std::string canonical = SimulatorCanonical(part);
  json::array signatures;
  const auto found = signers_.find(role);
  if (found != signers_.end()) {
    for (const SimulatorKey& key : found->second) {
      signatures.push_back({{"keyid", key.id()}, {"sig", key.Sign(canonical)}});
    }
  }
  json::object file;
  file["signatures"] = std::move(signatures);
  file["signed"] = part;
  return json::serialize(file);
}

json::object TufSimulator::FileEntry(const std::string& role) const {
  json::object entry;
  entry["version"] = VersionOf(role);
  if (file_hashes_ == FileHashes::kYes) {
    entry["length"] = published_.at(role).size();
    entry["hashes"] = HashObject(published_.at(role));
  }
  return entry;
}

void TufSimulator::PublishAsIs(const std::string& role) {
  const std::string bytes = Signed(role);
  published_[role] = bytes;
  metadata_[Quote(role) + ".json"] = bytes;
  if (role != "timestamp") {
    metadata_[std::to_string(VersionOf(role)) + "." + Quote(role) + ".json"] = bytes;
  }
  if (role == "targets" || !IsTopLevel(role)) {
    Role("snapshot")["meta"].as_object()[role + ".json"] = FileEntry(role);
  }
  if (role == "snapshot") {
    Role("timestamp")["meta"].as_object()["snapshot.json"] = FileEntry(role);
  }
}

void TufSimulator::Publish(const std::vector<std::string>& roles) {
  for (const std::string& role : roles) {
    if (published_.contains(role)) {
      Role(role)["version"] = VersionOf(role) + 1;
    }
    PublishAsIs(role);
  }
}

std::vector<std::string> TufSimulator::TakeRequests() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(requests_, {});
}

std::string TufSimulator::Answer(const std::string& head) {
  const std::scoped_lock lock(mutex_);
  const std::string prefix = std::string("/") + kPrefix;
  const std::string path = RequestedPath(head);
  if (!path.starts_with(prefix)) {
    requests_.push_back("?" + head.substr(0, head.find('\r')));
    return "HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n";
  }
  const std::string asked = path.substr(prefix.size());
  requests_.push_back(asked);
  const std::size_t slash = asked.find('/');
  const auto& files = asked.starts_with("metadata/") ? metadata_ : targets_;
  const auto found = files.find(asked.substr(slash + 1));
  if (found == files.end()) {
    return "HTTP/1.0 404 Not Found\r\nContent-Type: text/html\r\n\r\n<p>none</p>";
  }
  return "HTTP/1.0 200 OK\r\nContent-Length: " + std::to_string(found->second.size()) + "\r\n\r\n" +
         found->second;
}

}  // namespace flotilla
