#include "engine/gguf/byte_cursor.h"

namespace flotilla::gguf {

Status ByteCursor::Need(std::uint64_t bytes) const {
  if (bytes <= prefix_.size() - position_) {
    return OkStatus();
  }
  if (bytes > file_bytes_ - position_ || prefix_.size() >= file_bytes_) {
    return DataLoss("GGUF: the file ends inside its header");
  }
  return Status(StatusCode::kOutOfRange, "GGUF: the header goes on behind the bytes given");
}

StatusOr<std::string> ByteCursor::ReadText(std::uint64_t max_bytes) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto length, Read<std::uint64_t>());
  if (length > max_bytes) {
    return DataLoss("GGUF: a string of " + std::to_string(length) + " bytes, more than " +
                    std::to_string(max_bytes));
  }
  FLOTILLA_RETURN_IF_ERROR(Need(length));
  std::string text(AsText(prefix_.subspan(position_, length)));
  position_ += length;
  return text;
}

Status ByteCursor::Skip(std::uint64_t bytes) {
  FLOTILLA_RETURN_IF_ERROR(Need(bytes));
  position_ += bytes;
  return OkStatus();
}

Status ByteCursor::SkipText() {
  FLOTILLA_ASSIGN_OR_RETURN(const auto length, Read<std::uint64_t>());
  return Skip(length);
}

}  // namespace flotilla::gguf
