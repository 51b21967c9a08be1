#include "security/tuf/target_path.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "flotilla/v1/failure_reason.pb.h"
#include "security/tuf/fields.h"
#include "security/tuf/limits.h"

namespace flotilla::tuf {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsUnreserved(char c) {
  return IsAlphanumeric(c) || c == '_' || c == '.' || c == '-' || c == '~';
}

bool IsBadSegment(std::string_view segment) {
  return segment.empty() || segment == "." || segment == "..";
}

bool HasBadSegment(std::string_view path) {
  while (true) {
    const std::size_t slash = path.find('/');
    if (IsBadSegment(path.substr(0, slash))) {
      return true;
    }
    if (slash == std::string_view::npos) {
      return false;
    }
    path.remove_prefix(slash + 1);
  }
}

Status BadPath(std::string_view path) {
  return WithReason(InvalidArgument("not a target path: '" + std::string(path.substr(0, 64)) + "'"),
                    v1::FAILURE_REASON_FORM_BAD_PATH);
}

}  // namespace

std::string QuoteSegment(std::string_view text) {
  std::string quoted;
  for (const char c : text) {
    if (IsUnreserved(c)) {
      quoted += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      quoted += '%';
      quoted += kHexDigits[byte >> 4U];
      quoted += kHexDigits[byte & 15U];
    }
  }
  return quoted;
}

StatusOr<std::string> UnquoteSegment(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    auto byte = HexDecode(text.substr(i + 1, 2));
    if (!byte.ok() || byte->size() != 1) {
      return InvalidArgument("a '%' without two hex digits");
    }
    plain += static_cast<char>(byte->front());
    i += 2;
  }
  return plain;
}

Status CheckTargetPath(std::string_view path) {
  const bool has_control = std::any_of(path.begin(), path.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (path.size() > kMaxPathBytes || has_control || HasBadSegment(path)) {
    return BadPath(path);
  }
  return OkStatus();
}

Status CheckWrittenTargetPath(std::string_view path) {
  FLOTILLA_RETURN_IF_ERROR(CheckTargetPath(path));
  const bool plain = std::all_of(path.begin(), path.end(), [](char c) {
    return IsAlphanumeric(c) || c == '.' || c == '_' || c == '/' || c == '-';
  });
  return plain ? OkStatus() : BadPath(path);
}

Status CheckDelegatedName(std::string_view name) {
  const bool top_level =
      name == "root" || name == "timestamp" || name == "snapshot" || name == "targets";
  if (name.empty() || top_level || QuoteSegment(name).size() > kMaxRoleNameBytes) {
    return SchemaError("'" + std::string(name.substr(0, 64)) + "' cannot be a delegated role");
  }
  return OkStatus();
}

std::string TargetUrlPath(std::string_view path, std::string_view prefix) {
  std::string url;
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos;
       slash = path.find('/')) {
    url += QuoteSegment(path.substr(0, slash)) + "/";
    path.remove_prefix(slash + 1);
  }
  if (!prefix.empty()) {
    url += std::string(prefix) + ".";
  }
  return url + QuoteSegment(path);
}

}  // namespace flotilla::tuf
