// A chat template that a release carries in place of the model's own.
#ifndef FLOTILLA_ENGINE_LLAMA_CHAT_TEMPLATE_H_
#define FLOTILLA_ENGINE_LLAMA_CHAT_TEMPLATE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/status.h"
#include "engine/api/model_engine.h"

namespace flotilla::engine {

inline constexpr std::size_t kMaxChatTemplateBytes = std::size_t{64} * 1024;

// Reads all of a descriptor open for reading and checks it. DATA_LOSS with
// INSTALL_ARTIFACT_MISMATCH: another digest; FAILED_PRECONDITION with INSTALL_LOAD_FAILED: longer
// than kMaxChatTemplateBytes, control characters other than tab and line ends, or of no family that
// libllama knows. Others by errno.
StatusOr<std::string> ReadChatTemplate(int fd, const Digest& sha256);

// Puts messages into the template (a Jinja text or the name of a built-in family) and ends with the
// opening of the assistant's answer. INVALID_ARGUMENT: libllama does not know it.
StatusOr<std::string> ApplyChatTemplate(const char* chat_template,
                                        const std::vector<ChatMessage>& messages);

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_LLAMA_CHAT_TEMPLATE_H_
