#ifndef FLOTILLA_ENGINE_LLAMA_LLAMA_ENGINE_H_
#define FLOTILLA_ENGINE_LLAMA_LLAMA_ENGINE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/status.h"
#include "base/unique_fd.h"

#include "engine/api/model_engine.h"
#include "engine/llama/llama_ptr.h"
#include "engine/llama/log_tail.h"
#include "engine/llama/lora_adapters.h"

namespace flotilla::engine {

struct LlamaOptions {
  // Of the whole file; compared before libllama sees a byte of it.
  Digest model_sha256;
  // 0: what the model was trained with, at most kDefaultContextTokens.
  std::uint32_t context_tokens = 0;
  // 0: one. Two threads gain a tenth on decode on a quiet machine and lose nine tenths on a busy
  // one.
  std::uint32_t decode_threads = 0;
  // 0: all cores, but one for models under kSmallModelBytes, whose prompts are done before a second
  // thread has started.
  std::uint32_t prompt_threads = 0;
  // Where libggml-cpu-*.so lie, for a libllama that picks its kernels at run time. Empty: they are
  // linked in. Never searched for in the current directory.
  std::string backend_directory;
};

// What a release consists of for the engine.
struct ModelFiles {
  UniqueFd model;  // open for reading
  std::vector<AdapterFile> adapters = {};
  // In place of the model's own, as ReadChatTemplate (chat_template.h) has checked it; empty: none.
  std::string chat_template = {};
};

// ModelEngine over libllama. Tokenise and info are thread-safe, Generate is for one thread at a
// time. A file that the header check lets through may still make libllama abort the process: use it
// in a process of its own.
class LlamaEngine final : public ModelEngine {
 public:
  static constexpr std::uint32_t kDefaultContextTokens = 4096;
  static constexpr std::uint64_t kSmallModelBytes = 32ULL << 20;

  // Loads the model, whose descriptor stays open as long as the engine, and the adapters on it.
  // Nobody may write to the files meanwhile (a shorter one is SIGBUS). Blocking: reads each file
  // twice. Errors: DATA_LOSS another digest (INSTALL_ARTIFACT_MISMATCH), a header that is refused
  // or an adapter that does not fit the model (INSTALL_GGUF_INVALID); FAILED_PRECONDITION CPU or
  // library do not fit, or libllama did not load a file (INSTALL_LOAD_FAILED), with its last error
  // lines; others by errno.
  static StatusOr<std::unique_ptr<LlamaEngine>> Load(ModelFiles files, const LlamaOptions& options);
  ~LlamaEngine() override = default;

  const ModelInfo& info() const override { return info_; }
  StatusOr<TokenIds> Tokenise(const Prompt& prompt) const override;
  StatusOr<Generation> Generate(const GenerateRequest& request, const PieceSink& sink,
                                const std::stop_token& stop) override;

 private:
  LlamaEngine(std::unique_ptr<LogTail> log, FilePtr file, std::string chat_template) noexcept;

  Status LoadAll(std::vector<AdapterFile> adapters, const LlamaOptions& options);
  Status LoadModel();
  Status MakeContext(const LlamaOptions& options);
  StatusOr<TokenIds> TokeniseChat(const std::vector<ChatMessage>& messages) const;
  StatusOr<std::string> ApplyTemplate(const std::vector<ChatMessage>& messages) const;
  Status Decode(std::int32_t* tokens, std::size_t count);
  Status DecodePrompt(const TokenIds& prompt);
  StatusOr<Generation> Answer(const GenerateRequest& request, const PieceSink& sink);
  std::string Piece(std::int32_t token) const;
  static bool AbortRequested(void* self);

  // In the order of their needs: the model uses the file, the context uses the model.
  std::unique_ptr<LogTail> log_;
  FilePtr file_;
  const std::string chat_template_;  // empty: the model's own
  LlamaModelPtr model_;
  LlamaContextPtr context_;
  const llama_vocab* vocabulary_ = nullptr;
  ModelInfo info_;
  // Of the call to Generate that runs; libllama's own threads ask it.
  std::atomic<const std::stop_token*> stop_ = nullptr;
};

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_LLAMA_LLAMA_ENGINE_H_
