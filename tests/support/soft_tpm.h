#ifndef FLOTILLA_TESTS_SUPPORT_SOFT_TPM_H_
#define FLOTILLA_TESTS_SUPPORT_SOFT_TPM_H_

#include <sys/types.h>

#include <string>

#include "base/status.h"
#include "tests/support/temp_dir.h"

namespace flotilla {

// A TPM 2 in software, made anew for each object: a key of one is useless to another. One program
// at a time can use it.
class SoftTpm {
 public:
  SoftTpm() = default;
  ~SoftTpm();
  SoftTpm(const SoftTpm&) = delete;
  SoftTpm& operator=(const SoftTpm&) = delete;

  // NOT_FOUND: the package swtpm is missing; a test fails then.
  Status Start();
  // It answers nobody until Start; its keys stay.
  void Stop();
  // What a program is told to reach it.
  std::string tcti() const { return "swtpm:path=" + (folder_.path() / "tpm").string(); }

 private:
  TempDir folder_;
  pid_t pid_ = 0;
};

}  // namespace flotilla

#endif  // FLOTILLA_TESTS_SUPPORT_SOFT_TPM_H_
