// privacy_wire UPLOAD [UPLOAD]: each file has the hexadecimal digits of one upload, as
// `flotilla-agent privacy show` prints them. One: names every byte of it and who can make something
// of it. Two, of one task and window: says in what they differ. Exit 0: as it should be; 1: a part
// that says something differs, a random one does not (one report, twice), or it is no upload.
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "base/status.h"
#include "telemetry/record/report_bytes.h"

namespace {

using flotilla::Bytes;
using flotilla::StatusOr;

constexpr std::size_t kMostText = 1U << 16U;
constexpr std::size_t kShown = 8;

StatusOr<Bytes> ReadUpload(const char* file) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes text, flotilla::ReadFile(file, kMostText));
  std::string digits;
  for (const std::uint8_t byte : text) {
    if (std::isspace(byte) == 0) {
      digits += static_cast<char>(byte);
    }
  }
  return flotilla::HexDecode(digits);
}

flotilla::Status Show(const Bytes& upload) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto parts, flotilla::record::PartsOfUpload(upload));
  for (const auto& part : parts) {
    const std::size_t shown = part.size < kShown ? part.size : kShown;
    const std::string hex = flotilla::HexEncode(flotilla::ByteView(part.bytes).subspan(0, shown));
    std::ignore = std::printf("%5zu %5zu  %-43.*s %-6s %-18s %.*s\n", part.offset, part.size,
                              static_cast<int>(part.name.size()), part.name.data(),
                              part.kind == flotilla::record::PartKind::kFixed ? "fixed" : "random",
                              (hex + (shown < part.size ? ".." : "")).c_str(),
                              static_cast<int>(part.who.size()), part.who.data());
  }
  std::ignore = std::printf("%zu bytes\n", upload.size());
  return flotilla::OkStatus();
}

StatusOr<int> Compare(const Bytes& a, const Bytes& b) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto difference, flotilla::record::CompareUploads(a, b));
  for (const std::string_view name : difference.unexpected) {
    std::ignore = std::printf("differs: %.*s\n", static_cast<int>(name.size()), name.data());
  }
  for (const std::string_view name : difference.repeated) {
    std::ignore = std::printf("the same: %.*s\n", static_cast<int>(name.size()), name.data());
  }
  if (!difference.unexpected.empty() || !difference.repeated.empty()) {
    return EXIT_FAILURE;
  }
  std::ignore =
      std::printf("%zu bytes each; they differ in random and sealed bytes alone\n", a.size());
  return EXIT_SUCCESS;
}

StatusOr<int> Run(int argc, char** argv) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes first, ReadUpload(argv[1]));
  if (argc == 2) {
    FLOTILLA_RETURN_IF_ERROR(Show(first));
    return EXIT_SUCCESS;
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes second, ReadUpload(argv[2]));
  return Compare(first, second);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 2 && argc != 3) {
      std::ignore = std::fprintf(stderr, "usage: privacy_wire UPLOAD [UPLOAD]\n");
      return 2;
    }
    const StatusOr<int> code = Run(argc, argv);
    if (!code.ok()) {
      std::ignore = std::fprintf(stderr, "%s\n", code.status().ToString().c_str());
      return EXIT_FAILURE;
    }
    return *code;
  } catch (const std::exception& error) {
    std::ignore = std::fprintf(stderr, "privacy_wire: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
