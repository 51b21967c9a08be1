// The configuration reader on arbitrary text; what it accepts must read back from what WriteYaml
// makes of it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/config/yaml.h"
#include "flotilla/v1/rollout.pb.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  flotilla::v1::RolloutSpec spec;
  if (flotilla::config::ReadYaml(text, "fuzz", spec).ok()) {
    flotilla::v1::RolloutSpec again;
    if (!flotilla::config::ReadYaml(flotilla::config::WriteYaml(spec), "again", again).ok()) {
      std::abort();
    }
  }
  return 0;
}
