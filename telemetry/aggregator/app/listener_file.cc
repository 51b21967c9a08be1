#include "telemetry/aggregator/app/listener_file.h"

#include <charconv>
#include <string_view>

#include <boost/json.hpp>

#include "absl/strings/str_cat.h"

#include "base/bytes.h"
#include "base/file.h"

namespace flotilla::telemetry {
namespace {

constexpr std::uint64_t kMaxFileBytes = 4096;
constexpr char kName[] = "aggregation";

}  // namespace

Status WriteListener(const StateLayout& layout, const std::string& endpoint, DurableFs& fs) {
  boost::json::object out;
  out[kName] = endpoint;
  return DurableWrite(fs, layout.listener(),
                      AsBytes(absl::StrCat(boost::json::serialize(out), "\n")), 0644);
}

std::uint16_t ReadListenerPort(const StateLayout& layout) {
  const StatusOr<Bytes> text = ReadFile(layout.listener(), kMaxFileBytes);
  if (!text.ok()) return 0;
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(ToText(*text), error);
  if (error || !value.is_object()) return 0;
  const boost::json::value* const endpoint = value.get_object().if_contains(kName);
  if (endpoint == nullptr || !endpoint->is_string()) return 0;
  const std::string name(endpoint->get_string().data(), endpoint->get_string().size());
  const std::size_t colon = name.rfind(':');
  std::uint16_t port = 0;
  if (colon != std::string::npos) {
    std::from_chars(name.data() + colon + 1, name.data() + name.size(), port);
  }
  return port;
}

}  // namespace flotilla::telemetry
