#include "controller/storage/packed_body.h"

#include <algorithm>
#include <cstddef>

#include <zstd.h>
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace flotilla::controller {
namespace {

using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

constexpr char kPacked = 'w';
// Of every frame; not stored.
constexpr std::string_view kMagic = "\x28\xB5\x2F\xFD";
constexpr int kLevel = 3;
constexpr std::size_t kMostBodies = 64;
constexpr std::size_t kMostWords = std::size_t{32} << 10U;
// One body in so many may be one of the words.
constexpr std::size_t kShare = 4;
constexpr std::size_t kFewest = 8;
// Largest body: those of reports are far smaller, and words too.
constexpr std::size_t kMostBody = std::size_t{64} << 20U;

struct Free {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  void operator()(ZSTD_CDict* dictionary) const { ZSTD_freeCDict(dictionary); }
};

std::size_t BodiesTaken(const std::vector<std::string_view>& bodies) {
  std::size_t size = 0;
  for (const std::string_view body : bodies) {
    size += body.size();
  }
  const std::size_t room = size == 0 ? 0 : kMostWords * bodies.size() / size;
  return std::min({kMostBodies, bodies.size() / kShare, room});
}

// The number of the words, and how many bytes it and the mark take; 0: they are not there.
std::size_t ReadNumber(std::string_view stored, std::uint64_t& number) {
  if (!stored.starts_with(kPacked)) {
    return 0;
  }
  CodedInputStream in(reinterpret_cast<const std::uint8_t*>(stored.data()),
                      static_cast<int>(std::min<std::size_t>(stored.size(), kMostBody)));
  return in.Skip(1) && in.ReadVarint64(&number) ? static_cast<std::size_t>(in.CurrentPosition())
                                                : 0;
}

Status Unreadable() {
  return DataLoss("a packed body does not fit its words");
}

}  // namespace

std::string WordsFrom(const std::vector<std::string_view>& bodies) {
  const std::size_t count = BodiesTaken(bodies);
  std::string words;
  for (std::size_t i = 0; count >= kFewest && i < count; ++i) {
    words += bodies[i * bodies.size() / count];
  }
  return words;
}

struct BodyPacker::Impl {
  std::string mark;
  std::unique_ptr<ZSTD_CDict, Free> dictionary;
  std::unique_ptr<ZSTD_CCtx, Free> context;
};

BodyPacker::BodyPacker(const BodyWords& words) : impl_(std::make_unique<Impl>()) {
  impl_->mark.push_back(kPacked);
  {
    google::protobuf::io::StringOutputStream stream(&impl_->mark);
    CodedOutputStream(&stream).WriteVarint64(words.number);
  }
  impl_->context.reset(ZSTD_createCCtx());
  ZSTD_CCtx* const context = impl_->context.get();
  if (context == nullptr) {
    return;  // no memory: bodies stay as they are
  }
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, words.number == 0 ? 1 : 0);
  ZSTD_CCtx_setParameter(context, ZSTD_c_dictIDFlag, 0);
  if (!words.text.empty()) {
    impl_->dictionary.reset(ZSTD_createCDict(words.text.data(), words.text.size(), kLevel));
    if (impl_->dictionary == nullptr) {
      impl_->context.reset();
      return;
    }
    ZSTD_CCtx_refCDict(context, impl_->dictionary.get());
  }
}

BodyPacker::~BodyPacker() = default;

std::string BodyPacker::Packed(std::string_view body) const {
  if (impl_->context == nullptr || body.empty()) {
    return std::string(body);
  }
  // The magic number comes where the end of the mark will lie.
  const std::size_t mark = impl_->mark.size();
  std::string packed(mark + ZSTD_compressBound(body.size()), '\0');
  const std::size_t size = ZSTD_compress2(impl_->context.get(), packed.data() + mark,
                                          packed.size() - mark, body.data(), body.size());
  if (ZSTD_isError(size) != 0 || mark + size - kMagic.size() >= body.size()) {
    return std::string(body);
  }
  packed.resize(mark + size);
  packed.replace(0, mark + kMagic.size(), impl_->mark);
  packed.shrink_to_fit();
  return packed;
}

double BodyPacker::SizeOf(const std::vector<std::string_view>& bodies) const {
  const std::size_t count = std::max<std::size_t>(BodiesTaken(bodies), 1);
  double size = 0;
  for (std::size_t i = 0; !bodies.empty() && i < count; ++i) {
    size += static_cast<double>(Packed(bodies[(2 * i + 1) * bodies.size() / (2 * count)]).size());
  }
  return size * static_cast<double>(bodies.size()) / static_cast<double>(count);
}

std::optional<std::uint64_t> WordsNumberOf(std::string_view stored) {
  std::uint64_t number = 0;
  if (ReadNumber(stored, number) == 0) {
    return std::nullopt;
  }
  return number;
}

struct BodyUnpacker::Impl {
  std::unique_ptr<ZSTD_DCtx, Free> context{ZSTD_createDCtx()};
};

BodyUnpacker::BodyUnpacker() : impl_(std::make_unique<Impl>()) {}
BodyUnpacker::~BodyUnpacker() = default;

StatusOr<std::string> BodyUnpacker::Unpacked(std::string_view stored,
                                             const BodyWords& words) const {
  if (impl_->context == nullptr) {
    return ResourceExhausted("no memory to unpack rows in");
  }
  std::uint64_t number = 0;
  const std::size_t begin = ReadNumber(stored, number);
  if (begin == 0 || number != words.number) {
    return Unreadable();
  }
  std::string frame(kMagic);
  frame += stored.substr(begin);
  // Unknown sizes and errors are the largest numbers.
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size > kMostBody ||
      ZSTD_findFrameCompressedSize(frame.data(), frame.size()) != frame.size()) {
    return Unreadable();
  }
  std::string body(static_cast<std::size_t>(size), '\0');
  const std::size_t found =
      ZSTD_decompress_usingDict(impl_->context.get(), body.data(), body.size(), frame.data(),
                                frame.size(), words.text.data(), words.text.size());
  if (ZSTD_isError(found) != 0 || found != body.size()) {
    return Unreadable();
  }
  return body;
}

}  // namespace flotilla::controller
