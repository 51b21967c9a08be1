// The release document: the small signed target that names everything one release consists of.
//
// TUF target path `models-<line>/<version>.release.json`, JSON by the rules of security/tuf/json.h,
// at most kMaxReleaseDocumentBytes:
//
//   {"engine":">=0.5",
//    "golden":{"floor_percent":70,"length":1,"path":"..","sha256":".."},
//    "line":"pump-assistant","min_agent":"0.1.0","notes":"..","release_counter":3,"schema":1,
//    "variants":[{"context_tokens":2048,
//                 "files":[{"kind":"model","length":1,"path":"..","sha256":"..",
//                           "map":{"length":1,"path":"..","sha256":".."}}],
//                 "hw":["rpi5"],"min_ram_mb":256,"name":"q8_0"}],
//    "version":"2.0.0"}
//
// `golden` may be absent: such a release is tested by loading it alone. Every path is itself a
// target of the same role with the same length and hash: the document says which targets belong
// together, TUF says what they are. Unknown members are kept out but do not fail (a later schema 1
// publisher may add some); another `schema` fails.
#ifndef FLOTILLA_OTA_FORMAT_RELEASE_DOCUMENT_H_
#define FLOTILLA_OTA_FORMAT_RELEASE_DOCUMENT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "flotilla/v1/session.pb.h"

#include "base/bytes.h"
#include "base/digest.h"
#include "base/status.h"
#include "base/strong_id.h"

namespace flotilla::ota {

inline constexpr std::uint64_t kMaxReleaseDocumentBytes = std::uint64_t{256} * 1024;
inline constexpr std::size_t kMaxVariants = 32;
inline constexpr std::size_t kMaxFilesPerVariant = 8;
inline constexpr std::uint64_t kMaxGoldenBytes = std::uint64_t{4} * 1024 * 1024;
inline constexpr std::uint64_t kMaxModelBytes = std::uint64_t{1} << 40;  // 1 TiB

// One target of the release's role.
struct TargetRef {
  std::string path;
  Digest sha256;
  std::uint64_t length = 0;  // bytes

  friend bool operator==(const TargetRef&, const TargetRef&) = default;
};

struct GoldenRef {
  TargetRef target;
  std::uint32_t floor_percent =
      0;  // 0 to 100: the score below which the publisher refuses his own release

  friend bool operator==(const GoldenRef&, const GoldenRef&) = default;
};

struct VariantFile {
  std::string kind;  // "model"; later kinds (projector, adapter) are kept and not installed
  TargetRef target;
  TargetRef map;  // ota/format/leaf_map.h

  friend bool operator==(const VariantFile&, const VariantFile&) = default;
};

struct ReleaseVariant {
  std::string name;  // an id of at most 64 characters: "q8_0"
  std::vector<std::string>
      hardware;  // "hw": empty for any; else names of architectures or hardware classes
  std::uint64_t min_ram_mb = 0;      // memory of the device, MiB
  std::uint32_t context_tokens = 0;  // 0: the model's own
  std::vector<VariantFile> files;    // exactly one of kind "model"

  const VariantFile& model() const;

  friend bool operator==(const ReleaseVariant&, const ReleaseVariant&) = default;
};

struct ReleaseDocument {
  ModelLine line;
  std::string version;                // an id of at most 64 characters
  std::uint64_t release_counter = 0;  // at least 1, rising within the line
  std::string engine;                 // ">=0.5", empty for any
  std::string min_agent;              // "0.1.0", empty for any
  std::string notes;                  // at most 1 KiB
  std::optional<GoldenRef> golden;
  std::vector<ReleaseVariant> variants;

  friend bool operator==(const ReleaseDocument&, const ReleaseDocument&) = default;
};

// "models-pump-assistant", the delegated role of a line.
std::string RoleOfLine(const ModelLine& line);
// "models-pump-assistant/2.0.0.release.json".
std::string ReleaseTargetPath(const ModelLine& line, const std::string& version);

// Strict: DATA_LOSS with FORM_* for bytes that are not such a document or go over a limit.
StatusOr<ReleaseDocument> ParseReleaseDocument(ByteView bytes);

// JSON with sorted keys; the same document always gives the same bytes. INVALID_ARGUMENT where
// Parse would refuse the result.
StatusOr<Bytes> EncodeReleaseDocument(const ReleaseDocument& document);

// The variant this device runs: of those whose hardware list (if any) names the device's
// architecture or hardware class and whose min_ram_mb fits its memory, the one with the largest
// model file; the first of equals. The pointer lies in `document`. FAILED_PRECONDITION:
// POLICY_HARDWARE when no list names the device, POLICY_RAM when all are too big.
StatusOr<const ReleaseVariant*> PickVariant(const ReleaseDocument& document,
                                            const v1::DeviceFacts& facts);

// FAILED_PRECONDITION with POLICY_MIN_AGENT or POLICY_ENGINE when these versions ("0.1.0") do not
// meet the document's.
Status CheckVersions(const ReleaseDocument& document, const std::string& agent_version,
                     const std::string& engine_version);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_FORMAT_RELEASE_DOCUMENT_H_
