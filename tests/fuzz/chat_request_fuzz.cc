// What clients post to the local endpoint, and the golden prompts.
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "engine/worker/api_request.h"
#include "engine/worker/self_test.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = flotilla::AsText({data, size});
  flotilla::engine::ParseApiRequest(text, flotilla::engine::ApiKind::kChat).status().IgnoreError();
  flotilla::engine::ParseApiRequest(text, flotilla::engine::ApiKind::kCompletion)
      .status()
      .IgnoreError();
  flotilla::engine::ParseGolden(text).status().IgnoreError();
  return 0;
}
