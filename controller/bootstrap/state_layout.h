#ifndef FLOTILLA_CONTROLLER_BOOTSTRAP_STATE_LAYOUT_H_
#define FLOTILLA_CONTROLLER_BOOTSTRAP_STATE_LAYOUT_H_

#include <filesystem>

namespace flotilla::controller {

// Where things are in a controller's state folder.
struct StateLayout {
  std::filesystem::path state_dir;

  std::filesystem::path ca_certificate() const { return state_dir / "ca" / "ca.crt"; }
  std::filesystem::path ca_key() const { return state_dir / "ca" / "ca.key"; }
  // Leaf first, the authority last.
  std::filesystem::path server_chain() const { return state_dir / "tls" / "server.crt"; }
  std::filesystem::path server_key() const { return state_dir / "tls" / "server.key"; }
  // Keys of snapshot and timestamp: <role>.key, <role>-2.key, ... each with its .pub.
  std::filesystem::path online_keys() const { return state_dir / "online-keys"; }
  std::filesystem::path snapshot_key() const { return state_dir / "online-keys" / "snapshot.key"; }
  std::filesystem::path snapshot_pub() const { return state_dir / "online-keys" / "snapshot.pub"; }
  std::filesystem::path timestamp_key() const {
    return state_dir / "online-keys" / "timestamp.key";
  }
  std::filesystem::path timestamp_pub() const {
    return state_dir / "online-keys" / "timestamp.pub";
  }
  // What the first operator takes to his machine: ca.crt, operator.crt, operator.key.
  std::filesystem::path operator_dir() const { return state_dir / "operator"; }
  std::filesystem::path repository() const { return state_dir / "repo"; }
  std::filesystem::path blobs() const { return repository() / "blobs"; }
  std::filesystem::path database() const { return state_dir / "fleet.db"; }
  // The leader of private health: its keys and stores.
  std::filesystem::path health() const { return state_dir / "health"; }
  std::filesystem::path listeners() const { return state_dir / "listeners.json"; }
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_BOOTSTRAP_STATE_LAYOUT_H_
