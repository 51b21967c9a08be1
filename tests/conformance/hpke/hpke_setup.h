// The part of an HPKE vector that stands before its messages.
#ifndef FLOTILLA_TESTS_CONFORMANCE_HPKE_HPKE_SETUP_H_
#define FLOTILLA_TESTS_CONFORMANCE_HPKE_HPKE_SETUP_H_

#include <optional>
#include <string>

#include <boost/json/object.hpp>

#include "base/bytes.h"
#include "base/status.h"
#include "security/hpke.h"

namespace flotilla::conformance {

struct HpkeSetup {
  Bytes info;
  security::HpkeKeyPair receiver;
  security::Encapsulated agreed;
  security::HpkeKeys keys;
};

// INVALID_ARGUMENT: mode, kem_id, kdf_id or aead_id is missing.
StatusOr<bool> IsOurSuite(const boost::json::object& entry);
// Computes the setup from both private keys (and their ikm, when present) and compares every value
// that the entry has.
StatusOr<HpkeSetup> SetUp(const boost::json::object& entry);
// The sender as the product starts it, its random bytes being ikmE; none without ikmE.
StatusOr<std::optional<security::HpkeSender>> StartSender(const boost::json::object& entry,
                                                          const HpkeSetup& setup);
// DATA_LOSS naming `what` when they differ.
Status Same(const std::string& what, ByteView got, ByteView want);

}  // namespace flotilla::conformance

#endif  // FLOTILLA_TESTS_CONFORMANCE_HPKE_HPKE_SETUP_H_
