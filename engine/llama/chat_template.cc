#include "engine/llama/chat_template.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "flotilla/v1/failure_reason.pb.h"
#include "llama.h"

#include "security/sha256.h"

namespace flotilla::engine {
namespace {

Status Refuse(const std::string& what) {
  return WithReason(FailedPrecondition("chat template: " + what),
                    v1::FAILURE_REASON_INSTALL_LOAD_FAILED);
}

// At most one byte more than is allowed.
StatusOr<std::string> ReadBounded(int fd) {
  std::string text(kMaxChatTemplateBytes + 1, '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t got =
        ::pread(fd, text.data() + done, text.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return ErrnoStatus(errno, "read the chat template");
    }
    if (got == 0) {
      break;
    }
    done += static_cast<std::size_t>(got);
  }
  text.resize(done);
  return text;
}

bool IsForbidden(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

}  // namespace

StatusOr<std::string> ReadChatTemplate(int fd, const Digest& sha256) {
  FLOTILLA_ASSIGN_OR_RETURN(std::string text, ReadBounded(fd));
  if (text.size() > kMaxChatTemplateBytes) {
    return Refuse("longer than " + std::to_string(kMaxChatTemplateBytes) + " bytes");
  }
  if (const Digest found = security::Sha256(AsBytes(text)); found != sha256) {
    return WithReason(
        DataLoss("the chat template has SHA-256 " + found.ToHex() + ", expected " + sha256.ToHex()),
        v1::FAILURE_REASON_INSTALL_ARTIFACT_MISMATCH);
  }
  if (text.empty() || std::any_of(text.begin(), text.end(), IsForbidden)) {
    return Refuse("empty, or control characters in it");
  }
  if (const auto tried = ApplyChatTemplate(text.c_str(), {{"user", "x"}}); !tried.ok()) {
    return Refuse(MessageOf(tried.status()));
  }
  return text;
}

StatusOr<std::string> ApplyChatTemplate(const char* chat_template,
                                        const std::vector<ChatMessage>& messages) {
  std::vector<llama_chat_message> views;
  std::size_t characters = 256;
  for (const ChatMessage& message : messages) {
    views.push_back({message.role.c_str(), message.content.c_str()});
    characters += 2 * (message.role.size() + message.content.size()) + 64;
  }
  std::string text(characters, '\0');
  for (;;) {
    const std::int32_t length =
        llama_chat_apply_template(chat_template, views.data(), views.size(), /*add_ass=*/true,
                                  text.data(), static_cast<std::int32_t>(text.size()));
    if (length < 0) {
      return InvalidArgument("libllama does not know the model's chat template");
    }
    const bool complete = static_cast<std::size_t>(length) <= text.size();
    text.resize(static_cast<std::size_t>(length));
    if (complete) {
      return text;
    }
  }
}

}  // namespace flotilla::engine
