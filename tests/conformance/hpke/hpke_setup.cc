#include "tests/conformance/hpke/hpke_setup.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/random.h"
#include "security/hpke/labeled_hkdf.h"
#include "tests/conformance/vectors/vector_folder.h"

namespace flotilla::conformance {
namespace {

using security::HpkeKeyPair;

// Gives out its bytes once, then zeros.
class FixedRandom final : public Random {
 public:
  explicit FixedRandom(Bytes bytes) : bytes_(std::move(bytes)) {}
  void Fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) {
      byte = next_ < bytes_.size() ? bytes_[next_] : std::uint8_t{0};
      ++next_;
    }
  }
  bool spent() const { return next_ == bytes_.size(); }

 private:
  Bytes bytes_;
  std::size_t next_ = 0;
};

// Compares when the entry has the field.
Status CheckField(const boost::json::object& entry, std::string_view name, ByteView got) {
  if (!entry.contains(name)) {
    return OkStatus();
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes want, HexField(entry, name));
  return Same(std::string(name), got, want);
}

// "E" and "R": the pair of sk<party>m, or of ikm<party> alone; all three fields are compared.
StatusOr<HpkeKeyPair> PairOf(const boost::json::object& entry, const std::string& party) {
  const std::string ikm_name = "ikm" + party;
  const std::string private_name = "sk" + party + "m";
  HpkeKeyPair pair;
  if (entry.contains(private_name)) {
    FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, HexField(entry, private_name));
    FLOTILLA_ASSIGN_OR_RETURN(pair, security::HpkeKeyPairOf(bytes));
  }
  if (entry.contains(ikm_name)) {
    FLOTILLA_ASSIGN_OR_RETURN(const Bytes ikm, HexField(entry, ikm_name));
    FLOTILLA_ASSIGN_OR_RETURN(pair, security::DeriveHpkeKeyPair(ikm));
  }
  if (pair.private_key.size() == 0) {
    return InvalidArgument(private_name + " and " + ikm_name + " are missing");
  }
  FLOTILLA_RETURN_IF_ERROR(CheckField(entry, private_name, pair.private_key.view()));
  FLOTILLA_RETURN_IF_ERROR(CheckField(entry, "pk" + party + "m", pair.public_key));
  return pair;
}

Status CheckAgreement(const boost::json::object& entry, const HpkeSetup& setup) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto decapsulated,
                            security::Decapsulate(setup.agreed.enc, setup.receiver));
  FLOTILLA_RETURN_IF_ERROR(Same("Decap", decapsulated.view(), setup.agreed.shared_secret.view()));
  FLOTILLA_RETURN_IF_ERROR(CheckField(entry, "enc", setup.agreed.enc));
  return CheckField(entry, "shared_secret", setup.agreed.shared_secret.view());
}

Status CheckKeys(const boost::json::object& entry, const HpkeSetup& setup) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes context, security::HpkeKeyScheduleContext(setup.info));
  FLOTILLA_RETURN_IF_ERROR(CheckField(entry, "key_schedule_context", context));
  FLOTILLA_RETURN_IF_ERROR(CheckField(entry, "key", setup.keys.key.view()));
  FLOTILLA_RETURN_IF_ERROR(CheckField(entry, "base_nonce", setup.keys.base_nonce.view()));
  return CheckField(entry, "exporter_secret", setup.keys.exporter_secret.view());
}

}  // namespace

Status Same(const std::string& what, ByteView got, ByteView want) {
  if (!std::equal(got.begin(), got.end(), want.begin(), want.end())) {
    return DataLoss(what + " is " + HexEncode(got) + ", not " + HexEncode(want));
  }
  return OkStatus();
}

StatusOr<bool> IsOurSuite(const boost::json::object& entry) {
  const std::array<std::pair<std::string_view, int>, 4> suite = {
      {{"mode", security::kHpkeModeBase},
       {"kem_id", security::kHpkeKemX25519HkdfSha256},
       {"kdf_id", security::kHpkeKdfHkdfSha256},
       {"aead_id", security::kHpkeAeadAes128Gcm}}};
  bool ours = true;
  for (const auto& [name, id] : suite) {
    FLOTILLA_ASSIGN_OR_RETURN(const std::string digits, DigitsField(entry, name));
    ours = ours && digits == std::to_string(id);
  }
  return ours;
}

StatusOr<HpkeSetup> SetUp(const boost::json::object& entry) {
  HpkeSetup setup;
  FLOTILLA_ASSIGN_OR_RETURN(setup.info, HexField(entry, "info"));
  FLOTILLA_ASSIGN_OR_RETURN(setup.receiver, PairOf(entry, "R"));
  FLOTILLA_ASSIGN_OR_RETURN(const HpkeKeyPair ephemeral, PairOf(entry, "E"));
  FLOTILLA_ASSIGN_OR_RETURN(setup.agreed,
                            security::Encapsulate(ephemeral, setup.receiver.public_key));
  FLOTILLA_RETURN_IF_ERROR(CheckAgreement(entry, setup));
  FLOTILLA_ASSIGN_OR_RETURN(setup.keys,
                            security::HpkeKeySchedule(setup.agreed.shared_secret, setup.info));
  FLOTILLA_RETURN_IF_ERROR(CheckKeys(entry, setup));
  return setup;
}

StatusOr<std::optional<security::HpkeSender>> StartSender(const boost::json::object& entry,
                                                          const HpkeSetup& setup) {
  std::optional<security::HpkeSender> none;
  if (!entry.contains("ikmE")) {
    return none;
  }
  FLOTILLA_ASSIGN_OR_RETURN(Bytes ikm, HexField(entry, "ikmE"));
  if (ikm.size() != security::kX25519KeyBytes) {
    return none;
  }
  FixedRandom random(std::move(ikm));
  FLOTILLA_ASSIGN_OR_RETURN(
      security::HpkeSender sender,
      security::HpkeSender::Start(setup.receiver.public_key, setup.info, random));
  if (!random.spent()) {
    return Internal("the sender took another number of random bytes than 32");
  }
  FLOTILLA_RETURN_IF_ERROR(Same("enc of the sender", sender.enc(), setup.agreed.enc));
  return std::optional<security::HpkeSender>(std::move(sender));
}

}  // namespace flotilla::conformance
