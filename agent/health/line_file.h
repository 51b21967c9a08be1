// A small file with something about each line of models: a magic, a version, the lines in ascending
// order of their names (so that there is one encoding), a CRC-32 (base/crc32.h) over all of it.
#ifndef FLOTILLA_AGENT_HEALTH_LINE_FILE_H_
#define FLOTILLA_AGENT_HEALTH_LINE_FILE_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/status.h"
#include "telemetry/dap/tls.h"

namespace flotilla::agent {

struct LineFile {
  std::string_view magic;
  std::uint8_t version = 1;
  std::size_t max_lines = 0;
  const char* what = "";        // in errors: "the kept windows"
  const char* unreadable = "";  // the event that is logged when it is damaged
};

template <typename Line>
using Lines = std::map<std::string, Line, std::less<>>;

// `bytes` and their CRC-32.
Bytes SealLineFile(Bytes bytes);
// What was sealed. DATA_LOSS: cut off, damaged.
StatusOr<ByteView> OpenLineFile(const LineFile& file, ByteView bytes);
// Magic, version and the number of lines; `in` fails where they are not those of `file`.
std::size_t ReadLineFileHead(const LineFile& file, dap::TlsReader& in);
// Errors of ReadFile, as NOT_FOUND.
StatusOr<Bytes> ReadLineFile(const std::filesystem::path& path);
void LogUnreadable(const LineFile& file, const Status& why);

// Names of 1 to 255 bytes; at most file.max_lines.
template <typename Line>
Bytes EncodeLines(const LineFile& file, const Lines<Line>& lines,
                  void (*write)(const Line&, dap::TlsWriter&)) {
  dap::TlsWriter out;
  out.Raw(AsBytes(file.magic));
  out.U8(file.version);
  out.U16(static_cast<std::uint16_t>(lines.size()));
  for (const auto& [name, line] : lines) {
    out.Opaque8(AsBytes(name));
    write(line, out);
  }
  return SealLineFile(std::move(out).Take());
}

// DATA_LOSS: anything that EncodeLines does not write.
template <typename Line>
StatusOr<Lines<Line>> DecodeLines(const LineFile& file, ByteView bytes,
                                  Line (*read)(dap::TlsReader&)) {
  FLOTILLA_ASSIGN_OR_RETURN(const ByteView content, OpenLineFile(file, bytes));
  dap::TlsReader in(content);
  Lines<Line> lines;
  const std::size_t count = ReadLineFileHead(file, in);
  for (std::size_t i = 0; i < count && !in.failed(); ++i) {
    const std::string name = ToText(in.Opaque8(1));
    if (!lines.empty() && lines.rbegin()->first >= name) {
      in.Fail();
    }
    lines[name] = read(in);
  }
  if (const Status status = in.Finish(file.what); !status.ok()) {
    return DataLoss(MessageOf(status));
  }
  return lines;
}

// Empty when there is no file, or it is damaged, which is logged.
template <typename Line>
Lines<Line> LoadLines(const LineFile& file, const std::filesystem::path& path,
                      Line (*read)(dap::TlsReader&)) {
  const StatusOr<Bytes> bytes = ReadLineFile(path);
  if (bytes.status().code() == StatusCode::kNotFound) {
    return {};
  }
  StatusOr<Lines<Line>> lines =
      bytes.ok() ? DecodeLines<Line>(file, *bytes, read) : StatusOr<Lines<Line>>(bytes.status());
  if (!lines.ok()) {
    LogUnreadable(file, lines.status());
    return {};
  }
  return *std::move(lines);
}

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_HEALTH_LINE_FILE_H_
