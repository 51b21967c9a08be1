#include "security/command_signer.h"

#include <cstddef>

#include "security/run_program.h"

namespace flotilla::security {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

std::string_view Trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kSpace);
  return begin == std::string_view::npos
             ? std::string_view()
             : text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

}  // namespace

StatusOr<Bytes> CommandSigner::Sign(ByteView message) {
  FLOTILLA_ASSIGN_OR_RETURN(const ProgramOutput output,
                            RunProgram(program_, message, timeout_, on_message_));
  if (output.exit_code != 0) {
    return FailedPrecondition(program_ + " ended with exit code " +
                              std::to_string(output.exit_code) + ": " +
                              std::string(Trimmed(output.messages)));
  }
  const std::string_view hex = Trimmed(output.text);
  StatusOr<Bytes> signature = HexDecode(hex);
  if (!signature.ok() || signature->empty()) {
    return DataLoss(program_ + " did not write a signature in hex on its standard output");
  }
  return signature;
}

}  // namespace flotilla::security
