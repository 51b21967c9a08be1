#include "tests/bench/floor/topic_protocol.h"

#include <cstdint>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace flotilla::bench {
namespace {

constexpr char kTopic[] = "change";
constexpr char kLineEnd[] = "\r\n";
constexpr std::size_t kLineEndBytes = 2;

// Packet types of MQTT, in the upper half of the first byte.
constexpr unsigned kConnect = 0x10;
constexpr unsigned kPublish = 0x30;
constexpr unsigned kSubscribe = 0x82;
constexpr unsigned kSubscribed = 0x90;
constexpr unsigned kPing = 0xC0;
constexpr unsigned kTypeMask = 0xF0;

char Byte(std::size_t value) {
  return static_cast<char>(static_cast<unsigned char>(value));
}

// Two bytes of length, then the text.
std::string MqttText(std::string_view text) {
  std::string out = {Byte(text.size() >> 8U), Byte(text.size() & 0xFFU)};
  return out.append(text);
}

std::string MqttPacket(unsigned type, const std::string& body) {
  std::string out(1, Byte(type));
  std::size_t left = body.size();
  do {
    const std::size_t low = left % 128;
    left /= 128;
    out.push_back(Byte(low | (left > 0 ? 128U : 0U)));
  } while (left > 0);
  return out + body;
}

// Size of the packet at the front, header and all; 0: not all of its header is there.
std::size_t MqttSize(std::string_view bytes) {
  std::size_t length = 0;
  std::size_t scale = 1;
  for (std::size_t i = 1; i < bytes.size() && i <= 4; ++i, scale *= 128) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    length += (byte & 127U) * scale;
    if ((byte & 128U) == 0) {
      return 1 + i + length;
    }
  }
  return 0;
}

}  // namespace

std::string MqttTopic::Hello(const std::string& client) const {
  // Level 4, a clean session, no keepalive.
  std::string connect = MqttText("MQTT");
  connect.append({Byte(4), Byte(2), Byte(0), Byte(0)}).append(MqttText(client));
  std::string subscribe = {Byte(0), Byte(1)};
  subscribe.append(MqttText(kTopic)).push_back(Byte(0));
  return absl::StrCat(MqttPacket(kConnect, connect), MqttPacket(kSubscribe, subscribe));
}

std::string MqttTopic::Publish(const std::string& payload) const {
  return MqttPacket(kPublish, absl::StrCat(MqttText(kTopic), payload));
}

std::string MqttTopic::Alive() const {
  return MqttPacket(kPing, "");
}

TopicNews MqttTopic::Take(std::string& bytes) const {
  TopicNews news;
  std::size_t at = 0;
  while (true) {
    const std::string_view rest = std::string_view(bytes).substr(at);
    const std::size_t size = MqttSize(rest);
    if (size == 0 || size > rest.size()) {
      break;
    }
    const unsigned type = static_cast<unsigned char>(rest.front()) & kTypeMask;
    news.subscribed = news.subscribed || type == kSubscribed;
    news.delivered += type == kPublish ? 1 : 0;
    at += size;
  }
  bytes.erase(0, at);
  return news;
}

std::string NatsTopic::Hello(const std::string& client) const {
  return absl::StrCat(
      "CONNECT {\"verbose\":false,\"pedantic\":false,\"tls_required\":true,\"name\":\"", client,
      "\",\"lang\":\"c\",\"version\":\"1\",\"protocol\":1}", kLineEnd, "SUB ", kTopic, " 1",
      kLineEnd, "PING", kLineEnd);
}

std::string NatsTopic::Publish(const std::string& payload) const {
  return absl::StrCat("PUB ", kTopic, " ", payload.size(), kLineEnd, payload, kLineEnd);
}

std::string NatsTopic::Alive() const {
  return absl::StrCat("PONG", kLineEnd);
}

TopicNews NatsTopic::Take(std::string& bytes) const {
  TopicNews news;
  std::size_t at = 0;
  while (true) {
    const std::string_view rest = std::string_view(bytes).substr(at);
    const std::size_t end = rest.find(kLineEnd);
    if (end == std::string_view::npos) {
      break;
    }
    std::size_t size = end + kLineEndBytes;
    const std::string_view line = rest.substr(0, end);
    if (line.starts_with("MSG ")) {
      const std::string_view digits = line.substr(line.rfind(' ') + 1);
      std::size_t payload = 0;
      if (!absl::SimpleAtoi(absl::string_view(digits.data(), digits.size()), &payload)) {
        payload = 0;
      }
      size += payload + kLineEndBytes;
      if (size > rest.size()) {
        break;
      }
      ++news.delivered;
    }
    news.subscribed = news.subscribed || line == "PONG";
    news.asked_for_life = news.asked_for_life || line == "PING";
    at += size;
  }
  bytes.erase(0, at);
  return news;
}

}  // namespace flotilla::bench
