#include "tests/swarm/fleet/h2_call.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/retry_after.h"

namespace flotilla::swarm {
namespace {

// A server of one stream: gathers what it is sent, answers what the test says.
class H2Server {
 public:
  H2Server() {
    nghttp2_session_callbacks* made = nullptr;
    nghttp2_session_callbacks_new(&made);
    callbacks_.reset(made);
    nghttp2_session_callbacks_set_on_header_callback(made, &H2Server::OnHeader);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, &H2Server::OnData);
    nghttp2_session* session = nullptr;
    nghttp2_session_server_new(&session, made, this);
    session_.reset(session);
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, nullptr, 0);
  }

  // Moves bytes both ways until neither side has any.
  Status Talk(H2Call& call) {
    while (true) {
      std::string to_server;
      FLOTILLA_RETURN_IF_ERROR(call.TakeOutput(to_server));
      const Bytes bytes = ToBytes(to_server);
      nghttp2_session_mem_recv(session_.get(), bytes.data(), bytes.size());
      const std::uint8_t* data = nullptr;
      const ssize_t size = nghttp2_session_mem_send(session_.get(), &data);
      if (size <= 0 && to_server.empty()) {
        return OkStatus();
      }
      if (size > 0) {
        FLOTILLA_RETURN_IF_ERROR(call.Receive({data, static_cast<std::size_t>(size)}));
      }
    }
  }

  void Answer(const std::string& frames, const char* grpc_status) {
    body_ = frames;
    grpc_status_ = grpc_status;
    nghttp2_nv ok = Field(":status", "200");
    nghttp2_data_provider provider{};
    provider.source.ptr = this;
    provider.read_callback = &H2Server::Read;
    nghttp2_submit_response(session_.get(), 1, &ok, 1, &provider);
  }
  void GoAway() { nghttp2_session_terminate_session2(session_.get(), 0, NGHTTP2_NO_ERROR); }

  std::string headers_;
  std::string received_;
  const char* retry_after_ = "";

 private:
  static nghttp2_nv Field(const char* name, const char* value) {
    return {reinterpret_cast<std::uint8_t*>(const_cast<char*>(name)),
            reinterpret_cast<std::uint8_t*>(const_cast<char*>(value)), std::string(name).size(),
            std::string(value).size(), NGHTTP2_NV_FLAG_NONE};
  }
  static int OnHeader(nghttp2_session* /*session*/, const nghttp2_frame* /*frame*/,
                      const std::uint8_t* name, std::size_t name_size, const std::uint8_t* value,
                      std::size_t value_size, std::uint8_t /*flags*/, void* self) {
    static_cast<H2Server*>(self)->headers_ +=
        ToText({name, name_size}) + "=" + ToText({value, value_size}) + "\n";
    return 0;
  }
  static int OnData(nghttp2_session* /*session*/, std::uint8_t /*flags*/, std::int32_t /*stream*/,
                    const std::uint8_t* data, std::size_t size, void* self) {
    static_cast<H2Server*>(self)->received_ += ToText({data, size});
    return 0;
  }
  static ssize_t Read(nghttp2_session* session, std::int32_t stream, std::uint8_t* buffer,
                      std::size_t size, std::uint32_t* flags, nghttp2_data_source* source,
                      void* /*user*/) {
    auto& server = *static_cast<H2Server*>(source->ptr);
    const std::size_t taken = server.body_.copy(reinterpret_cast<char*>(buffer), size);
    server.body_.erase(0, taken);
    if (server.body_.empty()) {
      *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
      const std::array trailers = {Field("grpc-status", server.grpc_status_),
                                   Field("flotilla-retry-after-ms", server.retry_after_)};
      nghttp2_submit_trailer(session, stream, trailers.data(), trailers.size());
    }
    return static_cast<ssize_t>(taken);
  }

  H2CallbacksPtr callbacks_;
  H2SessionPtr session_;
  std::string body_;
  const char* grpc_status_ = "0";
};

class H2CallTest : public testing::Test {
 protected:
  H2Server server_;
  std::unique_ptr<H2Call> call_ = H2Call::Start("host:1", "/p.S/M").value();
};

TEST_F(H2CallTest, SendsAGrpcRequestAndItsMessages) {
  call_->Send("hello");
  call_->Send("world");
  ASSERT_TRUE(server_.Talk(*call_).ok());
  EXPECT_NE(server_.headers_.find(":path=/p.S/M\n"), std::string::npos);
  EXPECT_NE(server_.headers_.find("content-type=application/grpc\n"), std::string::npos);
  EXPECT_EQ(server_.received_, GrpcFrame("hello") + GrpcFrame("world"));
  EXPECT_FALSE(call_->ended().has_value());
}

TEST_F(H2CallTest, HearsForHowLongItIsToWait) {
  call_->Send("hello");
  ASSERT_TRUE(server_.Talk(*call_).ok());
  server_.retry_after_ = "2500";
  server_.Answer(GrpcFrame("x"), "14");
  ASSERT_TRUE(server_.Talk(*call_).ok());
  ASSERT_TRUE(call_->ended().has_value());
  EXPECT_EQ(RetryAfterOf(*call_->ended()), absl::Milliseconds(2500));
}

TEST_F(H2CallTest, GoesOnSendingAfterItHadNothingToSay) {
  ASSERT_TRUE(server_.Talk(*call_).ok());
  call_->Send("later");
  ASSERT_TRUE(server_.Talk(*call_).ok());
  EXPECT_EQ(server_.received_, GrpcFrame("later"));
}

TEST_F(H2CallTest, GivesTheMessagesAndTheStatusOfTheTrailers) {
  ASSERT_TRUE(server_.Talk(*call_).ok());
  server_.Answer(GrpcFrame("a") + GrpcFrame("b"), "16");
  ASSERT_TRUE(server_.Talk(*call_).ok());
  EXPECT_EQ(call_->TakeMessages(), (std::vector<std::string>{"a", "b"}));
  ASSERT_TRUE(call_->ended().has_value());
  EXPECT_EQ(call_->ended()->code(), StatusCode::kUnauthenticated);
}

TEST_F(H2CallTest, EndsWhenTheServerGoesAway) {
  ASSERT_TRUE(server_.Talk(*call_).ok());
  server_.GoAway();
  ASSERT_TRUE(server_.Talk(*call_).ok());
  ASSERT_TRUE(call_->ended().has_value());
  EXPECT_EQ(call_->ended()->code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace flotilla::swarm
