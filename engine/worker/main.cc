// flotilla-engine: one model, loaded from a descriptor, served on sockets that the agent owns.
// Started by flotilla-agent only; see proto/flotilla/v1/engine.proto for what it is told.

#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "ggml.h"

#include "base/bytes.h"
#include "base/log.h"
#include "base/os_clock.h"
#include "base/os_random.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "engine/api/control_channel.h"
#include "engine/llama/chat_template.h"
#include "engine/llama/llama_engine.h"
#include "engine/worker/hardening.h"
#include "engine/worker/worker.h"

namespace flotilla::engine {
namespace {

constexpr int kUsageError = 2;

// The last words of libllama before it ends the process: they become the diagnostic.
void WriteAssertLine(const char* message) {
  constexpr std::string_view kPrefix = "ggml: ";
  std::ignore = ::write(STDERR_FILENO, kPrefix.data(), kPrefix.size());
  std::ignore = ::write(STDERR_FILENO, message, std::strlen(message));
  std::ignore = ::write(STDERR_FILENO, "\n", 1);
}

StatusOr<ModelFiles> FilesOf(std::vector<UniqueFd> descriptors, const v1::EngineLoad& command) {
  constexpr float kMilli = 1000.0F;
  ModelFiles files;
  files.model = std::move(descriptors.front());
  std::size_t next = 1;
  for (const v1::EngineAdapter& named : command.adapters()) {
    AdapterFile adapter;
    adapter.name = named.name();
    adapter.file = std::move(descriptors[next++]);
    FLOTILLA_ASSIGN_OR_RETURN(adapter.sha256, Digest::FromBytes(AsBytes(named.sha256())));
    adapter.scale = static_cast<float>(named.scale_milli()) / kMilli;
    files.adapters.push_back(std::move(adapter));
  }
  if (!command.chat_template_sha256().empty()) {
    FLOTILLA_ASSIGN_OR_RETURN(const Digest sha256,
                              Digest::FromBytes(AsBytes(command.chat_template_sha256())));
    FLOTILLA_ASSIGN_OR_RETURN(files.chat_template,
                              ReadChatTemplate(descriptors[next].get(), sha256));
  }
  return files;
}

StatusOr<std::unique_ptr<ModelEngine>> LoadModel(std::vector<UniqueFd> descriptors,
                                                 const v1::EngineLoad& command) {
  FLOTILLA_ASSIGN_OR_RETURN(ModelFiles files, FilesOf(std::move(descriptors), command));
  LlamaOptions options;
  FLOTILLA_ASSIGN_OR_RETURN(options.model_sha256,
                            Digest::FromBytes(AsBytes(command.model_sha256())));
  options.context_tokens = command.context_tokens();
  options.decode_threads = command.decode_threads();
  options.prompt_threads = command.prompt_threads();
#ifdef FLOTILLA_ENGINE_BACKEND_DIRECTORY
  options.backend_directory = FLOTILLA_ENGINE_BACKEND_DIRECTORY;
#endif
  FLOTILLA_ASSIGN_OR_RETURN(std::unique_ptr<LlamaEngine> engine,
                            LlamaEngine::Load(std::move(files), options));
  return std::unique_ptr<ModelEngine>(std::move(engine));
}

int ControlFdOf(int argc, char** argv) {
  if (argc != 3 || std::string_view(argv[1]) != "--control-fd") {
    return -1;
  }
  const std::string_view text = argv[2];
  int fd = -1;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), fd);
  return end.ec == std::errc() && end.ptr == text.data() + text.size() ? fd : -1;
}

int Main(int argc, char** argv) {
  const int fd = ControlFdOf(argc, argv);
  if (fd < 3) {
    static_cast<void>(std::fputs("usage: flotilla-engine --control-fd N (N >= 3)\n", stderr));
    return kUsageError;
  }
  StartLog("flotilla-engine", LogLevel::kInfo, LogForm::kUnspecified);
  ggml_set_abort_callback(WriteAssertLine);
  const Status hardened = HardenProcess(fd);
  StatusOr<ControlChannel> channel = ControlChannel::Adopt(UniqueFd(fd));
  if (!hardened.ok() || !channel.ok()) {
    LogStatus(LogLevel::kError, "engine.start_failed", hardened.ok() ? channel.status() : hardened);
    return 1;
  }
  OsClock clock;
  OsRandom random;
  return Worker(*std::move(channel), LoadModel, clock, random).Run();
}

}  // namespace
}  // namespace flotilla::engine

int main(int argc, char** argv) {
  try {
    return flotilla::engine::Main(argc, argv);
  } catch (const std::exception& error) {
    static_cast<void>(std::fprintf(stderr, "flotilla-engine: %s\n", error.what()));
  } catch (...) {
    static_cast<void>(std::fputs("flotilla-engine: an unknown error\n", stderr));
  }
  return 1;
}
