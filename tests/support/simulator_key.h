// Keys of the repository simulator, made and used by OpenSSL directly: a second opinion on what the
// product's own encoder and verifier make of metadata.
#ifndef FLOTILLA_TESTS_SUPPORT_SIMULATOR_KEY_H_
#define FLOTILLA_TESTS_SUPPORT_SIMULATOR_KEY_H_

#include <memory>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

struct evp_pkey_st;

namespace flotilla {

enum class SimulatorKeyKind { kUnspecified = 0, kEd25519, kEcdsa, kRsaPss };

// Copies share the private key, and each has its own `object`.
class SimulatorKey {
 public:
  static SimulatorKey Make(SimulatorKeyKind kind);

  // What metadata says of it; a test may add fields. id() follows.
  boost::json::object object;
  // SHA-256 of the canonical object, hex.
  std::string id() const;
  // Hex.
  std::string Sign(const std::string& message) const;

 private:
  std::shared_ptr<evp_pkey_st> key_;
  SimulatorKeyKind kind_ = SimulatorKeyKind::kUnspecified;
};

// OLPC canonical JSON, written apart from the product's.
std::string SimulatorCanonical(const boost::json::value& value);
std::string SimulatorSha256Hex(const std::string& bytes);
std::string SimulatorSha512Hex(const std::string& bytes);

}  // namespace flotilla

#endif  // FLOTILLA_TESTS_SUPPORT_SIMULATOR_KEY_H_
