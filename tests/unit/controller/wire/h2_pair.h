// A server and a client of HTTP/2 with nothing between them, and what the server tells of calls.
#ifndef FLOTILLA_TESTS_UNIT_CONTROLLER_WIRE_H2_PAIR_H_
#define FLOTILLA_TESTS_UNIT_CONTROLLER_WIRE_H2_PAIR_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include "absl/strings/str_cat.h"

#include "controller/wire/h2_server.h"
#include "tests/unit/controller/wire/h2_client.h"

namespace flotilla::controller {

// Events as lines: "1 calls /a", "1 says hello", "1 says no more", "1 was written", "1 is gone".
class H2Events final : public H2ServerEvents {
 public:
  void OnCall(std::int32_t stream, const std::string& path, Duration timeout) override {
    EXPECT_TRUE(open_.insert(stream).second) << stream;
    timeout_ = timeout;
    Note(stream, absl::StrCat("calls ", path));
    if (on_call_) {
      on_call_(stream);
    }
  }
  void OnMessage(std::int32_t stream, std::string_view message) override {
    EXPECT_TRUE(open_.contains(stream)) << stream;
    last_message_ = message;
    Note(stream, message.size() > 100 ? absl::StrCat("says ", message.size(), " bytes")
                                      : absl::StrCat("says ", std::string(message)));
  }
  void OnEndOfMessages(std::int32_t stream) override {
    EXPECT_TRUE(open_.contains(stream)) << stream;
    Note(stream, "says no more");
  }
  void OnWritten(std::int32_t stream) override {
    EXPECT_TRUE(open_.contains(stream)) << stream;
    Note(stream, "was written");
  }
  void OnClosed(std::int32_t stream) override {
    EXPECT_EQ(open_.erase(stream), 1U) << stream;
    Note(stream, "is gone");
  }

  std::vector<std::string> Take() { return std::exchange(lines_, {}); }
  void set_on_call(std::function<void(std::int32_t)> on_call) { on_call_ = std::move(on_call); }
  Duration timeout() const { return timeout_; }
  const std::string& last_message() const { return last_message_; }

 private:
  void Note(std::int32_t stream, std::string_view what) {
    lines_.push_back(absl::StrCat(stream, " ", std::string(what)));
  }
  std::set<std::int32_t> open_;
  std::vector<std::string> lines_;
  std::function<void(std::int32_t)> on_call_;
  Duration timeout_;
  std::string last_message_;
};

class H2Pair : public testing::Test {
 protected:
  static constexpr std::size_t kAll = std::size_t{1} << 30U;
  using Lines = std::vector<std::string>;

  // Until neither has anything to say.
  void Talk() {
    for (std::string said = client_->Output(), heard; true; said = client_->Output()) {
      EXPECT_TRUE(server_->Receive(AsBytes(said), now_).ok());
      heard.clear();
      EXPECT_TRUE(server_->TakeOutput(heard, kAll).ok());
      client_->Receive(heard);
      if (said.empty() && heard.empty()) {
        return;
      }
    }
  }
  // The client begins a call, and the server hears of it.
  std::int32_t Call(const std::string& path = "/a", const H2RequestOptions& options = {}) {
    const std::int32_t id = client_->Request(path, options);
    Talk();
    return id;
  }

  H2Limits limits_;
  Duration now_ = absl::Hours(1);
  H2Events events_;
  std::unique_ptr<H2Server> server_ = H2Server::Start(limits_, events_).value();
  std::unique_ptr<H2Client> client_ = std::make_unique<H2Client>();
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_UNIT_CONTROLLER_WIRE_H2_PAIR_H_
