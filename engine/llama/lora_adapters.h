// LoRA adapters behind descriptors: checked like the model itself, before libllama sees them.
#ifndef FLOTILLA_ENGINE_LLAMA_LORA_ADAPTERS_H_
#define FLOTILLA_ENGINE_LLAMA_LORA_ADAPTERS_H_

#include <string>
#include <vector>

#include "base/digest.h"
#include "base/status.h"
#include "base/unique_fd.h"

#include "engine/gguf/gguf_reader.h"
#include "engine/llama/llama_ptr.h"
#include "engine/llama/log_tail.h"

namespace flotilla::engine {

// How strong an adapter may be applied; 1 is as it was trained.
inline constexpr float kMaxAdapterScale = 4.0F;

struct AdapterFile {
  std::string name;
  UniqueFd file;  // open for reading
  // Of the whole file; compared before libllama sees a byte of it.
  Digest sha256;
  // 0 to kMaxAdapterScale; 0 is without effect.
  float scale = 1.0F;
};

// The adapters of one model. They go with the model: libllama owns them.
class LoraAdapters {
 public:
  // Digest and header of each against the model's header. DATA_LOSS with INSTALL_ARTIFACT_MISMATCH
  // or INSTALL_GGUF_INVALID, INVALID_ARGUMENT for a scale out of bounds; each names the adapter.
  static Status Check(const std::vector<AdapterFile>& files, const gguf::Header& model);
  // Call before the context is made, which sizes its buffers by them. FAILED_PRECONDITION with
  // libllama's last error lines.
  static StatusOr<LoraAdapters> Load(std::vector<AdapterFile> files, llama_model* model,
                                     const LogTail& log);

  // Has every answer of this context use them.
  Status Apply(llama_context* context);

 private:
  std::vector<llama_adapter_lora*> adapters_;
  std::vector<float> scales_;
};

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_LLAMA_LORA_ADAPTERS_H_
