// The server's side of HTTP/2 on arbitrary bytes of a client. The first two bytes of the input say
// where the rest is cut in two and what the user of the calls does.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/wire/h2_server.h"

namespace {

using flotilla::controller::H2Limits;
using flotilla::controller::H2Server;

void Require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

// Asks for what a user may ask for, and aborts when it is told what it may not be told.
class User final : public flotilla::controller::H2ServerEvents {
 public:
  explicit User(std::uint8_t seed) : state_(seed) {}
  void Serve(H2Server& server) { server_ = &server; }

  void OnCall(std::int32_t stream, const std::string& /*path*/,
              flotilla::Duration timeout) override {
    Require(timeout >= absl::ZeroDuration() && calls_.try_emplace(stream).second);
    Act(stream);
  }
  void OnMessage(std::int32_t stream, std::string_view message) override {
    Require(message.size() <= H2Limits().message_bytes && std::exchange(Open(stream).reads, false));
    Act(stream);
  }
  void OnEndOfMessages(std::int32_t stream) override {
    Require(std::exchange(Open(stream).reads, false));
    Act(stream);
  }
  void OnWritten(std::int32_t stream) override {
    Require(calls_.contains(stream) && std::exchange(calls_[stream].writes, false));
    Act(stream);
  }
  void OnClosed(std::int32_t stream) override {
    Require(calls_.erase(stream) == 1);
    server_->Read(stream);
    server_->Finish(stream, flotilla::OkStatus());
  }
  void ActAll() {
    std::vector<std::int32_t> streams;
    for (const auto& [stream, call] : calls_) {
      streams.push_back(stream);
    }
    for (const std::int32_t stream : streams) {
      Act(stream);
    }
  }
  std::size_t calls() const { return calls_.size(); }

 private:
  struct Call {
    bool reads = false;
    bool writes = false;
    bool finished = false;
  };
  Call& Open(std::int32_t stream) {
    Require(calls_.contains(stream) && !calls_[stream].finished);
    return calls_[stream];
  }
  void Act(std::int32_t stream) {
    Call& call = calls_[stream];
    state_ = state_ * 1'664'525U + 1'013'904'223U;
    if (call.finished) {
      return;
    }
    if ((state_ >> 24U) % 4 != 0 && !call.reads) {
      call.reads = true;
      server_->Read(stream);
    }
    if ((state_ >> 26U) % 2 != 0 && !call.writes) {
      call.writes = true;
      const auto shared = std::make_shared<const std::string>(std::string(state_ >> 16U, 's'));
      server_->Write(stream, {"own", shared});
    }
    if ((state_ >> 28U) % 8 == 0) {
      call.finished = true;
      server_->Finish(stream, flotilla::Unavailable("later"));
    }
  }

  std::uint32_t state_;
  H2Server* server_ = nullptr;
  std::map<std::int32_t, Call> calls_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const flotilla::ByteView bytes(data + 2, size - 2);
  const std::size_t cut = bytes.size() * data[0] / 256;
  User user(data[1]);
  const auto server = H2Server::Start({}, user).value();
  user.Serve(*server);
  for (const flotilla::ByteView part : {bytes.first(cut), bytes.subspan(cut)}) {
    if (!server->Receive(part, absl::Seconds(1)).ok()) {
      break;
    }
    Require(server->calls() <= H2Limits().calls && user.calls() <= server->calls());
    for (int turn = 0; turn < 3; ++turn) {
      user.ActAll();
      std::string out;
      if (!server->TakeOutput(out, std::size_t{64} * 1024).ok()) {
        return 0;
      }
    }
  }
  server->GoAway();
  std::string out;
  (void)server->TakeOutput(out, std::size_t{64} * 1024);
  return 0;
}
