#include "security/tpm2/tpm2_provider.h"

#include <cstddef>

#include <array>
#include <mutex>
#include <utility>

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include "security/openssl_ptr.h"
#include "security/tpm2/provider_parts.h"

namespace flotilla::security {
namespace {

using tpm2::Entry;

constexpr const char* kName = "flotilla-tpm2";
constexpr const char* kDecoderProperties = "provider=flotilla-tpm2,input=pem";
constexpr std::size_t kMaxPemBytes = std::size_t{64} * 1024;

// What OpenSSL calls the provider's context.
struct State {
  std::mutex mutex;
  std::shared_ptr<Tpm2Context> context;
  OSSL_FUNC_BIO_read_ex_fn* read = nullptr;
};

void* NewDecoder(void* state) {
  return state;
}

void FreeDecoder(void* /*state*/) {}

int DecodesWhat(void* /*state*/, int selection) {
  return selection == 0 || (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 ? 1 : 0;
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
  tpm2::Key key{Bytes(spki.end() - static_cast<std::ptrdiff_t>(tpm2::kPointBytes), spki.end()),
                *held};
  tpm2::Key* reference = &key;
  int type = OSSL_OBJECT_PKEY;
  std::string kind = "EC";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type),
      OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_TYPE, kind.data(), kind.size()),
      OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_REFERENCE, static_cast<void*>(&reference),
                                        tpm2::kReferenceSize),
      OSSL_PARAM_construct_end()};
  return take(params, argument);
}

const OSSL_ALGORITHM* DecoderTable() {
  static const OSSL_DISPATCH functions[] = {Entry(OSSL_FUNC_DECODER_NEWCTX, &NewDecoder),
                                            Entry(OSSL_FUNC_DECODER_FREECTX, &FreeDecoder),
                                            Entry(OSSL_FUNC_DECODER_DOES_SELECTION, &DecodesWhat),
                                            Entry(OSSL_FUNC_DECODER_DECODE, &DecodePem),
                                            {0, nullptr}};
  static const OSSL_ALGORITHM table[] = {{tpm2::kEcNames, kDecoderProperties, functions, nullptr},
                                         {nullptr, nullptr, nullptr, nullptr}};
  return table;
}

const OSSL_ALGORITHM* Query(void* /*state*/, int operation, int* no_cache) {
  *no_cache = 0;
  switch (operation) {
    case OSSL_OP_KEYMGMT:
      return tpm2::KeyTable();
    case OSSL_OP_SIGNATURE:
      return tpm2::SignatureTable();
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
  static const OSSL_DISPATCH functions[] = {Entry(OSSL_FUNC_PROVIDER_TEARDOWN, &Teardown),
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
  *out = functions;
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
