#include "tests/support/canary_search.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <zstd.h>
#include "zlib.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace flotilla {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostUnpacked = std::size_t{16} << 20U;
// A stream within a stream, and one within that.
constexpr int kMostDepth = 3;

enum class ByteOrder { kLittle, kBig };
enum class Alphabet { kStandard, kUrlSafe };

std::string Utf16(std::string_view bytes, ByteOrder order) {
  std::string wide;
  for (const char letter : bytes) {
    wide += order == ByteOrder::kBig ? std::string({'\0', letter}) : std::string({letter, '\0'});
  }
  return wide;
}

// The letters of the base64 text that stand for `bytes` alone when `phase` bytes come before them.
std::string Base64At(std::string_view bytes, std::size_t phase, Alphabet alphabet) {
  std::string padded(phase, '\0');
  padded += bytes;
  const std::string text = alphabet == Alphabet::kUrlSafe ? absl::WebSafeBase64Escape(padded)
                                                          : absl::Base64Escape(padded);
  const std::size_t first = (8 * phase + 5) / 6;
  const std::size_t end = 8 * padded.size() / 6;
  return text.substr(first, end - first);
}

std::string Inflate(std::string_view bytes) {
  z_stream stream{};
  if (::inflateInit2(&stream, 15 + 32) != Z_OK) {  // zlib or gzip, by its head
    return {};
  }
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // it reads only
  stream.avail_in = static_cast<uInt>(std::min(bytes.size(), kMostUnpacked));
  std::string content;
  std::array<char, 16384> buffer{};
  int result = Z_OK;
  while (result == Z_OK && content.size() < kMostUnpacked) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    result = ::inflate(&stream, Z_NO_FLUSH);
    content.append(buffer.data(), buffer.size() - stream.avail_out);
  }
  ::inflateEnd(&stream);
  return content;
}

std::string UnpackZstd(std::string_view bytes) {
  ZSTD_DStream* const stream = ::ZSTD_createDStream();
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  std::string content;
  std::array<char, 16384> buffer{};
  for (bool more = true; more && content.size() < kMostUnpacked;) {
    ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
    const std::size_t before = in.pos;
    const std::size_t result = ::ZSTD_decompressStream(stream, &out, &in);
    content.append(buffer.data(), out.pos);
    more = ZSTD_isError(result) == 0 && result != 0 && (out.pos > 0 || in.pos > before);
  }
  ::ZSTD_freeDStream(stream);
  return content;
}

bool BeginsZlib(std::string_view bytes) {
  const auto head = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  return bytes.size() > 6 && head(0) == 0x78 && (head(0) * 256 + head(1)) % 31 == 0;
}

bool IsBelow(const fs::path& file, const std::vector<fs::path>& folders) {
  return std::any_of(folders.begin(), folders.end(), [&](const fs::path& folder) {
    return std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first ==
           folder.end();
  });
}

}  // namespace

std::vector<NamedForm> FormsOf(std::string_view bytes) {
  const std::string hex = absl::BytesToHexString(std::string(bytes));
  std::vector<NamedForm> forms = {{"as it is", std::string(bytes)},
                                  {"reversed", std::string(bytes.rbegin(), bytes.rend())},
                                  {"as UTF-16 LE", Utf16(bytes, ByteOrder::kLittle)},
                                  {"as UTF-16 BE", Utf16(bytes, ByteOrder::kBig)},
                                  {"in hexadecimal", hex},
                                  {"in HEXADECIMAL", absl::AsciiStrToUpper(hex)}};
  for (std::size_t phase = 0; phase < 3; ++phase) {
    forms.emplace_back(absl::StrCat("in base64, phase ", phase),
                       Base64At(bytes, phase, Alphabet::kStandard));
    forms.emplace_back(absl::StrCat("in base64url, phase ", phase),
                       Base64At(bytes, phase, Alphabet::kUrlSafe));
  }
  return forms;
}

std::vector<NamedForm> UnpackedFrom(std::string_view bytes) {
  std::vector<NamedForm> unpacked;
  const auto keep = [&](const char* kind, std::string content) {
    if (content.size() >= ByteSearch::kLeastBytes) {
      unpacked.emplace_back(kind, std::move(content));
    }
  };
  for (std::size_t i = 0; i + 4 < bytes.size(); ++i) {
    const std::string_view rest = bytes.substr(i);
    if (rest.starts_with("\x1f\x8b\x08")) {
      keep("gzip", Inflate(rest));
    } else if (BeginsZlib(rest)) {
      keep("zlib", Inflate(rest));
    } else if (rest.starts_with("\x28\xb5\x2f\xfd")) {
      keep("zstd", UnpackZstd(rest));
    }
  }
  return unpacked;
}

void CanarySearch::Plant(std::string_view name, std::string_view word) {
  for (const auto& [form, bytes] : FormsOf(word)) {
    if (!search_.Add(bytes, absl::StrCat(std::string(name), " ", form))) {
      std::abort();  // too short a word: the test could not fail
    }
  }
}

void CanarySearch::SearchInto(const std::string& place, std::string_view bytes, int depth,
                              std::vector<std::string>& finds) const {
  for (const std::string& found : search_.In(bytes)) {
    finds.push_back(absl::StrCat(place, ": ", found));
  }
  if (depth >= kMostDepth) {
    return;
  }
  for (const auto& [kind, content] : UnpackedFrom(bytes)) {
    SearchInto(absl::StrCat(place, " (", kind, ")"), content, depth + 1, finds);
  }
}

std::vector<std::string> CanarySearch::InBytes(std::string_view place,
                                               std::string_view bytes) const {
  std::vector<std::string> finds;
  SearchInto(std::string(place), bytes, 0, finds);
  std::string joined(bytes);
  std::erase_if(joined, [](char letter) { return letter == '\n' || letter == '\r'; });
  for (const std::string& found : search_.In(joined)) {
    finds.push_back(absl::StrCat(std::string(place), ": ", found));
  }
  std::sort(finds.begin(), finds.end());
  finds.erase(std::unique(finds.begin(), finds.end()), finds.end());
  return finds;
}

std::vector<std::string> CanarySearch::InFile(const fs::path& file) const {
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  return InBytes(file.string(), bytes);
}

std::vector<std::string> CanarySearch::InFolder(const fs::path& folder,
                                                const std::vector<fs::path>& without) const {
  if (!fs::is_directory(folder)) {
    return {absl::StrCat(folder.string(), ": no such folder")};
  }
  std::vector<std::string> finds;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (IsBelow(entry.path(), without)) {
      continue;
    }
    const std::string name = entry.path().lexically_relative(folder).string();
    for (const std::string& found : InBytes(absl::StrCat("the name of ", name), name)) {
      finds.push_back(found);
    }
    if (entry.is_regular_file()) {
      const std::vector<std::string> inside = InFile(entry.path());
      finds.insert(finds.end(), inside.begin(), inside.end());
    }
  }
  return finds;
}

}  // namespace flotilla
