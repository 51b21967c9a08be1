// Which variant of a release a device runs, and why.
#ifndef FLOTILLA_OTA_FORMAT_PICK_VARIANT_H_
#define FLOTILLA_OTA_FORMAT_PICK_VARIANT_H_

#include <cstdint>
#include <string>

#include "flotilla/v1/session.pb.h"

#include "base/status.h"
#include "ota/format/release_document.h"

namespace flotilla::ota {

struct VariantChoice {
  const ReleaseVariant* variant = nullptr;  // lies in the document
  // One sentence: "q8_0 needs 900 MiB of memory and this device has 512 MiB: q4_k_m".
  std::string why;
};

// What an engine with these weights (model and adapters) and this key-value cache takes: a quarter
// of the weights is for what the engine repacks and computes in, 64 MiB for the program.
std::uint64_t EngineMemory(std::uint64_t weight_bytes, std::uint64_t context_bytes);
// The same of all files of a variant.
std::uint64_t MemoryNeed(const ReleaseVariant& variant);

// The best of the variants that this device can run. It can run those
//   - whose hardware list names its architecture or hardware class, whose architecture list names
//     its architecture and whose CPU features it has all of; an empty list asks for nothing;
//   - whose files are of kinds this agent knows, or optional;
//   - whose min_ram_mb and MemoryNeed fit its memory (facts.memory_bytes, which the owner's budget
//     bounds; 0 is not known and fits what names no min_ram_mb).
// Of those, in this order: the one made for its hardware, then the one that uses more of its CPU,
// then the one that keeps more bits a weight, then the one with the larger model, then the first.
// Pure. FAILED_PRECONDITION, naming what each variant lacks: POLICY_RAM when some would fit but for
// memory, else POLICY_MIN_AGENT when some would but for a file's kind, else POLICY_HARDWARE.
StatusOr<VariantChoice> PickVariant(const ReleaseDocument& document, const v1::DeviceFacts& facts);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_FORMAT_PICK_VARIANT_H_
