#include "controller/http/tcp_relay.h"

#include <cstdint>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include "absl/strings/str_cat.h"

namespace flotilla::http {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

// Reads to the end of what one client says, then answers with all of it twice.
class Doubler {
 public:
  Doubler() : thread_([this] { Serve(); }) {}
  ~Doubler() { thread_.join(); }
  Doubler(const Doubler&) = delete;
  Doubler& operator=(const Doubler&) = delete;
  std::string address() const {
    return absl::StrCat("127.0.0.1:", acceptor_.local_endpoint().port());
  }

 private:
  void Serve() {
    tcp::socket client = acceptor_.accept();
    std::string said;
    error_code error;
    asio::read(client, asio::dynamic_buffer(said), error);
    asio::write(client, asio::buffer(said + said), error);
  }

  asio::io_context context_;
  tcp::acceptor acceptor_{context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::thread thread_;
};

class Client {
 public:
  explicit Client(std::uint16_t port) {
    socket_.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port));
  }
  void Say(const std::string& text) {
    error_code error;
    asio::write(socket_, asio::buffer(text), error);
    socket_.shutdown(tcp::socket::shutdown_send, error);
  }
  std::string Hear() {
    std::string heard;
    error_code error;
    asio::read(socket_, asio::dynamic_buffer(heard), error);
    return heard;
  }

 private:
  asio::io_context context_;
  tcp::socket socket_{context_};
};

TEST(TcpRelay, CarriesBytesBothWaysAndTheEndOfEach) {
  const Doubler doubler;
  const auto relay = TcpRelay::Start({{"127.0.0.1", 0, [&doubler] { return doubler.address(); }}});
  ASSERT_TRUE(relay.ok()) << relay.status();
  Client client((*relay)->ports().at(0));
  const std::string text(200'000, 'x');
  client.Say(text);
  EXPECT_EQ(client.Hear(), text + text);
}

TEST(TcpRelay, ClosesAConnectionThatHasNowhereToGo) {
  const auto relay = TcpRelay::Start({{"127.0.0.1", 0, [] { return std::string(); }}});
  ASSERT_TRUE(relay.ok()) << relay.status();
  EXPECT_EQ(Client((*relay)->ports().at(0)).Hear(), "");
}

TEST(TcpRelay, AsksForEachConnectionWhereItGoes) {
  const Doubler first;
  const Doubler second;
  int asked = 0;
  const auto relay = TcpRelay::Start(
      {{"127.0.0.1", 0, [&] { return asked++ == 0 ? first.address() : second.address(); }}});
  ASSERT_TRUE(relay.ok()) << relay.status();
  for (int i = 0; i < 2; ++i) {
    Client client((*relay)->ports().at(0));
    client.Say("a");
    EXPECT_EQ(client.Hear(), "aa");
  }
}

TEST(TcpRelay, RefusesAPortThatIsTaken) {
  const auto relay = TcpRelay::Start({{"127.0.0.1", 0, [] { return std::string(); }}});
  ASSERT_TRUE(relay.ok()) << relay.status();
  const auto second =
      TcpRelay::Start({{"127.0.0.1", (*relay)->ports().at(0), [] { return std::string(); }}});
  EXPECT_EQ(second.status().code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace flotilla::http
