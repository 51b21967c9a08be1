#include "controller/backup/sealed_text.h"

#include <charconv>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "base/bytes.h"
#include "security/sha256.h"

namespace flotilla::controller {
namespace {

constexpr std::string_view kSeal = "end ";
constexpr std::size_t kHexDigits = 2 * Digest::kSize;
constexpr std::size_t kSealBytes = kSeal.size() + kHexDigits + 1;

Status Damaged(const std::string& why) {
  return DataLoss(absl::StrCat("the file is damaged or cut off: ", why));
}

}  // namespace

StatusOr<std::uint64_t> ParseWhole(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end ||
      (text.front() == '0' && text.size() > 1)) {
    return Damaged("a number is none");
  }
  return value;
}

std::string Seal(std::string text) {
  const Digest seal = security::Sha256(AsBytes(text));
  text.append(kSeal).append(seal.ToHex()).append("\n");
  return text;
}

SealedWriter::SealedWriter(std::string_view title) : text_(title) {
  text_.push_back('\n');
}

SealedWriter& SealedWriter::Add(std::string_view name, std::string_view value) {
  text_.append(name).append(" ").append(value).append("\n");
  return *this;
}

SealedWriter& SealedWriter::Add(std::string_view name, std::uint64_t value) {
  return Add(name, std::string_view(std::to_string(value)));
}

SealedWriter& SealedWriter::Add(std::string_view name, Time value) {
  return Add(name, std::string_view(UtcText(value)));
}

std::string SealedWriter::Finish() && {
  return Seal(std::move(text_));
}

StatusOr<SealedReader> SealedReader::Open(std::string_view text, std::string_view title) {
  if (text.size() <= kSealBytes || text.back() != '\n') {
    return Damaged("it does not end as it was written");
  }
  const std::string_view sealed = text.substr(0, text.size() - kSealBytes);
  const std::string_view seal = text.substr(sealed.size());
  const auto digest = Digest::FromHex(seal.substr(kSeal.size(), kHexDigits));
  if (!seal.starts_with(kSeal) || !digest.ok() || security::Sha256(AsBytes(sealed)) != *digest ||
      sealed.back() != '\n') {
    return Damaged("its content does not give the digest in its last line");
  }
  std::vector<std::string> lines =
      absl::StrSplit(std::string(sealed.substr(0, sealed.size() - 1)), '\n');
  if (lines.front() != title) {
    return FailedPrecondition(absl::StrCat("it begins with \"", lines.front(), "\", not with \"",
                                           std::string(title), "\""));
  }
  lines.erase(lines.begin());
  return SealedReader(std::move(lines));
}

StatusOr<std::string> SealedReader::Text(std::string_view name) {
  std::string prefix(name);
  prefix.push_back(' ');
  if (next_ == lines_.size() || !lines_[next_].starts_with(prefix)) {
    return Damaged(absl::StrCat("line ", next_ + 2, " is not \"", std::string(name), "\""));
  }
  return lines_[next_++].substr(prefix.size());
}

StatusOr<std::uint64_t> SealedReader::Number(std::string_view name) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::string text, Text(name));
  return ParseWhole(text);
}

StatusOr<Time> SealedReader::At(std::string_view name) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::string text, Text(name));
  const auto at = ParseUtcText(text);
  return at.ok() ? *at : StatusOr<Time>(Damaged(absl::StrCat(std::string(name), " is no time")));
}

std::string_view SealedReader::NextName() const {
  if (next_ == lines_.size()) {
    return {};
  }
  const std::string_view line = lines_[next_];
  return line.substr(0, line.find(' '));
}

Status SealedReader::AtEnd() const {
  return next_ == lines_.size() ? OkStatus()
                                : Damaged(absl::StrCat("line ", next_ + 2, " is one too many"));
}

}  // namespace flotilla::controller
