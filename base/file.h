// Reading files. Writing what must survive a power cut goes through base/durable_fs.h.
#ifndef FLOTILLA_BASE_FILE_H_
#define FLOTILLA_BASE_FILE_H_

#include <cstdint>
#include <filesystem>

#include "base/bytes.h"
#include "base/status.h"

namespace flotilla {

// The whole file. NOT_FOUND; RESOURCE_EXHAUSTED when it is larger than `max_bytes`; else by errno.
// Blocking.
StatusOr<Bytes> ReadFile(const std::filesystem::path& path, std::uint64_t max_bytes);

// Size in bytes of a regular file. NOT_FOUND; FAILED_PRECONDITION for another kind of file.
StatusOr<std::uint64_t> FileSize(const std::filesystem::path& path);

}  // namespace flotilla

#endif  // FLOTILLA_BASE_FILE_H_
