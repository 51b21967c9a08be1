// Small files that must be whole: lines "name value", and a last line with the digest of all before
// it. A torn file, or one byte that changed, is found out before any of it is used.
#ifndef FLOTILLA_CONTROLLER_BACKUP_SEALED_TEXT_H_
#define FLOTILLA_CONTROLLER_BACKUP_SEALED_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/status.h"
#include "base/time.h"

namespace flotilla::controller {

// Decimal digits as they are written here: no sign, no leading zero. DATA_LOSS.
StatusOr<std::uint64_t> ParseWhole(std::string_view text);

// The text with its last line.
std::string Seal(std::string text);

// Writes one. Values have no line feed.
class SealedWriter {
 public:
  // `title`, "flotilla-backup 1", is the first line.
  explicit SealedWriter(std::string_view title);
  SealedWriter& Add(std::string_view name, std::string_view value);
  SealedWriter& Add(std::string_view name, std::uint64_t value);
  SealedWriter& Add(std::string_view name, Time value);
  std::string Finish() &&;

 private:
  std::string text_;
};

// Reads one, line by line, in the order in which they were written.
class SealedReader {
 public:
  // DATA_LOSS: `text` is not sealed, or does not fit its seal; FAILED_PRECONDITION: another title
  // (a newer form, or another kind of file).
  static StatusOr<SealedReader> Open(std::string_view text, std::string_view title);

  // Each takes the next line, which has this name. DATA_LOSS: it is another line, or no such value.
  StatusOr<std::string> Text(std::string_view name);
  StatusOr<std::uint64_t> Number(std::string_view name);
  StatusOr<Time> At(std::string_view name);
  // The name of the next line; empty at the end.
  std::string_view NextName() const;
  // DATA_LOSS: there is a line more.
  Status AtEnd() const;

 private:
  explicit SealedReader(std::vector<std::string> lines) : lines_(std::move(lines)) {}

  std::vector<std::string> lines_;
  std::size_t next_ = 0;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_BACKUP_SEALED_TEXT_H_
