#include "security/tpm2/tpm2_provider.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <array>
#include <mutex>
#include <string_view>
#include <utility>

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include "security/openssl_ptr.h"
#include "security/sha256.h"

namespace flotilla::security {
namespace {

constexpr const char* kName = "flotilla-tpm2";
constexpr const char* kProperties = "provider=flotilla-tpm2";
constexpr const char* kDecoderProperties = "provider=flotilla-tpm2,input=pem";
// As OpenSSL's own provider names the kind.
constexpr const char* kEcNames = "EC:id-ecPublicKey:1.2.840.10045.2.1";
constexpr const char* kGroup = "prime256v1";
constexpr int kBits = 256;
constexpr int kSecurityBits = 128;
constexpr int kMaxSignature = 72;
constexpr std::size_t kPointBytes = 65;  // uncompressed; the last part of a P-256 SPKI
constexpr std::size_t kMaxPemBytes = std::size_t{64} * 1024;
constexpr std::array<unsigned char, 12> kEcdsaSha256Der = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                                           0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};

// What OpenSSL calls the provider's context.
struct State {
  std::mutex mutex;
  std::shared_ptr<Tpm2Context> context;
  OSSL_FUNC_BIO_read_ex_fn* read = nullptr;
};

struct Key {
  Bytes point;
  std::shared_ptr<Tpm2Key> held;  // null: the public half alone
};

struct Signing {
  std::shared_ptr<Tpm2Key> key;
  Sha256Hasher hasher;
};

// OpenSSL's tables hold functions of all signatures under one type.
template <typename Function>
constexpr OSSL_DISPATCH Entry(int id, Function* function) {
  return {id, reinterpret_cast<void (*)()>(function)};
}

bool Wants(int selection, int part) {
  return (selection & part) != 0;
}

// ---- keys

void* NewKey(void* /*state*/) {
  return new Key();
}

void FreeKey(void* key) {
  delete static_cast<Key*>(key);
}

// `reference` is what DecodePem made.
void* TakeKey(const void* reference, std::size_t size) {
  if (size != sizeof(Key*)) {
    return nullptr;
  }
  Key* key = nullptr;
  std::memcpy(static_cast<void*>(&key), reference, sizeof key);
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
  static const OSSL_PARAM kParams[] = {
      OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, nullptr),
      OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, nullptr),
      OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, nullptr),
      OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, nullptr, 0),
      OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, nullptr, 0),
      OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, nullptr, 0),
      OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, nullptr, 0),
      OSSL_PARAM_END};
  return kParams;
}

const OSSL_PARAM* CarriedParams(int /*selection*/) {
  static const OSSL_PARAM kParams[] = {
      OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, nullptr, 0),
      OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, nullptr, 0), OSSL_PARAM_END};
  return kParams;
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

// ---- signatures

void* NewSigning(void* /*state*/, const char* /*properties*/) {
  return new Signing();
}

void FreeSigning(void* signing) {
  delete static_cast<Signing*>(signing);
}

int BeginSigning(void* data, const char* digest, void* key, const OSSL_PARAM /*params*/[]) {
  auto* signing = static_cast<Signing*>(data);
  if (key != nullptr) {
    signing->key = static_cast<Key*>(key)->held;
  }
  signing->hasher = Sha256Hasher();
  const std::string_view name = digest == nullptr ? "SHA256" : digest;
  const bool known =
      name == "SHA256" || name == "SHA2-256" || name == "SHA-256" || name == "sha256";
  return signing->key != nullptr && known ? 1 : 0;
}

int AddBytes(void* data, const unsigned char* bytes, std::size_t size) {
  static_cast<Signing*>(data)->hasher.Update({bytes, size});
  return 1;
}

int EndSigning(void* data, unsigned char* out, std::size_t* length, std::size_t size) {
  auto* signing = static_cast<Signing*>(data);
  if (out == nullptr) {
    *length = kMaxSignature;
    return 1;
  }
  const StatusOr<Bytes> signature = signing->key->SignDigest(signing->hasher.Finish().bytes());
  if (!signature.ok() || signature->size() > size) {
    return 0;
  }
  std::memcpy(out, signature->data(), signature->size());
  *length = signature->size();
  return 1;
}

int SignBytes(void* data, unsigned char* out, std::size_t* length, std::size_t size,
              const unsigned char* bytes, std::size_t count) {
  if (out != nullptr) {
    AddBytes(data, bytes, count);
  }
  return EndSigning(data, out, length, size);
}

int GetSigningParams(void* /*signing*/, OSSL_PARAM* params) {
  return SetOctets(params, OSSL_SIGNATURE_PARAM_ALGORITHM_ID, kEcdsaSha256Der) == 1 &&
                 SetText(params, OSSL_SIGNATURE_PARAM_DIGEST, "SHA256") == 1
             ? 1
             : 0;
}

const OSSL_PARAM* SigningParams(void* /*signing*/, void* /*state*/) {
  static const OSSL_PARAM kParams[] = {
      OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, nullptr, 0),
      OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, nullptr, 0), OSSL_PARAM_END};
  return kParams;
}

// ---- reading PEM

void* NewDecoder(void* state) {
  return state;
}

void FreeDecoder(void* /*state*/) {}

int DecodesWhat(void* /*state*/, int selection) {
  return selection == 0 || Wants(selection, OSSL_KEYMGMT_SELECT_PRIVATE_KEY) ? 1 : 0;
}

std::string ReadAll(const State& state, OSSL_CORE_BIO* in) {
  std::string text;
  std::array<char, 4096> block{};
  std::size_t count = 0;
  while (text.size() < kMaxPemBytes && state.read(in, block.data(), block.size(), &count) == 1 &&
         count > 0) {
    text.append(block.data(), count);
  }
  return text;
}

// 1 also for a text of another kind: "not mine" lets the next decoder try.
int DecodePem(void* data, OSSL_CORE_BIO* in, int /*selection*/, OSSL_CALLBACK* take, void* argument,
              OSSL_PASSPHRASE_CALLBACK* /*ask*/, void* /*ask_argument*/) {
  auto* state = static_cast<State*>(data);
  const std::string pem = ReadAll(*state, in);
  if (!IsTpm2Pem(pem)) {
    return 1;
  }
  std::shared_ptr<Tpm2Context> context;
  {
    const std::scoped_lock lock(state->mutex);
    context = state->context;
  }
  if (context == nullptr) {
    return 0;
  }
  auto held = context->LoadKey(pem, "");
  if (!held.ok() || (*held)->public_key().kind() != KeyKind::kEcdsaP256) {
    return 0;
  }
  const Bytes& spki = (*held)->public_key().spki_der();
  Key key{Bytes(spki.end() - static_cast<std::ptrdiff_t>(kPointBytes), spki.end()), *held};
  Key* reference = &key;
  int type = OSSL_OBJECT_PKEY;
  std::string kind = "EC";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type),
      OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_TYPE, kind.data(), kind.size()),
      OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_REFERENCE, static_cast<void*>(&reference),
                                        sizeof reference),
      OSSL_PARAM_construct_end()};
  return take(params, argument);
}

// ---- the tables

const OSSL_ALGORITHM* KeyTable() {
  static const OSSL_DISPATCH kFunctions[] = {
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
  static const OSSL_ALGORITHM kTable[] = {{kEcNames, kProperties, kFunctions, nullptr},
                                          {nullptr, nullptr, nullptr, nullptr}};
  return kTable;
}

const OSSL_ALGORITHM* SignatureTable() {
  static const OSSL_DISPATCH kFunctions[] = {
      Entry(OSSL_FUNC_SIGNATURE_NEWCTX, &NewSigning),
      Entry(OSSL_FUNC_SIGNATURE_FREECTX, &FreeSigning),
      Entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, &BeginSigning),
      Entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_UPDATE, &AddBytes),
      Entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_FINAL, &EndSigning),
      Entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN, &SignBytes),
      Entry(OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, &GetSigningParams),
      Entry(OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, &SigningParams),
      {0, nullptr}};
  static const OSSL_ALGORITHM kTable[] = {{"ECDSA", kProperties, kFunctions, nullptr},
                                          {nullptr, nullptr, nullptr, nullptr}};
  return kTable;
}

const OSSL_ALGORITHM* DecoderTable() {
  static const OSSL_DISPATCH kFunctions[] = {Entry(OSSL_FUNC_DECODER_NEWCTX, &NewDecoder),
                                             Entry(OSSL_FUNC_DECODER_FREECTX, &FreeDecoder),
                                             Entry(OSSL_FUNC_DECODER_DOES_SELECTION, &DecodesWhat),
                                             Entry(OSSL_FUNC_DECODER_DECODE, &DecodePem),
                                             {0, nullptr}};
  static const OSSL_ALGORITHM kTable[] = {{kEcNames, kDecoderProperties, kFunctions, nullptr},
                                          {nullptr, nullptr, nullptr, nullptr}};
  return kTable;
}

const OSSL_ALGORITHM* Query(void* /*state*/, int operation, int* no_cache) {
  *no_cache = 0;
  switch (operation) {
    case OSSL_OP_KEYMGMT:
      return KeyTable();
    case OSSL_OP_SIGNATURE:
      return SignatureTable();
    case OSSL_OP_DECODER:
      return DecoderTable();
    default:
      return nullptr;
  }
}

void Teardown(void* state) {
  delete static_cast<State*>(state);
}

int Start(const OSSL_CORE_HANDLE* /*core*/, const OSSL_DISPATCH* in, const OSSL_DISPATCH** out,
          void** context) {
  static const OSSL_DISPATCH kFunctions[] = {Entry(OSSL_FUNC_PROVIDER_TEARDOWN, &Teardown),
                                             Entry(OSSL_FUNC_PROVIDER_QUERY_OPERATION, &Query),
                                             {0, nullptr}};
  auto state = std::make_unique<State>();
  for (; in->function_id != 0; ++in) {
    if (in->function_id == OSSL_FUNC_BIO_READ_EX) {
      state->read = OSSL_FUNC_BIO_read_ex(in);
    }
  }
  if (state->read == nullptr) {
    return 0;
  }
  *out = kFunctions;
  *context = state.release();
  return 1;
}

void SetContext(OSSL_PROVIDER* provider, std::shared_ptr<Tpm2Context> context) {
  auto* state = static_cast<State*>(OSSL_PROVIDER_get0_provider_ctx(provider));
  const std::scoped_lock lock(state->mutex);
  state->context = std::move(context);
}

}  // namespace

StatusOr<std::unique_ptr<Tpm2Provider>> Tpm2Provider::Load(const std::string& tcti) {
  FLOTILLA_ASSIGN_OR_RETURN(auto context, Tpm2Context::Open(tcti));
  std::unique_ptr<Tpm2Provider> loaded(new Tpm2Provider(std::move(context)));
  // A second time it is there already.
  OSSL_PROVIDER_add_builtin(nullptr, kName, &Start);
  OpenSslErrors();
  // Named, because a provider that is loaded by name switches off the one that comes by itself.
  loaded->default_ = OSSL_PROVIDER_load(nullptr, "default");
  loaded->provider_ = OSSL_PROVIDER_load(nullptr, kName);
  // What both offer comes from OpenSSL's own, but for keys that live here.
  if (loaded->default_ == nullptr || loaded->provider_ == nullptr ||
      EVP_set_default_properties(nullptr, "?provider=default") != 1) {
    return Internal("a provider for TPM keys: " + OpenSslErrors());
  }
  SetContext(loaded->provider_, loaded->context_);
  return loaded;
}

Tpm2Provider::~Tpm2Provider() {
  if (provider_ != nullptr) {
    SetContext(provider_, nullptr);
    OSSL_PROVIDER_unload(provider_);
  }
  // `default_` stays: whoever uses OpenSSL after this needs it.
}

}  // namespace flotilla::security
