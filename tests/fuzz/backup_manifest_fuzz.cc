// Lines under the titles of a backup's manifest and of a restore's mark, sealed as they are.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "controller/backup/backup_manifest.h"
#include "controller/backup/restore_mark.h"
#include "controller/backup/sealed_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string lines(reinterpret_cast<const char*>(data), size);
  const std::string sealed = flotilla::controller::Seal("flotilla-backup 1\n" + lines);
  const auto manifest = flotilla::controller::ParseManifest(sealed);
  if (manifest.ok() && flotilla::controller::EncodeManifest(*manifest) != sealed) {
    std::abort();
  }
  flotilla::controller::ParseManifest(lines).status().IgnoreError();
  const std::string mark = flotilla::controller::Seal("flotilla-restored 1\n" + lines);
  flotilla::controller::ParseRestoreMark(mark).status().IgnoreError();
  return 0;
}
