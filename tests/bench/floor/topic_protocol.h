#ifndef FLOTILLA_TESTS_BENCH_FLOOR_TOPIC_PROTOCOL_H_
#define FLOTILLA_TESTS_BENCH_FLOOR_TOPIC_PROTOCOL_H_

#include <cstddef>
#include <string>

namespace flotilla::bench {

// What a subscriber of a broker makes of the bytes it got.
struct TopicNews {
  bool subscribed = false;
  std::size_t delivered = 0;
  bool asked_for_life = false;  // a ping that wants an answer
};

// Port: the few words of a broker's protocol that a subscriber of one topic needs. Pure.
// Real: MqttTopic, NatsTopic.
class TopicProtocol {
 public:
  virtual ~TopicProtocol() = default;
  // The server speaks first, in clear, one line, before TLS.
  virtual bool greets_in_clear() const = 0;
  // Connects as `client` and subscribes.
  virtual std::string Hello(const std::string& client) const = 0;
  virtual std::string Publish(const std::string& payload) const = 0;
  virtual std::string Alive() const = 0;
  // Takes whole messages off the front of `bytes`; a piece of one stays.
  virtual TopicNews Take(std::string& bytes) const = 0;

 protected:
  TopicProtocol() = default;
  TopicProtocol(const TopicProtocol&) = default;
  TopicProtocol& operator=(const TopicProtocol&) = default;
};

// MQTT 3.1.1 (OASIS standard, chapters 2 and 3), quality of service 0.
class MqttTopic final : public TopicProtocol {
 public:
  bool greets_in_clear() const override { return false; }
  std::string Hello(const std::string& client) const override;
  std::string Publish(const std::string& payload) const override;
  std::string Alive() const override;
  TopicNews Take(std::string& bytes) const override;
};

// NATS client protocol (docs.nats.io, "Client Protocol").
class NatsTopic final : public TopicProtocol {
 public:
  bool greets_in_clear() const override { return true; }
  std::string Hello(const std::string& client) const override;
  std::string Publish(const std::string& payload) const override;
  std::string Alive() const override;
  TopicNews Take(std::string& bytes) const override;
};

}  // namespace flotilla::bench

#endif  // FLOTILLA_TESTS_BENCH_FLOOR_TOPIC_PROTOCOL_H_
