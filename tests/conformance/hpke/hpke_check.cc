#include "tests/conformance/hpke/hpke_check.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include "absl/strings/numbers.h"

#include "base/bytes.h"
#include "base/random.h"
#include "security/hpke.h"
#include "security/hpke/aes_gcm.h"
#include "security/hpke/labeled_hkdf.h"
#include "tests/conformance/hpke/hpke_setup.h"

namespace flotilla::conformance {
namespace {

using security::HpkeReceiver;
using security::HpkeSender;

constexpr std::uint64_t kMaxSequence = std::uint64_t{1} << 16U;

struct Encryption {
  std::uint64_t sequence = 0;
  Bytes aad;
  Bytes plaintext;
  Bytes nonce;
  Bytes ciphertext;
};

// The vectors of the RFC's authors do not number their encryptions: the nonce does.
StatusOr<std::uint64_t> SequenceOf(const Bytes& nonce, ByteView base_nonce) {
  if (nonce.size() != base_nonce.size()) {
    return InvalidArgument("the nonce is not 12 bytes");
  }
  std::uint64_t sequence = 0;
  for (std::size_t i = 0; i < nonce.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(nonce[i] ^ base_nonce[i]);
    if (i + sizeof(sequence) < nonce.size() && byte != 0) {
      return InvalidArgument("the nonce is not of this key schedule");
    }
    sequence = sequence << 8U | byte;
  }
  if (sequence > kMaxSequence) {
    return InvalidArgument("the nonce is not of this key schedule, or of a very late message");
  }
  return sequence;
}

StatusOr<Encryption> ReadEncryption(const boost::json::value& value, ByteView base_nonce) {
  const boost::json::object* const object = value.if_object();
  if (object == nullptr) {
    return InvalidArgument("an encryption is no object");
  }
  Encryption encryption;
  FLOTILLA_ASSIGN_OR_RETURN(encryption.aad, HexField(*object, "aad"));
  FLOTILLA_ASSIGN_OR_RETURN(encryption.plaintext,
                            HexField(*object, object->contains("pt") ? "pt" : "plaintext"));
  FLOTILLA_ASSIGN_OR_RETURN(encryption.nonce, HexField(*object, "nonce"));
  FLOTILLA_ASSIGN_OR_RETURN(encryption.ciphertext,
                            HexField(*object, object->contains("ct") ? "ct" : "ciphertext"));
  FLOTILLA_ASSIGN_OR_RETURN(encryption.sequence, SequenceOf(encryption.nonce, base_nonce));
  if (object->contains("sequence_number")) {
    FLOTILLA_ASSIGN_OR_RETURN(const std::string digits, DigitsField(*object, "sequence_number"));
    if (digits != std::to_string(encryption.sequence)) {
      return InvalidArgument("sequence_number " + digits + " has another nonce");
    }
  }
  return encryption;
}

StatusOr<std::vector<Encryption>> ReadEncryptions(const boost::json::object& entry,
                                                  ByteView base_nonce) {
  std::vector<Encryption> encryptions;
  const boost::json::value* const list = entry.if_contains("encryptions");
  if (list == nullptr) {
    return encryptions;
  }
  if (!list->is_array()) {
    return InvalidArgument("encryptions is no array");
  }
  for (const boost::json::value& value : list->get_array()) {
    FLOTILLA_ASSIGN_OR_RETURN(Encryption encryption, ReadEncryption(value, base_nonce));
    encryptions.push_back(std::move(encryption));
  }
  std::sort(encryptions.begin(), encryptions.end(),
            [](const auto& a, const auto& b) { return a.sequence < b.sequence; });
  return encryptions;
}

// Brings both contexts to message `sequence`, with empty messages.
Status AdvanceTo(std::uint64_t sequence, const HpkeSetup& setup, std::optional<HpkeSender>& sender,
                 HpkeReceiver& receiver) {
  while (receiver.sequence_number() < sequence) {
    FLOTILLA_ASSIGN_OR_RETURN(
        const Bytes filler,
        security::AesGcmSeal(setup.keys.key.view(),
                             HpkeNonce(setup.keys, receiver.sequence_number()), {}, {}));
    FLOTILLA_RETURN_IF_ERROR(receiver.Open({}, filler).status());
    if (sender.has_value()) {
      FLOTILLA_RETURN_IF_ERROR(sender->Seal({}, {}).status());
    }
  }
  return OkStatus();
}

Status CheckEncryption(const Encryption& want, const HpkeSetup& setup,
                       std::optional<HpkeSender>& sender, HpkeReceiver& receiver) {
  const std::string name = "encryption " + std::to_string(want.sequence);
  const Bytes nonce = HpkeNonce(setup.keys, want.sequence);
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes sealed, security::AesGcmSeal(setup.keys.key.view(), nonce,
                                                                     want.aad, want.plaintext));
  FLOTILLA_RETURN_IF_ERROR(Same(name + ", nonce", nonce, want.nonce));
  FLOTILLA_RETURN_IF_ERROR(Same(name + ", ct", sealed, want.ciphertext));
  FLOTILLA_RETURN_IF_ERROR(AdvanceTo(want.sequence, setup, sender, receiver));
  if (sender.has_value()) {
    FLOTILLA_ASSIGN_OR_RETURN(const Bytes sent, sender->Seal(want.aad, want.plaintext));
    FLOTILLA_RETURN_IF_ERROR(Same(name + ", ct of the sender", sent, want.ciphertext));
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes opened, receiver.Open(want.aad, want.ciphertext));
  return Same(name + ", pt", opened, want.plaintext);
}

Status CheckExport(const boost::json::value& value, const std::optional<HpkeSender>& sender,
                   const HpkeReceiver& receiver) {
  const boost::json::object* const object = value.if_object();
  if (object == nullptr) {
    return InvalidArgument("an export is no object");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes context, HexField(*object, "exporter_context"));
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes want, HexField(*object, "exported_value"));
  FLOTILLA_ASSIGN_OR_RETURN(const std::string digits, DigitsField(*object, "L"));
  std::size_t length = 0;
  if (!absl::SimpleAtoi(digits, &length)) {
    return InvalidArgument("L is too large");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const auto got, receiver.Export(context, length));
  FLOTILLA_RETURN_IF_ERROR(Same("exported_value", got.view(), want));
  if (sender.has_value()) {
    FLOTILLA_ASSIGN_OR_RETURN(const auto sent, sender->Export(context, length));
    FLOTILLA_RETURN_IF_ERROR(Same("exported_value of the sender", sent.view(), want));
  }
  return OkStatus();
}

Status CheckExports(const boost::json::object& entry, const std::optional<HpkeSender>& sender,
                    const HpkeReceiver& receiver) {
  const boost::json::value* const list = entry.if_contains("exports");
  if (list == nullptr) {
    return OkStatus();
  }
  if (!list->is_array()) {
    return InvalidArgument("exports is no array");
  }
  for (const boost::json::value& value : list->get_array()) {
    FLOTILLA_RETURN_IF_ERROR(CheckExport(value, sender, receiver));
  }
  return OkStatus();
}

Status CheckEntry(const boost::json::object& entry) {
  FLOTILLA_ASSIGN_OR_RETURN(HpkeSetup setup, SetUp(entry));
  FLOTILLA_ASSIGN_OR_RETURN(std::optional<HpkeSender> sender, StartSender(entry, setup));
  FLOTILLA_ASSIGN_OR_RETURN(HpkeReceiver receiver,
                            HpkeReceiver::Start(setup.agreed.enc, setup.receiver, setup.info));
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<Encryption> encryptions,
                            ReadEncryptions(entry, setup.keys.base_nonce.view()));
  for (const Encryption& encryption : encryptions) {
    FLOTILLA_RETURN_IF_ERROR(CheckEncryption(encryption, setup, sender, receiver));
  }
  return CheckExports(entry, sender, receiver);
}

}  // namespace

VectorResult CheckHpkeEntry(const boost::json::object& entry) {
  const StatusOr<bool> ours = IsOurSuite(entry);
  if (!ours.ok()) {
    return Failed(MessageOf(ours.status()));
  }
  if (!*ours) {
    return Skipped("another mode or suite");
  }
  const Status status = CheckEntry(entry);
  return status.ok() ? Passed() : Failed(MessageOf(status));
}

}  // namespace flotilla::conformance
