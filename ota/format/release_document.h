// The release document: the small signed target that names everything one release consists of.
//
// TUF target path `models-<line>/<version>.release.json`, JSON by the rules of security/tuf/json.h,
// at most kMaxReleaseDocumentBytes:
//
//   {"engine":">=0.5","fallback_answer":"Please ask a colleague.",
//    "golden":{"floor_percent":70,"length":1,"path":"..","sha256":".."},
//    "line":"pump-assistant","max_age_seconds":2592000,"min_agent":"0.1.0","notes":"..",
//    "release_counter":3,
//    "requires":["adapter","chat_template"],"schema":1,
//    "variants":[{"arch":["aarch64"],"context_bytes":4194304,"context_tokens":2048,"cpu":["dotprod"],
//                 "files":[{"kind":"model","length":1,"path":"..","sha256":"..",
//                           "map":{"length":1,"path":"..","sha256":".."}},
//                          {"kind":"adapter","name":"fr","scale_milli":1000,"map":{..},..},
//                          {"kind":"chat_template",..}],
//                 "hw":["rpi5"],"min_ram_mb":256,"name":"q8_0","quantisation":"q8_0"}],
//    "version":"2.0.0"}
//
// `golden`, `fallback_answer`, `max_age_seconds`, `requires`, `arch`, `cpu`, `hw`, `quantisation`
// and `context_bytes` may be absent: a release without golden prompts is tested by loading it
// alone. Every path is itself a target of the same role with the same length and hash: the document
// says which targets belong together, TUF says what they are; a file may stand in several releases,
// and a device that has its digest does not fetch it again.
//
// A later publisher of schema 1 may add members, which are passed over, and file kinds. What must
// not be passed over he says in two ways: a file of a kind that an agent does not know keeps it
// from the variant unless the file has `"optional":true`, and a word in `requires` that an agent
// does not know keeps it from the release. Another `schema` fails.
#ifndef FLOTILLA_OTA_FORMAT_RELEASE_DOCUMENT_H_
#define FLOTILLA_OTA_FORMAT_RELEASE_DOCUMENT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/status.h"
#include "base/strong_id.h"

namespace flotilla::ota {

inline constexpr std::uint64_t kMaxReleaseDocumentBytes = std::uint64_t{256} * 1024;
inline constexpr std::size_t kMaxVariants = 32;
inline constexpr std::size_t kMaxFilesPerVariant = 8;
inline constexpr std::size_t kMaxRequirements = 16;
inline constexpr std::uint64_t kMaxChatTemplateBytes = std::uint64_t{64} * 1024;
inline constexpr std::uint32_t kMaxScaleMilli = 4000;
inline constexpr std::size_t kMaxFallbackAnswerBytes = 4096;
inline constexpr std::uint64_t kLeastMaxAgeSeconds = 1;
inline constexpr std::uint64_t kMostMaxAgeSeconds = std::uint64_t{10} * 366 * 24 * 3600;
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

inline constexpr char kModelKind[] = "model";
inline constexpr char kAdapterKind[] = "adapter";  // a LoRA adapter for the variant's model
inline constexpr char kChatTemplateKind[] = "chat_template";  // in place of the model's own

struct VariantFile {
  std::string kind;  // kModelKind, ...; a later kind is kept
  TargetRef target;
  TargetRef map = {};  // ota/format/leaf_map.h; models and adapters have one, others no path here
  std::string name = {};  // of an adapter: an id, another for each in its variant
  // Of an adapter, 0 to kMaxScaleMilli: how strong it is applied; 1,000 is as it was trained.
  std::uint32_t scale_milli = 1000;
  // An agent that does not know the kind runs the variant without this file.
  bool optional = false;

  bool has_map() const { return !map.path.empty(); }

  friend bool operator==(const VariantFile&, const VariantFile&) = default;
};

struct ReleaseVariant {
  std::string name;  // an id of at most 64 characters: "q8_0"
  std::vector<std::string>
      hardware;  // "hw": empty for any; else names of architectures or hardware classes
  std::vector<std::string> architectures = {};  // "arch": empty for any
  std::vector<std::string> cpu_features = {};   // "cpu": the device has all of them
  std::string quantisation = {};                // "q8_0"; empty when nobody said
  std::uint64_t min_ram_mb = 0;                 // memory of the device, MiB
  std::uint32_t context_tokens = 0;             // 0: the model's own
  std::uint64_t context_bytes = 0;      // of the key-value cache for that context; 0 when not known
  std::vector<VariantFile> files = {};  // exactly one model, at most one chat template

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
  std::vector<std::string> required;  // "requires": words that an agent must know
  // What devices answer with when the release must not answer any more; empty: nothing. Not empty:
  // 1 to kMaxFallbackAnswerBytes of UTF-8.
  std::string fallback_answer = {};
  // A device that heard nothing from its controller for so long stops serving it; 0: never.
  std::uint64_t max_age_seconds = 0;
  std::optional<GoldenRef> golden;
  std::vector<ReleaseVariant> variants;

  friend bool operator==(const ReleaseDocument&, const ReleaseDocument&) = default;
};

// "models-pump-assistant", the delegated role of a line.
std::string RoleOfLine(const ModelLine& line);
// "models-pump-assistant/2.0.0.release.json".
std::string ReleaseTargetPath(const ModelLine& line, const std::string& version);

// "1" for 1,000, "0.75" for 750.
std::string ScaleText(std::uint32_t scale_milli);

// Strict: DATA_LOSS with FORM_* for bytes that are not such a document or go over a limit.
StatusOr<ReleaseDocument> ParseReleaseDocument(ByteView bytes);

// JSON with sorted keys; the same document always gives the same bytes. INVALID_ARGUMENT where
// Parse would refuse the result.
StatusOr<Bytes> EncodeReleaseDocument(const ReleaseDocument& document);

// FAILED_PRECONDITION with POLICY_MIN_AGENT or POLICY_ENGINE when these versions ("0.1.0") do not
// meet the document's, or it requires what this agent does not know.
Status CheckVersions(const ReleaseDocument& document, const std::string& agent_version,
                     const std::string& engine_version);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_FORMAT_RELEASE_DOCUMENT_H_
