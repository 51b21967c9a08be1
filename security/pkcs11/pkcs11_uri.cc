#include "security/pkcs11/pkcs11_uri.h"

#include <cstddef>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "base/bytes.h"

namespace flotilla::security {
namespace {

constexpr std::string_view kScheme = "pkcs11:";
constexpr std::array<std::string_view, 12> kPathNames = {"token",
                                                         "manufacturer",
                                                         "serial",
                                                         "model",
                                                         "object",
                                                         "type",
                                                         "id",
                                                         "slot-id",
                                                         "library-manufacturer",
                                                         "library-description",
                                                         "library-version",
                                                         "slot-description"};

StatusOr<std::string> Decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const StatusOr<Bytes> byte = HexDecode(text.substr(i + 1, 2));
    if (!byte.ok() || byte->size() != 1) {
      return InvalidArgument("a '%' without two hex digits after it");
    }
    decoded += static_cast<char>(byte->front());
    i += 2;
  }
  return decoded;
}

using Attribute = std::function<Status(std::string_view name, std::string value)>;

Status ForEachAttribute(std::string_view text, char separator, const Attribute& take) {
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(text.size(), one.size() + 1));
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos) {
      return InvalidArgument("'" + std::string(one) + "' is no name=value");
    }
    FLOTILLA_ASSIGN_OR_RETURN(std::string value, Decoded(one.substr(equals + 1)));
    FLOTILLA_RETURN_IF_ERROR(take(one.substr(0, equals), std::move(value)));
  }
  return OkStatus();
}

Status TakeQuery(std::string_view name, std::string value, Pkcs11Uri& uri) {
  if (name == "module-path") {
    uri.module_path = std::move(value);
    return OkStatus();
  }
  if (name == "pin-source") {
    uri.pin_file = value.starts_with("file:") ? value.substr(5) : value;
    return OkStatus();
  }
  if (name == "pin-value") {
    return InvalidArgument(
        "pin-value would show the PIN to every process here: use pin-source=file:PATH, --pin-file, "
        "or answer the question");
  }
  return InvalidArgument("unknown attribute '" + std::string(name) + "'");
}

}  // namespace

StatusOr<Pkcs11Uri> ParsePkcs11Uri(std::string_view text) {
  if (!text.starts_with(kScheme)) {
    return InvalidArgument("a PKCS#11 URI begins with pkcs11:");
  }
  const std::size_t question = text.find('?');
  Pkcs11Uri uri;
  uri.path = text.substr(0, question);
  uri.holder = "the token";
  bool named = false;
  Status status = ForEachAttribute(
      std::string_view(uri.path).substr(kScheme.size()), ';',
      [&](std::string_view name, const std::string& value) {
        if (std::find(kPathNames.begin(), kPathNames.end(), name) == kPathNames.end()) {
          return InvalidArgument("unknown attribute '" + std::string(name) + "'");
        }
        named = named || name == "object" || name == "id";
        uri.holder = name == "token" ? "token " + value : uri.holder;
        return OkStatus();
      });
  if (status.ok() && question != std::string_view::npos) {
    status = ForEachAttribute(text.substr(question + 1), '&',
                              [&](std::string_view name, std::string value) {
                                return TakeQuery(name, std::move(value), uri);
                              });
  }
  if (status.ok() && !named) {
    status = InvalidArgument("it names no key: add object=LABEL or id=%01");
  }
  if (!status.ok()) {
    return Annotate(status, "PKCS#11 URI");
  }
  return uri;
}

}  // namespace flotilla::security
