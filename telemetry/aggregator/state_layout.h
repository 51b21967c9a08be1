#ifndef FLOTILLA_TELEMETRY_AGGREGATOR_STATE_LAYOUT_H_
#define FLOTILLA_TELEMETRY_AGGREGATOR_STATE_LAYOUT_H_

#include <filesystem>

namespace flotilla::telemetry {

// Where things are in an aggregator's state folder.
struct StateLayout {
  std::filesystem::path state_dir;

  std::filesystem::path lock() const { return state_dir / "lock"; }
  std::filesystem::path database() const { return state_dir / "aggregator.db"; }
  // What devices pin: an Ed25519 key that signs the sealing keys and nothing else.
  std::filesystem::path identity_key() const { return state_dir / "identity.key"; }
  std::filesystem::path sealing_keys() const { return state_dir / "sealing.keys"; }
  // Issues the server's certificate and the leader's, no other.
  std::filesystem::path ca_certificate() const { return state_dir / "ca" / "ca.crt"; }
  std::filesystem::path ca_key() const { return state_dir / "ca" / "ca.key"; }
  // Leaf first, the authority last.
  std::filesystem::path server_chain() const { return state_dir / "tls" / "server.crt"; }
  std::filesystem::path server_key() const { return state_dir / "tls" / "server.key"; }
  std::filesystem::path listener() const { return state_dir / "listener.json"; }
};

}  // namespace flotilla::telemetry

#endif  // FLOTILLA_TELEMETRY_AGGREGATOR_STATE_LAYOUT_H_
