#include "tests/swarm/fleet/identity_book.h"

#include <sys/stat.h>

#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "absl/strings/str_cat.h"

#include "base/bytes.h"

namespace flotilla::swarm {
namespace {

namespace json = boost::json;

std::string TextOf(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  return found == nullptr || !found->is_string() ? std::string() : std::string(found->as_string());
}

StatusOr<KeptDevice> ParseDevice(const std::string& line) {
  boost::system::error_code error;
  const json::value parsed = json::parse(line, error);
  if (error || !parsed.is_object()) {
    return InvalidArgument("devices.jsonl: a line that is no object");
  }
  const json::object& object = parsed.as_object();
  KeptDevice device{TextOf(object, "id"), TextOf(object, "key"), TextOf(object, "chain"), {}};
  if (device.id.empty() || device.key_pem.empty() || device.chain_pem.empty()) {
    return InvalidArgument("devices.jsonl: a line without id, key and chain");
  }
  const json::value* installed = object.if_contains("installed");
  if (installed != nullptr && installed->is_array()) {
    for (const json::value& text : installed->as_array()) {
      const StatusOr<Bytes> bytes =
          Base64UrlDecode(text.is_string() ? std::string_view(text.as_string()) : "");
      v1::LineStatus status;
      if (bytes.ok() && status.ParseFromString(ToText(*bytes))) {
        device.installed.push_back(std::move(status));
      }
    }
  }
  return device;
}

std::string DeviceText(const KeptDevice& device) {
  json::array installed;
  for (const v1::LineStatus& status : device.installed) {
    installed.emplace_back(Base64UrlEncode(AsBytes(status.SerializeAsString())));
  }
  return json::serialize(json::object{{"id", device.id},
                                      {"key", device.key_pem},
                                      {"chain", device.chain_pem},
                                      {"installed", std::move(installed)}});
}

Status WriteWhole(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path fresh = path.string() + ".new";
  {
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    ::chmod(fresh.c_str(), S_IRUSR | S_IWUSR);
    out << text;
    if (!out.flush()) {
      return Unavailable(absl::StrCat("cannot write ", fresh.string()));
    }
  }
  std::error_code error;
  std::filesystem::rename(fresh, path, error);
  return error ? ErrnoStatus(error.value(), path.string()) : OkStatus();
}

}  // namespace

StatusOr<IdentityBook> IdentityBook::Open(const std::filesystem::path& folder) {
  IdentityBook book(folder);
  if (folder.empty()) {
    return book;
  }
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return ErrnoStatus(error.value(), folder.string());
  }
  std::ifstream authority(folder / "authority.pem", std::ios::binary);
  book.authority_pem_.assign(std::istreambuf_iterator<char>(authority), {});
  std::ifstream lines(folder / "devices.jsonl", std::ios::binary);
  for (std::string line; std::getline(lines, line);) {
    FLOTILLA_ASSIGN_OR_RETURN(KeptDevice device, ParseDevice(line));
    book.devices_.push_back(std::move(device));
  }
  return book;
}

Status IdentityBook::Save() const {
  if (folder_.empty()) {
    return OkStatus();
  }
  std::string text;
  for (const KeptDevice& device : devices_) {
    absl::StrAppend(&text, DeviceText(device), "\n");
  }
  FLOTILLA_RETURN_IF_ERROR(WriteWhole(folder_ / "authority.pem", authority_pem_));
  return WriteWhole(folder_ / "devices.jsonl", text);
}

}  // namespace flotilla::swarm
