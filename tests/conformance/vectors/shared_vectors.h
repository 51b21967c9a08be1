// Where other projects' vectors lie, which are not part of this tree.
#ifndef FLOTILLA_TESTS_CONFORMANCE_VECTORS_SHARED_VECTORS_H_
#define FLOTILLA_TESTS_CONFORMANCE_VECTORS_SHARED_VECTORS_H_

#include <cstdlib>

#include <filesystem>
#include <string>

namespace flotilla::conformance {

// `name` in the folder of the variable FLOTILLA_VECTORS, else in ../shared/vectors beside
// `source_root`. May not exist.
inline std::filesystem::path SharedVectors(const std::filesystem::path& source_root,
                                           const std::string& name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): a test has one thread, and nothing sets the variable
  const char* const folder = std::getenv("FLOTILLA_VECTORS");
  const std::filesystem::path root = folder != nullptr
                                         ? std::filesystem::path(folder)
                                         : source_root.parent_path() / "shared" / "vectors";
  return root / name;
}

}  // namespace flotilla::conformance

#endif  // FLOTILLA_TESTS_CONFORMANCE_VECTORS_SHARED_VECTORS_H_
