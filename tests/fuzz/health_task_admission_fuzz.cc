// What a controller says of tasks and keys, bytes as they come: judged without a crash.
#include <cstddef>
#include <cstdint>
#include <string>

#include "agent/health/task_admission.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using flotilla::agent::Admit;
  const auto now = absl::FromUnixSeconds(1'790'000'000);
  Admit({data, size}, {}, now);
  flotilla::v1::GetHealthTasksResponse response;
  if (response.ParseFromArray(data, static_cast<int>(size))) {
    flotilla::agent::AdmitAll(response, {}, now);
  }
  return 0;
}
