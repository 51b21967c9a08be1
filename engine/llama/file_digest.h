#ifndef FLOTILLA_ENGINE_LLAMA_FILE_DIGEST_H_
#define FLOTILLA_ENGINE_LLAMA_FILE_DIGEST_H_

#include "base/digest.h"
#include "base/status.h"

namespace flotilla::engine {

// SHA-256 of all bytes behind a descriptor open for reading; its position is neither used nor
// moved. Blocking. Errors by errno.
StatusOr<Digest> DigestOfDescriptor(int fd);

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_LLAMA_FILE_DIGEST_H_
