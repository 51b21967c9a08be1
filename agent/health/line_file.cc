#include "agent/health/line_file.h"

#include "absl/strings/str_cat.h"

#include "base/crc32.h"
#include "base/file.h"
#include "base/log.h"

namespace flotilla::agent {
namespace {

constexpr std::size_t kCrcBytes = 4;
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 20U;

}  // namespace

Bytes SealLineFile(Bytes bytes) {
  dap::TlsWriter crc;
  crc.U32(Crc32(bytes));
  const Bytes tail = std::move(crc).Take();
  bytes.insert(bytes.end(), tail.begin(), tail.end());
  return bytes;
}

StatusOr<ByteView> OpenLineFile(const LineFile& file, ByteView bytes) {
  if (bytes.size() < kCrcBytes) {
    return DataLoss(absl::StrCat(file.what, ": cut off"));
  }
  const ByteView content = bytes.first(bytes.size() - kCrcBytes);
  dap::TlsReader tail(bytes.last(kCrcBytes));
  if (tail.U32() != Crc32(content)) {
    return DataLoss(absl::StrCat(file.what, ": damaged"));
  }
  return content;
}

std::size_t ReadLineFileHead(const LineFile& file, dap::TlsReader& in) {
  const ByteView magic = in.Raw(file.magic.size());
  if (AsText(magic) != file.magic || in.U8() != file.version) {
    in.Fail();
  }
  const std::size_t lines = in.U16();
  if (lines > file.max_lines) {
    in.Fail();
  }
  return lines;
}

StatusOr<Bytes> ReadLineFile(const std::filesystem::path& path) {
  return ReadFile(path, kMaxFileBytes);
}

void LogUnreadable(const LineFile& file, const Status& why) {
  LogStatus(LogLevel::kWarning, file.unreadable, why);
}

}  // namespace flotilla::agent
