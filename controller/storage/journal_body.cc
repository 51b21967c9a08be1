#include "controller/storage/journal_body.h"

#include <memory>
#include <span>
#include <utility>

#include <zstd.h>

#include "absl/strings/str_cat.h"

#include "controller/storage/journal_rows.h"

namespace flotilla::controller {
namespace {

constexpr std::string_view kMark = "j1";
constexpr std::size_t kNearBytes = std::size_t{4} << 20U;
// Rows of one group say almost the same: the fastest level makes a tenth of them.
constexpr int kLevel = 1;

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

std::size_t SizeOf(const SqlRow& row) {
  std::size_t size = 0;
  for (const SqlValue& value : row) {
    const auto* text = std::get_if<std::string>(&value);
    size += sizeof(SqlNumber) + (text == nullptr ? 0 : text->size());
  }
  return size;
}

StatusOr<JournalBody> Compressed(const std::string& rows) {
  const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  if (context == nullptr) {
    return ResourceExhausted("no memory to compress rows in");
  }
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  // The bound is ten times what it takes: bytes that nobody writes cost nothing.
  const std::size_t bound = ZSTD_compressBound(rows.size());
  const auto frame = std::make_unique_for_overwrite<char[]>(bound);
  const std::size_t size =
      ZSTD_compress2(context.get(), frame.get(), bound, rows.data(), rows.size());
  if (ZSTD_isError(size) != 0) {
    return Internal(absl::StrCat("rows do not compress: ", ZSTD_getErrorName(size)));
  }
  JournalBody made{std::string(kMark), rows.size()};
  made.body.append(frame.get(), size);
  return made;
}

// How many rows from `first` on have room in a body that has `size` already; at least one where it
// is empty.
std::size_t RoomFor(const std::vector<SqlRow>& rows, std::size_t first, std::size_t& size) {
  std::size_t count = 0;
  while (first + count < rows.size()) {
    const std::size_t more = SizeOf(rows[first + count]);
    if (size != 0 && size + more > kNearBytes) {
      break;
    }
    size += more;
    ++count;
  }
  return count;
}

}  // namespace

StatusOr<std::vector<JournalBody>> EncodeJournal(const std::vector<const SqlBatch*>& batches) {
  std::vector<JournalBody> bodies;
  JournalRowWriter writer;
  std::size_t size = 0;
  const auto close = [&]() -> Status {
    if (writer.bytes().size() > kMaxJournalRows) {
      return InvalidArgument("a row is too large to be written");
    }
    FLOTILLA_ASSIGN_OR_RETURN(JournalBody body, Compressed(writer.bytes()));
    bodies.push_back(std::move(body));
    writer.Clear();
    size = 0;
    return OkStatus();
  };
  for (const SqlBatch* batch : batches) {
    for (std::size_t first = 0; first < batch->rows.size();) {
      const std::size_t before = size;
      const std::size_t count = RoomFor(batch->rows, first, size);
      if (count == 0) {
        FLOTILLA_RETURN_IF_ERROR(close());
        continue;
      }
      writer.Reserve(size - before);
      writer.Put(*batch->table, std::span(batch->rows).subspan(first, count));
      first += count;
    }
  }
  if (size != 0) {
    FLOTILLA_RETURN_IF_ERROR(close());
  }
  return bodies;
}

StatusOr<std::vector<SqlBatch>> DecodeJournal(std::string_view body) {
  if (!body.starts_with(kMark)) {
    return DamagedJournal("it is of another form");
  }
  const std::string_view frame = body.substr(kMark.size());
  // Unknown sizes and errors are the largest numbers; a frame of another kind has none.
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == 0 || size > kMaxJournalRows ||
      ZSTD_findFrameCompressedSize(frame.data(), frame.size()) != frame.size()) {
    return DamagedJournal("it is no whole frame");
  }
  std::string rows(static_cast<std::size_t>(size), '\0');
  const std::size_t found = ZSTD_decompress(rows.data(), rows.size(), frame.data(), frame.size());
  if (ZSTD_isError(found) != 0 || found != rows.size()) {
    return DamagedJournal("its checksum is not that of its rows");
  }
  return DecodeJournalRows(rows);
}

}  // namespace flotilla::controller
