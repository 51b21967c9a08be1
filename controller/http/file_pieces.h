#ifndef FLOTILLA_CONTROLLER_HTTP_FILE_PIECES_H_
#define FLOTILLA_CONTROLLER_HTTP_FILE_PIECES_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/unique_fd.h"
#include "controller/http/http_message.h"

namespace flotilla::http {

// Reads a slice of a file from its start to its end. One thread at a time; reads block on the disk.
class FilePieces {
 public:
  static StatusOr<std::unique_ptr<FilePieces>> Open(const FileSlice& slice);
  // Bytes put into `out`; 0 at the end. DATA_LOSS when the file became shorter than the slice.
  StatusOr<std::size_t> Read(std::span<std::uint8_t> out);

 private:
  FilePieces(UniqueFd fd, const FileSlice& slice);

  UniqueFd fd_;
  std::uint64_t offset_;
  std::uint64_t left_;
};

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_FILE_PIECES_H_
