#include <cstddef>
#include <cstdint>
#include <cstring>

#include <memory>
#include <string>
#include <string_view>

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "security/tpm2/provider_parts.h"

namespace flotilla::security::tpm2 {
namespace {

constexpr const char* kGroup = "prime256v1";
constexpr int kBits = 256;
constexpr int kSecurityBits = 128;

bool Wants(int selection, int part) {
  return (selection & part) != 0;
}

void* NewKey(void* /*state*/) {
  return new Key();
}

void FreeKey(void* key) {
  delete static_cast<Key*>(key);
}

// `reference` is what DecodePem made.
void* TakeKey(const void* reference, std::size_t size) {
  if (size != kReferenceSize) {
    return nullptr;
  }
  Key* key = nullptr;
  std::memcpy(static_cast<void*>(&key), reference, kReferenceSize);
  return std::make_unique<Key>(*key).release();
}

int HasParts(const void* data, int selection) {
  const auto* key = static_cast<const Key*>(data);
  const bool lacks_private =
      Wants(selection, OSSL_KEYMGMT_SELECT_PRIVATE_KEY) && key->held == nullptr;
  const bool lacks_public = Wants(selection, OSSL_KEYMGMT_SELECT_PUBLIC_KEY) && key->point.empty();
  return lacks_private || lacks_public ? 0 : 1;
}

int MatchKeys(const void* a, const void* b, int /*selection*/) {
  return static_cast<const Key*>(a)->point == static_cast<const Key*>(b)->point ? 1 : 0;
}

int GetKeyParams(void* data, OSSL_PARAM* params) {
  const auto* key = static_cast<const Key*>(data);
  const bool done = SetNumber(params, OSSL_PKEY_PARAM_BITS, kBits) == 1 &&
                    SetNumber(params, OSSL_PKEY_PARAM_SECURITY_BITS, kSecurityBits) == 1 &&
                    SetNumber(params, OSSL_PKEY_PARAM_MAX_SIZE, kMaxSignature) == 1 &&
                    SetText(params, OSSL_PKEY_PARAM_GROUP_NAME, kGroup) == 1 &&
                    SetText(params, OSSL_PKEY_PARAM_DEFAULT_DIGEST, "SHA256") == 1 &&
                    SetOctets(params, OSSL_PKEY_PARAM_PUB_KEY, key->point) == 1 &&
                    SetOctets(params, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, key->point) == 1;
  return done ? 1 : 0;
}

const OSSL_PARAM* KeyParams(void* /*state*/) {
  static const OSSL_PARAM params[] = {
      OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, nullptr),
      OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, nullptr),
      OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, nullptr),
      OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, nullptr, 0),
      OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, nullptr, 0),
      OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, nullptr, 0),
      OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, nullptr, 0),
      OSSL_PARAM_END};
  return params;
}

const OSSL_PARAM* CarriedParams(int /*selection*/) {
  static const OSSL_PARAM params[] = {
      OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, nullptr, 0),
      OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, nullptr, 0), OSSL_PARAM_END};
  return params;
}

// A public key from another provider, to be compared with one of ours.
int ImportKey(void* data, int selection, const OSSL_PARAM params[]) {
  auto* key = static_cast<Key*>(data);
  const OSSL_PARAM* point = OSSL_PARAM_locate_const(params, OSSL_PKEY_PARAM_PUB_KEY);
  const OSSL_PARAM* group = OSSL_PARAM_locate_const(params, OSSL_PKEY_PARAM_GROUP_NAME);
  const void* bytes = nullptr;
  std::size_t size = 0;
  const char* name = nullptr;
  if (!Wants(selection, OSSL_KEYMGMT_SELECT_PUBLIC_KEY) || point == nullptr || group == nullptr ||
      OSSL_PARAM_get_octet_string_ptr(point, &bytes, &size) != 1 || size != kPointBytes ||
      OSSL_PARAM_get_utf8_string_ptr(group, &name) != 1 || std::string_view(name) != kGroup) {
    return 0;
  }
  const auto* begin = static_cast<const std::uint8_t*>(bytes);
  key->point.assign(begin, begin + size);
  return 1;
}

// The public half; asked for the private one, it says no, and OpenSSL then signs here.
int ExportKey(void* data, int selection, OSSL_CALLBACK* take, void* argument) {
  auto* key = static_cast<Key*>(data);
  if (Wants(selection, OSSL_KEYMGMT_SELECT_PRIVATE_KEY)) {
    return 0;
  }
  std::string group = kGroup;
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size()),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, key->point.data(),
                                        key->point.size()),
      OSSL_PARAM_construct_end()};
  return take(params, argument);
}

const char* OperationName(int operation) {
  return operation == OSSL_OP_SIGNATURE ? "ECDSA" : "EC";
}

}  // namespace

int SetNumber(OSSL_PARAM* params, const char* name, int value) {
  OSSL_PARAM* param = OSSL_PARAM_locate(params, name);
  return param == nullptr || OSSL_PARAM_set_int(param, value) == 1 ? 1 : 0;
}

int SetText(OSSL_PARAM* params, const char* name, const char* value) {
  OSSL_PARAM* param = OSSL_PARAM_locate(params, name);
  return param == nullptr || OSSL_PARAM_set_utf8_string(param, value) == 1 ? 1 : 0;
}

int SetOctets(OSSL_PARAM* params, const char* name, ByteView value) {
  OSSL_PARAM* param = OSSL_PARAM_locate(params, name);
  return param == nullptr || OSSL_PARAM_set_octet_string(param, value.data(), value.size()) == 1
             ? 1
             : 0;
}

const OSSL_ALGORITHM* KeyTable() {
  static const OSSL_DISPATCH functions[] = {
      Entry(OSSL_FUNC_KEYMGMT_NEW, &NewKey),
      Entry(OSSL_FUNC_KEYMGMT_FREE, &FreeKey),
      Entry(OSSL_FUNC_KEYMGMT_LOAD, &TakeKey),
      Entry(OSSL_FUNC_KEYMGMT_HAS, &HasParts),
      Entry(OSSL_FUNC_KEYMGMT_MATCH, &MatchKeys),
      Entry(OSSL_FUNC_KEYMGMT_GET_PARAMS, &GetKeyParams),
      Entry(OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, &KeyParams),
      Entry(OSSL_FUNC_KEYMGMT_IMPORT, &ImportKey),
      Entry(OSSL_FUNC_KEYMGMT_IMPORT_TYPES, &CarriedParams),
      Entry(OSSL_FUNC_KEYMGMT_EXPORT, &ExportKey),
      Entry(OSSL_FUNC_KEYMGMT_EXPORT_TYPES, &CarriedParams),
      Entry(OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, &OperationName),
      {0, nullptr}};
  static const OSSL_ALGORITHM table[] = {{kEcNames, kProperties, functions, nullptr},
                                         {nullptr, nullptr, nullptr, nullptr}};
  return table;
}

}  // namespace flotilla::security::tpm2
