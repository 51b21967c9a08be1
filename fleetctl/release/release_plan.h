// What a release consists of, made from files on the publisher's disk.
#ifndef FLOTILLA_FLEETCTL_RELEASE_RELEASE_PLAN_H_
#define FLOTILLA_FLEETCTL_RELEASE_RELEASE_PLAN_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/status.h"
#include "base/strong_id.h"
#include "ota/format/release_document.h"
#include "security/tuf/repository.h"

namespace flotilla::fleetctl {

struct VariantSpec {
  std::string name;  // "q8_0"
  std::filesystem::path file;
  std::vector<std::string> hardware = {};
  std::uint64_t min_ram_mb = 0;
  std::vector<std::string> architectures = {};
  std::vector<std::string> cpu_features = {};
};

// A LoRA adapter; every variant of the release gets it.
struct AdapterSpec {
  std::string name;
  std::filesystem::path file;
  std::uint32_t scale_milli = 1000;
};

struct ReleaseSpec {
  ModelLine line;
  std::string version;
  std::uint64_t release_counter = 0;
  std::vector<VariantSpec> variants;
  // An earlier release of the line in place of `variants`: its models, and its golden prompts and
  // chat template unless others are given; not its adapters. They are targets of the role already.
  std::optional<ota::ReleaseDocument> base;
  std::vector<AdapterSpec> adapters;
  std::optional<std::filesystem::path> chat_template;
  std::optional<std::filesystem::path> golden;
  std::uint32_t golden_floor_percent = 0;
  std::uint32_t context_tokens = 0;
  std::string engine;
  std::string min_agent;
  std::string notes;
  std::string fallback_answer;
  std::uint64_t max_age_seconds = 0;
};

// One target with its bytes: a file on disk, or content made here.
struct PlannedTarget {
  ota::TargetRef target;
  std::string kind;  // "model", "adapter", "chat_template", "map", "golden", "release"
  std::filesystem::path file;
  Bytes content;  // when `file` is empty
};

// Targets in the order they are uploaded, those of a base left out; the release document is the
// last. Reads every large file twice; blocking. NOT_FOUND, INVALID_ARGUMENT (a golden file that is
// no JSON lines, names out of bounds, an adapter that does not fit a model).
StatusOr<std::vector<PlannedTarget>> PlanRelease(const ReleaseSpec& spec);

// Adds the targets to the line's role. ALREADY_EXISTS: the version was released with other bytes.
Status AddTargets(tuf::Draft& role, const ReleaseSpec& spec,
                  const std::vector<PlannedTarget>& targets);

// One above the highest counter in the role; 1 for the first release.
std::uint64_t NextReleaseCounter(const tuf::Draft& role);

// "NAME=FILE" or "NAME=FILE:SCALE" with a scale of 0 to 4 in at most three decimals ("0.75");
// without one it is 1. INVALID_ARGUMENT.
StatusOr<AdapterSpec> ParseAdapter(const std::string& text);

// SHA-256 of a target that the role lists, as text; empty when it does not.
std::string ListedHash(const tuf::Draft& role, const std::string& path);

// "NAME=VALUE,VALUE" options by name. INVALID_ARGUMENT: no '=', or a name that comes twice.
StatusOr<std::map<std::string, std::string>> ParseNamed(const std::vector<std::string>& texts);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_RELEASE_RELEASE_PLAN_H_
