// Running known-answer vectors: every JSON file of a folder, each an entry or an array of entries.
#ifndef FLOTILLA_TESTS_CONFORMANCE_VECTORS_VECTOR_FOLDER_H_
#define FLOTILLA_TESTS_CONFORMANCE_VECTORS_VECTOR_FOLDER_H_

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>

#include <boost/json/object.hpp>

#include "base/bytes.h"
#include "base/status.h"

namespace flotilla::conformance {

enum class Verdict { kUnspecified = 0, kPassed, kFailed, kSkipped };

struct VectorResult {
  Verdict verdict = Verdict::kUnspecified;
  std::string why;  // of a failure or a skip
};

inline VectorResult Passed() {
  return {Verdict::kPassed, ""};
}
inline VectorResult Failed(const std::string& why) {
  return {Verdict::kFailed, why};
}
inline VectorResult Skipped(const std::string& why) {
  return {Verdict::kSkipped, why};
}

// Judges one entry.
using VectorCheck = std::function<VectorResult(const boost::json::object& entry)>;

// JSON in which integers of more than 18 digits become strings of their digits: the parser would
// round them. INVALID_ARGUMENT: no JSON.
StatusOr<boost::json::value> ParseVectorJson(std::string_view text);

// Runs the *.json files of `folder` in the order of their names, writes a line for each entry that
// failed or was skipped, and last "N passed, M failed" (", K skipped" when some were).
// Returns the exit code of a vector program: 0; 1 when something failed, a file that is no JSON
// included; 2 when the folder or a file cannot be read, or no JSON file is there.
int RunVectorFolder(const std::filesystem::path& folder, const VectorCheck& check,
                    std::ostream& out);

// The bytes of a hex text. INVALID_ARGUMENT: the field is missing or is no hex.
StatusOr<Bytes> HexField(const boost::json::object& entry, std::string_view name);
// A whole number, written as a number or as a text of digits. INVALID_ARGUMENT otherwise.
StatusOr<std::string> DigitsField(const boost::json::object& entry, std::string_view name);
StatusOr<std::string> DigitsOf(const boost::json::value& value);

}  // namespace flotilla::conformance

#endif  // FLOTILLA_TESTS_CONFORMANCE_VECTORS_VECTOR_FOLDER_H_
