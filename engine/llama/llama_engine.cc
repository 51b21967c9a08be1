#include "engine/llama/llama_engine.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

#include "engine/gguf/gguf_reader.h"
#include "engine/llama/answer_text.h"
#include "engine/llama/chat_template.h"
#include "engine/llama/file_digest.h"
#include "engine/llama/platform_check.h"
#include "engine/llama/prompt_pieces.h"
#include "engine/llama/sampler_chain.h"
#include "engine/llama/tokens.h"

namespace flotilla::engine {
namespace {

constexpr std::uint32_t kBatchTokens = 512;
// Memory of the compute buffers goes with it; 128 costs a small box nothing measurable in speed.
constexpr std::uint32_t kMicroBatchTokens = 128;

StatusOr<gguf::Header> CheckFile(int fd, const Digest& expected) {
  FLOTILLA_ASSIGN_OR_RETURN(const Digest found, DigestOfDescriptor(fd));
  if (found != expected) {
    return WithReason(
        DataLoss("the model file has SHA-256 " + found.ToHex() + ", expected " + expected.ToHex()),
        v1::FAILURE_REASON_INSTALL_ARTIFACT_MISMATCH);
  }
  StatusOr<gguf::Header> header = gguf::ReadHeader(fd);
  const Status status = header.ok() ? gguf::CheckForEngine(*header) : header.status();
  if (!status.ok()) {
    return WithReason(status, v1::FAILURE_REASON_INSTALL_GGUF_INVALID);
  }
  return header;
}

std::int32_t ThreadsOrDefault(std::uint32_t wanted, std::uint32_t otherwise) {
  constexpr std::uint32_t kMost = 256;
  return static_cast<std::int32_t>(std::clamp(wanted == 0 ? otherwise : wanted, 1U, kMost));
}

}  // namespace

LlamaEngine::LlamaEngine(std::unique_ptr<LogTail> log, FilePtr file,
                         std::string chat_template) noexcept
    : log_(std::move(log)), file_(std::move(file)), chat_template_(std::move(chat_template)) {}

StatusOr<std::unique_ptr<LlamaEngine>> LlamaEngine::Load(ModelFiles files,
                                                         const LlamaOptions& options) {
  FLOTILLA_RETURN_IF_ERROR(CheckCpu());
  FLOTILLA_RETURN_IF_ERROR(CheckLlamaVersion());
  FLOTILLA_ASSIGN_OR_RETURN(const gguf::Header header,
                            CheckFile(files.model.get(), options.model_sha256));
  FLOTILLA_RETURN_IF_ERROR(LoraAdapters::Check(files.adapters, header));
  FilePtr file(::fdopen(files.model.get(), "rb"));
  if (file == nullptr) {
    return ErrnoStatus(errno, "open the model's descriptor");
  }
  static_cast<void>(files.model.Release());
  std::unique_ptr<LlamaEngine> engine(new LlamaEngine(std::make_unique<LogTail>(), std::move(file),
                                                      std::move(files.chat_template)));
  if (!options.backend_directory.empty()) {
    ggml_backend_load_all_from_path(options.backend_directory.c_str());
  }
  llama_backend_init();
  FLOTILLA_RETURN_IF_ERROR(WithReason(engine->LoadAll(std::move(files.adapters), options),
                                      v1::FAILURE_REASON_INSTALL_LOAD_FAILED));
  return engine;
}

Status LlamaEngine::LoadAll(std::vector<AdapterFile> adapters, const LlamaOptions& options) {
  FLOTILLA_RETURN_IF_ERROR(LoadModel());
  FLOTILLA_ASSIGN_OR_RETURN(LoraAdapters loaded,
                            LoraAdapters::Load(std::move(adapters), model_.get(), *log_));
  FLOTILLA_RETURN_IF_ERROR(MakeContext(options));
  return loaded.Apply(context_.get());
}

Status LlamaEngine::LoadModel() {
  model_.reset(llama_model_load_from_file_ptr(file_.get(), llama_model_default_params()));
  if (model_ == nullptr) {
    return FailedPrecondition("libllama did not load the model: " + log_->Text());
  }
  if (!llama_model_has_decoder(model_.get()) || llama_model_has_encoder(model_.get())) {
    return FailedPrecondition("the model is not one that continues text");
  }
  vocabulary_ = llama_model_get_vocab(model_.get());
  info_.engine_version = llama_version();
  info_.parameters = llama_model_n_params(model_.get());
  info_.size_bytes = llama_model_size(model_.get());
  info_.trained_context_tokens =
      static_cast<std::uint32_t>(std::max(1, llama_model_n_ctx_train(model_.get())));
  info_.vocabulary = static_cast<std::uint32_t>(llama_vocab_n_tokens(vocabulary_));
  return OkStatus();
}

Status LlamaEngine::MakeContext(const LlamaOptions& options) {
  llama_context_params params = llama_context_default_params();
  params.n_ctx = options.context_tokens != 0
                     ? options.context_tokens
                     : std::min(info_.trained_context_tokens, kDefaultContextTokens);
  params.n_batch = std::min(params.n_ctx, kBatchTokens);
  params.n_ubatch = std::min(params.n_batch, kMicroBatchTokens);
  params.n_seq_max = 1;
  params.n_outputs_max = params.n_seq_max;
  const std::uint32_t cores =
      info_.size_bytes < kSmallModelBytes ? 1 : std::thread::hardware_concurrency();
  params.n_threads = ThreadsOrDefault(options.decode_threads, 1);
  params.n_threads_batch = ThreadsOrDefault(options.prompt_threads, cores);
  params.abort_callback = AbortRequested;
  params.abort_callback_data = this;
  params.no_perf = true;
  context_.reset(llama_init_from_model(model_.get(), params));
  if (context_ == nullptr) {
    return FailedPrecondition("libllama made no context: " + log_->Text());
  }
  info_.context_tokens = llama_n_ctx_seq(context_.get());
  return OkStatus();
}

bool LlamaEngine::AbortRequested(void* self) {
  const std::stop_token* const stop = static_cast<LlamaEngine*>(self)->stop_.load();
  return stop != nullptr && stop->stop_requested();
}

StatusOr<std::string> LlamaEngine::ApplyTemplate(const std::vector<ChatMessage>& messages) const {
  const char* const own = llama_model_chat_template(model_.get(), nullptr);
  if (own == nullptr && chat_template_.empty()) {
    return InvalidArgument("the model has no chat template: use /v1/completions");
  }
  return ApplyChatTemplate(chat_template_.empty() ? own : chat_template_.c_str(), messages);
}

StatusOr<TokenIds> LlamaEngine::TokeniseChat(const std::vector<ChatMessage>& messages) const {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<PromptPiece> pieces,
                            CutPrompt(messages, [this](const std::vector<ChatMessage>& outline) {
                              return ApplyTemplate(outline);
                            }));
  TokenIds tokens;
  if (llama_vocab_get_add_bos(vocabulary_)) {
    tokens.push_back(llama_vocab_bos(vocabulary_));
  }
  for (const PromptPiece& piece : pieces) {
    FLOTILLA_RETURN_IF_ERROR(AppendTokens(vocabulary_, piece.text, piece.origin, tokens));
  }
  // Some templates write the beginning-of-sequence token themselves.
  const std::int32_t bos = llama_vocab_bos(vocabulary_);
  if (tokens.size() >= 2 && tokens[0] == bos && tokens[1] == bos) {
    tokens.erase(tokens.begin());
  }
  return tokens;
}

StatusOr<TokenIds> LlamaEngine::Tokenise(const Prompt& prompt) const {
  if (const auto* const messages = std::get_if<std::vector<ChatMessage>>(&prompt)) {
    return TokeniseChat(*messages);
  }
  TokenIds tokens;
  if (llama_vocab_get_add_bos(vocabulary_)) {
    tokens.push_back(llama_vocab_bos(vocabulary_));
  }
  FLOTILLA_RETURN_IF_ERROR(
      AppendTokens(vocabulary_, std::get<std::string>(prompt), PieceOrigin::kPerson, tokens));
  if (tokens.empty()) {
    return InvalidArgument("the prompt is empty");
  }
  return tokens;
}

Status LlamaEngine::Decode(std::int32_t* tokens, std::size_t count) {
  const std::int32_t code =
      llama_decode(context_.get(), llama_batch_get_one(tokens, static_cast<std::int32_t>(count)));
  if (code == 0) {
    return OkStatus();
  }
  if (code == 2) {
    return Cancelled("generation was stopped");
  }
  return Internal("llama_decode answered " + std::to_string(code) + ": " + log_->Text());
}

Status LlamaEngine::DecodePrompt(const TokenIds& prompt) {
  TokenIds tokens = prompt;
  const std::size_t batch = llama_n_batch(context_.get());
  for (std::size_t done = 0; done < tokens.size(); done += batch) {
    FLOTILLA_RETURN_IF_ERROR(Decode(tokens.data() + done, std::min(batch, tokens.size() - done)));
  }
  return OkStatus();
}

std::string LlamaEngine::Piece(std::int32_t token) const {
  std::string piece(64, '\0');
  for (;;) {
    const std::int32_t length =
        llama_token_to_piece(vocabulary_, token, piece.data(),
                             static_cast<std::int32_t>(piece.size()), 0, /*special=*/false);
    if (length >= 0) {
      piece.resize(static_cast<std::size_t>(length));
      return piece;
    }
    piece.resize(static_cast<std::size_t>(-length));
  }
}

StatusOr<Generation> LlamaEngine::Generate(const GenerateRequest& request, const PieceSink& sink,
                                           const std::stop_token& stop) {
  if (request.prompt.empty() || request.prompt.size() >= info_.context_tokens) {
    return InvalidArgument("the prompt has " + std::to_string(request.prompt.size()) +
                           " tokens and the context " + std::to_string(info_.context_tokens));
  }
  stop_.store(&stop);
  StatusOr<Generation> generation = Answer(request, sink);
  stop_.store(nullptr);
  // What was asked is not kept longer than the answer takes.
  llama_memory_clear(llama_get_memory(context_.get()), /*data=*/false);
  return generation;
}

StatusOr<Generation> LlamaEngine::Answer(const GenerateRequest& request, const PieceSink& sink) {
  const std::int64_t start_us = llama_time_us();
  FLOTILLA_ASSIGN_OR_RETURN(const LlamaSamplerPtr sampler,
                            MakeSamplerChain(request.sampling, info_.vocabulary));
  FLOTILLA_RETURN_IF_ERROR(DecodePrompt(request.prompt));
  Generation generation;
  generation.prompt_tokens = static_cast<std::uint32_t>(request.prompt.size());
  const std::uint32_t room = info_.context_tokens - generation.prompt_tokens;
  const std::uint32_t most = request.max_tokens == 0 ? room : std::min(room, request.max_tokens);
  AnswerText text(request.stop);
  const auto show = [&](const std::string& piece) {
    if (!piece.empty()) {
      sink(piece);
    }
  };
  std::int32_t token = llama_sampler_sample(sampler.get(), context_.get(), -1);
  const std::int64_t first_us = llama_time_us();
  generation.finish = FinishReason::kLength;
  for (;;) {
    if (llama_vocab_is_eog(vocabulary_, token)) {
      generation.finish = FinishReason::kStop;
      break;
    }
    ++generation.completion_tokens;
    show(text.Add(Piece(token)));
    if (text.stopped()) {
      generation.finish = FinishReason::kStop;
      break;
    }
    if (generation.completion_tokens == most) {
      break;
    }
    if (AbortRequested(this)) {
      return Cancelled("generation was stopped");
    }
    FLOTILLA_RETURN_IF_ERROR(Decode(&token, 1));
    token = llama_sampler_sample(sampler.get(), context_.get(), -1);
  }
  show(text.Finish());
  generation.prompt_time = absl::Microseconds(first_us - start_us);
  generation.decode_time = absl::Microseconds(llama_time_us() - first_us);
  return generation;
}

}  // namespace flotilla::engine
