#ifndef FLOTILLA_SECURITY_COMMAND_SIGNER_H_
#define FLOTILLA_SECURITY_COMMAND_SIGNER_H_

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "security/signer.h"

namespace flotilla::security {

// A program that signs: the bytes on its stdin, the signature as hex on its stdout, exit code 0.
// For tokens that no library here knows. Run anew for each signature. Errors as RunProgram, and
// FAILED_PRECONDITION: another exit code; DATA_LOSS: no hex came.
class CommandSigner final : public Signer {
 public:
  CommandSigner(std::string program, PublicKey public_key, Duration timeout,
                std::function<void(std::string_view)> on_message)
      : program_(std::move(program)),
        public_key_(std::move(public_key)),
        timeout_(timeout),
        on_message_(std::move(on_message)) {}

  const PublicKey& public_key() const override { return public_key_; }
  StatusOr<Bytes> Sign(ByteView message) override;

 private:
  std::string program_;
  PublicKey public_key_;
  Duration timeout_;
  std::function<void(std::string_view)> on_message_;
};

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_COMMAND_SIGNER_H_
