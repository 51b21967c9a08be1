// Bodies of reports, shorter. Most of what a report says others said before it, byte by byte: the
// digests of a release, the id of a rollout. Some such bodies ("words") are stored once, and others
// are compressed as if they came behind them: 'w', the number of the words as a varint, and a zstd
// frame without its magic number. A body that is not packed begins otherwise (sql_values.h).
#ifndef FLOTILLA_CONTROLLER_STORAGE_PACKED_BODY_H_
#define FLOTILLA_CONTROLLER_STORAGE_PACKED_BODY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace flotilla::controller {

// Number 0: none, and no text.
struct BodyWords {
  std::uint64_t number = 0;
  std::string text;
};

// Text of words for bodies like these: some of them, from all over the list, 32 KiB in all. Empty:
// there are too few.
std::string WordsFrom(const std::vector<std::string_view>& bodies);

// Packs one body after the other behind the same words. Without words a frame has a checksum.
class BodyPacker {
 public:
  explicit BodyPacker(const BodyWords& words);
  ~BodyPacker();
  BodyPacker(const BodyPacker&) = delete;
  BodyPacker& operator=(const BodyPacker&) = delete;

  // The body as it is where nothing is won.
  std::string Packed(std::string_view body) const;
  // Bytes that these bodies would have in all, by some of them that WordsFrom does not take.
  double SizeOf(const std::vector<std::string_view>& bodies) const;

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

// Number of the words that `stored` was packed behind; nothing: it is not packed.
std::optional<std::uint64_t> WordsNumberOf(std::string_view stored);

// Unpacks one body after the other.
class BodyUnpacker {
 public:
  BodyUnpacker();
  ~BodyUnpacker();
  BodyUnpacker(const BodyUnpacker&) = delete;
  BodyUnpacker& operator=(const BodyUnpacker&) = delete;

  // The body of what is packed. DATA_LOSS: it was damaged, or packed behind other words;
  // RESOURCE_EXHAUSTED: no memory.
  StatusOr<std::string> Unpacked(std::string_view stored, const BodyWords& words) const;

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_PACKED_BODY_H_
