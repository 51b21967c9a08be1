// A listener and gRPC's own clients.

#include "controller/wire/device_listener.h"

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include "absl/strings/str_cat.h"

#include "base/reason_trailer.h"
#include "base/retry_after.h"
#include "tests/integration/controller_wire/listener_world.h"

namespace flotilla::controller {
namespace {

using Counts = ListenerCalls::Counts;

bool AllDone(const Counts& counts) {
  return counts.begun > 0 && counts.done == counts.begun;
}

// One call, step by step. Each step blocks.
class GrpcCall {
 public:
  GrpcCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
           std::optional<std::chrono::milliseconds> limit = std::nullopt)
      : stub_(channel), good_(Begin(method, limit.value_or(kLongWait))) {}
  ~GrpcCall() {
    if (!ended_) {
      context_.TryCancel();
      (void)End();
    }
    queue_.Shutdown();
  }
  GrpcCall(const GrpcCall&) = delete;
  GrpcCall& operator=(const GrpcCall&) = delete;

  bool Send(const std::string& message) {
    const grpc::Slice slice(message);
    stream_->Write(grpc::ByteBuffer(&slice, 1), this);
    return Next();
  }
  std::optional<std::string> Receive() {
    grpc::ByteBuffer buffer;
    stream_->Read(&buffer, this);
    if (!Next()) {
      return std::nullopt;
    }
    std::vector<grpc::Slice> slices;
    EXPECT_TRUE(buffer.Dump(&slices).ok());
    std::string message;
    for (const grpc::Slice& slice : slices) {
      message.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
    return message;
  }
  bool SendNoMore() {
    stream_->WritesDone(this);
    return Next();
  }
  grpc::Status End() {
    ended_ = true;
    grpc::Status status;
    stream_->Finish(&status, this);
    EXPECT_TRUE(Next());
    return status;
  }
  grpc::ClientContext& context() { return context_; }
  bool good() const { return good_; }

 private:
  bool Begin(const std::string& method, std::chrono::milliseconds limit) {
    context_.set_deadline(std::chrono::system_clock::now() + limit);
    stream_ = stub_.PrepareCall(&context_, method, &queue_);
    stream_->StartCall(this);
    return Next();
  }
  bool Next() {
    void* tag = nullptr;
    bool good = false;
    EXPECT_TRUE(queue_.Next(&tag, &good));
    return good;
  }

  grpc::GenericStub stub_;
  grpc::CompletionQueue queue_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  bool ended_ = false;
  const bool good_;  // last: it begins the call
};

class DeviceListenerTest : public ListenerWorld {
 protected:
  // A connection of its own.
  std::shared_ptr<grpc::Channel> Dial(const security::TlsIdentityPem& identity) const {
    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs = authority_.cert_pem();
    tls.pem_cert_chain = identity.chain;
    tls.pem_private_key = identity.key;
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride("localhost");
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", listener_->port()),
                                     grpc::SslCredentials(tls), arguments);
  }
  std::shared_ptr<grpc::Channel> Dial() const { return Dial(device_); }
};

TEST_F(DeviceListenerTest, CarriesAThousandMessagesBothWays) {
  Start();
  GrpcCall call(Dial(), "/echo");
  for (int i = 0; i < 1000; ++i) {
    const std::string message = absl::StrCat("message ", i);
    ASSERT_TRUE(call.Send(message));
    ASSERT_EQ(call.Receive(), message);
  }
  EXPECT_TRUE(call.SendNoMore());
  EXPECT_EQ(call.Receive(), std::nullopt);
  EXPECT_TRUE(call.End().ok());
  EXPECT_TRUE(calls_.Await(AllDone));
  EXPECT_EQ(calls_.counts().cancelled, 0);
}

TEST_F(DeviceListenerTest, CarriesMessagesOfEverySize) {
  Start();
  GrpcCall call(Dial(), "/echo");
  for (const std::size_t size : {0, 1, 16'379, 16'384, 65'530, 65'535, 65'536}) {
    std::string message(size, 'x');
    for (std::size_t i = 0; i < size; i += 97) {
      message[i] = static_cast<char>(i / 97);
    }
    ASSERT_TRUE(call.Send(message));
    ASSERT_EQ(call.Receive(), message) << size;
  }
}

TEST_F(DeviceListenerTest, AnswersWithMoreThanItTakes) {
  Start();
  GrpcCall call(Dial(), "/size");
  ASSERT_TRUE(call.Send("262144"));
  EXPECT_EQ(call.Receive(), std::string(131'072, 'o') + std::string(131'072, 's'));
  EXPECT_EQ(call.Receive(), std::nullopt);
  EXPECT_TRUE(call.End().ok());
}

TEST_F(DeviceListenerTest, AMessageOverTheLimitEndsTheCallAlone) {
  Start();
  const auto channel = Dial();
  GrpcCall other(channel, "/echo");
  GrpcCall call(channel, "/echo");
  (void)call.Send(std::string(65'537, 'x'));
  EXPECT_EQ(call.Receive(), std::nullopt);
  EXPECT_EQ(call.End().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  ASSERT_TRUE(other.Send("still here"));
  EXPECT_EQ(other.Receive(), "still here");
}

TEST_F(DeviceListenerTest, TellsWhoCalls) {
  Start();
  GrpcCall call(Dial(), "/hold", std::chrono::milliseconds(90'000));
  ASSERT_TRUE(calls_.Await([](const Counts& counts) { return counts.begun == 1; }));
  const CallHead head = calls_.last_head();
  EXPECT_EQ(head.method, "/hold");
  EXPECT_EQ(head.peer.rfind("ipv4:127.0.0.1:", 0), 0U);
  EXPECT_FALSE(head.certificate_pem.empty());
  EXPECT_EQ(device_.chain.rfind(head.certificate_pem, 0), 0U);
  EXPECT_GT(head.timeout, absl::Seconds(60));
  EXPECT_LE(head.timeout, absl::Seconds(91));
}

TEST_F(DeviceListenerTest, TellsTheReasonAndTheWait) {
  Start();
  GrpcCall call(Dial(), "/fail");
  EXPECT_EQ(call.Receive(), std::nullopt);
  const grpc::Status status = call.End();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(status.error_message(), "50% \xc3\xa4");
  const auto& trailers = call.context().GetServerTrailingMetadata();
  const auto reason = trailers.find(kReasonTrailer);
  ASSERT_NE(reason, trailers.end());
  EXPECT_EQ(std::string(reason->second.data(), reason->second.size()), "12");
  const auto wait = trailers.find(kRetryAfterTrailer);
  ASSERT_NE(wait, trailers.end());
  EXPECT_EQ(std::string(wait->second.data(), wait->second.size()), "3000");
}

TEST_F(DeviceListenerTest, AnUnknownMethodIsUnimplemented) {
  Start();
  GrpcCall call(Dial(), "/nothing");
  EXPECT_EQ(call.Receive(), std::nullopt);
  EXPECT_EQ(call.End().error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(calls_.counts().begun, 0);
}

TEST_F(DeviceListenerTest, ADeadlineCancelsTheCall) {
  Start();
  GrpcCall call(Dial(), "/hold", std::chrono::milliseconds(500));
  EXPECT_EQ(call.Receive(), std::nullopt);
  EXPECT_EQ(call.End().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(calls_.Await(AllDone));
  EXPECT_EQ(calls_.counts().cancelled, 1);
  EXPECT_LE(calls_.last_head().timeout, absl::Milliseconds(501));
}

TEST_F(DeviceListenerTest, AClientCancelsItsCall) {
  Start();
  GrpcCall call(Dial(), "/echo");
  ASSERT_TRUE(call.Send("hello"));
  ASSERT_EQ(call.Receive(), "hello");
  call.context().TryCancel();
  EXPECT_EQ(call.End().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(calls_.Await(AllDone));
  EXPECT_EQ(calls_.counts().cancelled, 1);
}

TEST_F(DeviceListenerTest, AConnectionCarriesManyCallsOneAfterAnother) {
  Start();
  const auto channel = Dial();
  for (int i = 0; i < 200; ++i) {
    GrpcCall call(channel, "/size");
    ASSERT_TRUE(call.Send("3"));
    ASSERT_EQ(call.Receive(), "oss");
    ASSERT_EQ(call.Receive(), std::nullopt);
    ASSERT_TRUE(call.End().ok());
  }
  EXPECT_TRUE(calls_.Await(AllDone));
  EXPECT_EQ(calls_.counts().begun, 200);
}

TEST_F(DeviceListenerTest, MoreCallsThanAConnectionTakesWaitForTheirTurn) {
  Start();
  const auto channel = Dial();
  std::vector<std::future<bool>> calls(20);
  for (std::future<bool>& asked : calls) {
    asked = std::async(std::launch::async, [&channel] {
      GrpcCall call(channel, "/size");
      return call.Send("3") && call.Receive() == "oss" && !call.Receive().has_value() &&
             call.End().ok();
    });
  }
  for (std::future<bool>& call : calls) {
    EXPECT_TRUE(call.get());
  }
}

TEST_F(DeviceListenerTest, SpreadsConnectionsOverItsThreads) {
  options_.threads = 2;
  Start();
  const auto first = Dial();
  const auto second = Dial();
  GrpcCall one(first, "/echo");
  GrpcCall two(second, "/echo");
  for (GrpcCall* call : {&one, &two}) {
    ASSERT_TRUE(call->Send("hello"));
    ASSERT_EQ(call->Receive(), "hello");
  }
  EXPECT_EQ(calls_.threads(), 2U);
}

TEST_F(DeviceListenerTest, AClientOfAnotherAuthorityIsRefused) {
  Start();
  GrpcCall call(Dial(security::DeviceIdentity(security::NewAuthority(), "gate-1")), "/echo");
  EXPECT_EQ(call.End().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(calls_.counts().begun, 0);
}

TEST_F(DeviceListenerTest, WithoutAcceptingOpenCallsGoOn) {
  Start();
  const auto channel = Dial();
  GrpcCall call(channel, "/echo");
  ASSERT_TRUE(call.Send("before"));
  ASSERT_EQ(call.Receive(), "before");
  listener_->StopAccepting();
  listener_->StopAccepting();
  ASSERT_TRUE(call.Send("after"));
  EXPECT_EQ(call.Receive(), "after");
  GrpcCall next(channel, "/fail");
  EXPECT_EQ(next.End().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_FALSE(RawClient::Connect(listener_->port()).valid());
}

TEST_F(DeviceListenerTest, ACallThatIsCancelledByStopIsSeenAsUnavailable) {
  Start();
  GrpcCall call(Dial(), "/echo");
  ASSERT_TRUE(call.Send("hello"));
  ASSERT_EQ(call.Receive(), "hello");
  listener_.reset();
  EXPECT_EQ(calls_.counts().done, 1);
  EXPECT_EQ(call.Receive(), std::nullopt);
  EXPECT_EQ(call.End().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(DeviceListenerTest, ATakenPortAndABadCertificateAreRefused) {
  Start();
  DeviceListenerOptions same = options_;
  same.address = absl::StrCat("127.0.0.1:", listener_->port());
  AdmissionGate gate(ForMachine({}, 2, 4'000'000'000), clock_);
  EXPECT_EQ(DeviceListener::Start(same, gate, calls_, clock_).status().code(),
            StatusCode::kUnavailable);
  DeviceListenerOptions bad = options_;
  bad.tls.private_key_pem = "nonsense";
  EXPECT_EQ(DeviceListener::Start(bad, gate, calls_, clock_).status().code(),
            StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace flotilla::controller
