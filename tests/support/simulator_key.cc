#include "tests/support/simulator_key.h"

#include <array>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/bytes.h"

namespace flotilla {
namespace {

namespace json = boost::json;

constexpr std::size_t kRsaBits = 2048;

void Require(bool good) {
  if (!good) {
    std::abort();
  }
}

std::string PublicPem(EVP_PKEY* key) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
  Require(PEM_write_bio_PUBKEY(memory.get(), key) == 1);
  char* data = nullptr;
  const auto length = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(length)};
}

std::string RawHex(EVP_PKEY* key) {
  std::array<unsigned char, 32> raw{};
  std::size_t length = raw.size();
  Require(EVP_PKEY_get_raw_public_key(key, raw.data(), &length) == 1);
  return HexEncode(ByteView(raw.data(), length));
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
    }
    quoted += c;
  }
  return quoted + "\"";
}

std::string HashHex(const std::string& bytes, const EVP_MD* kind) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  Require(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, kind, nullptr) == 1);
  return HexEncode(ByteView(digest.data(), length));
}

}  // namespace

SimulatorKey SimulatorKey::Make(SimulatorKeyKind kind) {
  SimulatorKey made;
  made.kind_ = kind;
  std::string keytype = "ed25519";
  std::string scheme = "ed25519";
  EVP_PKEY* key = nullptr;
  if (kind == SimulatorKeyKind::kEcdsa) {
    key = EVP_EC_gen("P-256");
    keytype = "ecdsa";
    scheme = "ecdsa-sha2-nistp256";
  } else if (kind == SimulatorKeyKind::kRsaPss) {
    key = EVP_RSA_gen(kRsaBits);
    keytype = "rsa";
    scheme = "rsassa-pss-sha256";
  } else {
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  }
  Require(key != nullptr);
  made.key_.reset(key, EVP_PKEY_free);
  json::object value;
  value["public"] = kind == SimulatorKeyKind::kEd25519 ? RawHex(key) : PublicPem(key);
  made.object["keytype"] = keytype;
  made.object["scheme"] = scheme;
  made.object["keyval"] = std::move(value);
  return made;
}

std::string SimulatorKey::id() const {
  return SimulatorSha256Hex(SimulatorCanonical(object));
}

std::string SimulatorKey::Sign(const std::string& message) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  EVP_PKEY_CTX* key_context = nullptr;
  const EVP_MD* hash = kind_ == SimulatorKeyKind::kEd25519 ? nullptr : EVP_sha256();
  Require(EVP_DigestSignInit(context.get(), &key_context, hash, nullptr, key_.get()) == 1);
  if (kind_ == SimulatorKeyKind::kRsaPss) {
    Require(EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) == 1 &&
            EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST) == 1);
  }
  const auto* data = reinterpret_cast<const unsigned char*>(message.data());
  std::size_t length = 0;
  Require(EVP_DigestSign(context.get(), nullptr, &length, data, message.size()) == 1);
  Bytes signature(length);
  Require(EVP_DigestSign(context.get(), signature.data(), &length, data, message.size()) == 1);
  signature.resize(length);
  return HexEncode(signature);
}

std::string CanonicalArray(const json::array& array) {
  std::string out;
  for (const json::value& element : array) {
    out += (out.empty() ? "" : ",") + SimulatorCanonical(element);
  }
  return "[" + out + "]";
}

std::string CanonicalObject(const json::object& object) {
  std::map<std::string, std::string> members;
  for (const auto& member : object) {
    members[std::string(member.key())] = SimulatorCanonical(member.value());
  }
  std::string out;
  for (const auto& [name, text] : members) {
    out += (out.empty() ? "" : ",") + Quoted(name) + ":" + text;
  }
  return "{" + out + "}";
}

std::string SimulatorCanonical(const json::value& value) {
  if (const auto* text = value.if_string()) {
    return Quoted(*text);
  }
  if (const auto* array = value.if_array()) {
    return CanonicalArray(*array);
  }
  if (const auto* object = value.if_object()) {
    return CanonicalObject(*object);
  }
  if (value.is_bool()) {
    return value.get_bool() ? "true" : "false";
  }
  return value.is_null() ? "null" : std::to_string(value.to_number<std::int64_t>());
}

std::string SimulatorSha256Hex(const std::string& bytes) {
  return HashHex(bytes, EVP_sha256());
}

std::string SimulatorSha512Hex(const std::string& bytes) {
  return HashHex(bytes, EVP_sha512());
}

}  // namespace flotilla
