#include "engine/llama/lora_adapters.h"

#include <unistd.h>

#include <cerrno>

#include "flotilla/v1/failure_reason.pb.h"

#include "engine/gguf/adapter_check.h"
#include "engine/llama/file_digest.h"

namespace flotilla::engine {
namespace {

Status CheckOne(const AdapterFile& adapter, const gguf::Header& model) {
  if (!(adapter.scale >= 0.0F && adapter.scale <= kMaxAdapterScale)) {
    return InvalidArgument("its scale is not from 0 to 4");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Digest found, DigestOfDescriptor(adapter.file.get()));
  if (found != adapter.sha256) {
    return WithReason(
        DataLoss("it has SHA-256 " + found.ToHex() + ", expected " + adapter.sha256.ToHex()),
        v1::FAILURE_REASON_INSTALL_ARTIFACT_MISMATCH);
  }
  const StatusOr<gguf::Header> header = gguf::ReadHeader(adapter.file.get());
  const Status status = header.ok() ? gguf::CheckAdapter(*header, model) : header.status();
  return WithReason(status, v1::FAILURE_REASON_INSTALL_GGUF_INVALID);
}

}  // namespace

Status LoraAdapters::Check(const std::vector<AdapterFile>& files, const gguf::Header& model) {
  for (const AdapterFile& adapter : files) {
    FLOTILLA_RETURN_IF_ERROR(Annotate(CheckOne(adapter, model), "adapter " + adapter.name));
  }
  return OkStatus();
}

StatusOr<LoraAdapters> LoraAdapters::Load(std::vector<AdapterFile> files, llama_model* model,
                                          const LogTail& log) {
  LoraAdapters loaded;
  for (AdapterFile& adapter : files) {
    const FilePtr file(::fdopen(adapter.file.get(), "rb"));
    if (file == nullptr) {
      return ErrnoStatus(errno, "open the descriptor of adapter " + adapter.name);
    }
    static_cast<void>(adapter.file.Release());
    llama_adapter_lora* const lora = llama_adapter_lora_init_from_file_ptr(model, file.get());
    if (lora == nullptr) {
      return FailedPrecondition("libllama did not load adapter " + adapter.name + ": " +
                                log.Text());
    }
    loaded.adapters_.push_back(lora);
    loaded.scales_.push_back(adapter.scale);
  }
  return loaded;
}

Status LoraAdapters::Apply(llama_context* context) {
  if (adapters_.empty()) {
    return OkStatus();
  }
  const std::int32_t code =
      llama_set_adapters_lora(context, adapters_.data(), adapters_.size(), scales_.data());
  return code == 0
             ? OkStatus()
             : FailedPrecondition("libllama did not take the adapters: " + std::to_string(code));
}

}  // namespace flotilla::engine
