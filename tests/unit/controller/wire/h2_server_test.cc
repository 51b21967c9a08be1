// Calls: how they begin and end.

#include "controller/wire/h2_server.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/grpc_frames.h"
#include "tests/unit/controller/wire/h2_pair.h"

namespace flotilla::controller {
namespace {

using H2ServerTest = H2Pair;

TEST_F(H2ServerTest, TellsTheClientItsLimits) {
  Talk();
  EXPECT_EQ(client_->remote_setting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS), 8U);
  EXPECT_EQ(client_->remote_setting(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE), 8192U);
}

TEST_F(H2ServerTest, TellsOfACallWithItsPathAndTimeout) {
  H2RequestOptions options;
  options.more = {{"grpc-timeout", "5S"}};
  const std::int32_t id = Call("/package.Service/Method", options);
  EXPECT_EQ(events_.Take(), Lines{"1 calls /package.Service/Method"});
  EXPECT_EQ(events_.timeout(), absl::Seconds(5));
  EXPECT_EQ(server_->calls(), 1U);
  EXPECT_EQ(client_->answer(id).heads, 0);
  Call("/b");
  EXPECT_EQ(events_.timeout(), absl::InfiniteDuration());
}

TEST_F(H2ServerTest, AnswersAUnaryCall) {
  const std::int32_t id = Call();
  server_->Read(id);
  client_->Send(id, GrpcFrame("ask"));
  client_->End(id);
  Talk();
  EXPECT_EQ(events_.Take(), (Lines{"1 calls /a", "1 says ask"}));
  server_->Write(id, {"answer", nullptr});
  server_->Finish(id, OkStatus());
  Talk();
  const H2Client::Answer& answer = client_->answer(id);
  EXPECT_EQ(answer.fields.at(":status"), "200");
  EXPECT_EQ(answer.fields.at("content-type"), "application/grpc");
  EXPECT_EQ(answer.fields.at("grpc-status"), "0");
  EXPECT_EQ(answer.body, GrpcFrame("answer"));
  EXPECT_EQ(answer.heads, 2);
  EXPECT_EQ(answer.closed, NGHTTP2_NO_ERROR);
  EXPECT_EQ(events_.Take().back(), "1 is gone");
  EXPECT_EQ(server_->calls(), 0U);
}

TEST_F(H2ServerTest, AnEndWithoutAMessageIsTrailersOnly) {
  const std::int32_t id = Call();
  server_->Finish(id, NotFound("not here"));
  Talk();
  const H2Client::Answer& answer = client_->answer(id);
  EXPECT_EQ(answer.heads, 1);
  EXPECT_TRUE(answer.ended);
  EXPECT_EQ(answer.fields.at(":status"), "200");
  EXPECT_EQ(answer.fields.at("content-type"), "application/grpc");
  EXPECT_EQ(answer.fields.at("grpc-status"), "5");
  EXPECT_EQ(answer.fields.at("grpc-message"), "not here");
  EXPECT_EQ(events_.Take(), (Lines{"1 calls /a", "1 is gone"}));
}

TEST_F(H2ServerTest, ACallThatWasEndedTakesNoMoreOfTheClient) {
  const std::int32_t id = Call();
  server_->Read(id);
  server_->Finish(id, Unavailable("later"));
  client_->Send(id, GrpcFrame("too late"));
  Talk();
  EXPECT_EQ(client_->answer(id).closed, NGHTTP2_NO_ERROR);  // by a reset, as RFC 9113, 8.1 has it
  EXPECT_EQ(events_.Take(), (Lines{"1 calls /a", "1 is gone"}));
  EXPECT_EQ(Call("/b"), 3);
  EXPECT_EQ(events_.Take(), Lines{"3 calls /b"});
}

TEST_F(H2ServerTest, OnlyTheFirstEndCounts) {
  const std::int32_t id = Call();
  server_->Finish(id, NotFound("first"));
  server_->Finish(id, Internal("second"));
  server_->Write(id, {"third", nullptr});
  Talk();
  EXPECT_EQ(client_->answer(id).fields.at("grpc-status"), "5");
  EXPECT_EQ(client_->answer(id).body, "");
}

TEST_F(H2ServerTest, AHalfWrittenMessageIsSentBeforeTheEnd) {
  client_ = std::make_unique<H2Client>(10);
  const std::int32_t id = Call();
  const std::string message(25, 'm');
  server_->Write(id, {message, nullptr});
  server_->Finish(id, Unavailable("and now go"));
  Talk();
  EXPECT_EQ(client_->answer(id).body, GrpcFrame(message).substr(0, 10));
  EXPECT_EQ(client_->answer(id).heads, 1);
  EXPECT_EQ(events_.Take(), Lines{"1 calls /a"});
  for (int i = 0; i < 2; ++i) {
    client_->Consume(id);
    Talk();
  }
  EXPECT_EQ(client_->answer(id).body, GrpcFrame(message));
  EXPECT_EQ(client_->answer(id).heads, 2);
  EXPECT_TRUE(client_->answer(id).ended);
  EXPECT_EQ(client_->answer(id).fields.at("grpc-status"), "14");
  EXPECT_EQ(events_.Take().back(), "1 is gone");
}

TEST_F(H2ServerTest, AnEndAfterAWrittenMessageIsTrailers) {
  const std::int32_t id = Call();
  server_->Write(id, {"message", nullptr});
  Talk();
  EXPECT_EQ(events_.Take(), (Lines{"1 calls /a", "1 was written"}));
  server_->Finish(id, WithReasonNumber(PermissionDenied("no"), 7));
  Talk();
  EXPECT_EQ(client_->answer(id).body, GrpcFrame("message"));
  EXPECT_EQ(client_->answer(id).fields.at("grpc-status"), "7");
  EXPECT_EQ(client_->answer(id).fields.at("flotilla-reason-bin"), "Nw==");
  EXPECT_EQ(events_.Take(), Lines{"1 is gone"});
}

TEST_F(H2ServerTest, AResetByTheClientIsTheEndOfTheCall) {
  const std::int32_t id = Call();
  server_->Read(id);
  server_->Write(id, {std::string(200'000, 'x'), nullptr});
  Talk();
  client_->Reset(id);
  Talk();
  EXPECT_EQ(events_.Take(), (Lines{"1 calls /a", "1 is gone"}));
  EXPECT_EQ(server_->calls(), 0U);
  server_->Read(id);
  server_->Write(id, {"x", nullptr});
  server_->Finish(id, OkStatus());
  Talk();
  EXPECT_EQ(events_.Take(), Lines{});
}

TEST_F(H2ServerTest, WhatIsAskedOfStreamsThatNeverWereDoesNothing) {
  Talk();
  server_->Read(1);
  server_->Write(7, {"x", nullptr});
  server_->Finish(0, OkStatus());
  server_->Finish(-1, OkStatus());
  Talk();
  EXPECT_EQ(events_.Take(), Lines{});
  EXPECT_FALSE(server_->over());
}

TEST_F(H2ServerTest, ACallThatIsResetAtOnceIsNotTold) {
  const std::int32_t id = client_->Request("/a");
  std::string bytes = client_->Output();
  client_->Reset(id);
  bytes += client_->Output();
  ASSERT_TRUE(server_->Receive(AsBytes(bytes), now_).ok());
  EXPECT_EQ(events_.Take(), Lines{});
  EXPECT_EQ(server_->calls(), 0U);
}

TEST_F(H2ServerTest, WhatIsNotGrpcIs415) {
  H2RequestOptions json;
  json.content_type = "application/json";
  H2RequestOptions none;
  none.content_type = "";
  H2RequestOptions get;
  get.method = "GET";
  for (const H2RequestOptions& options : {json, none, get}) {
    const std::int32_t id = Call("/a", options);
    EXPECT_EQ(client_->answer(id).fields.at(":status"), "415");
    EXPECT_TRUE(client_->answer(id).closed.has_value());
  }
  EXPECT_EQ(events_.Take(), Lines{});
  EXPECT_EQ(server_->calls(), 0U);
}

TEST_F(H2ServerTest, HeadersUpToTheLimitAreTaken) {
  H2RequestOptions options;
  options.more = {{"x-a", std::string(7800, 'a')}};
  Call("/a", options);
  EXPECT_EQ(events_.Take(), Lines{"1 calls /a"});
}

TEST_F(H2ServerTest, HeadersOverTheLimitEndTheCall) {
  H2RequestOptions options;
  options.more = {{"x-a", std::string(4000, 'a')}, {"x-b", std::string(4200, 'b')}};
  const std::int32_t id = Call("/a", options);
  EXPECT_EQ(client_->answer(id).fields.at("grpc-status"), "8");
  EXPECT_TRUE(client_->answer(id).closed.has_value());
  EXPECT_EQ(events_.Take(), Lines{});
  EXPECT_EQ(server_->calls(), 0U);
}

TEST_F(H2ServerTest, TheNinthCallAtATimeWaitsOrIsRefused) {
  // Before the client knows of the limit.
  for (int i = 0; i < 9; ++i) {
    client_->Request("/a");
  }
  Talk();
  EXPECT_EQ(server_->calls(), 8U);
  EXPECT_EQ(events_.Take().size(), 8U);
  EXPECT_EQ(client_->answer(17).closed, NGHTTP2_REFUSED_STREAM);
  const std::int32_t waits = Call("/waits");
  EXPECT_EQ(server_->calls(), 8U);
  server_->Finish(1, OkStatus());
  Talk();
  EXPECT_EQ(events_.Take(), (Lines{"1 is gone", absl::StrCat(waits, " calls /waits")}));
}

TEST_F(H2ServerTest, GoAwayLetsOpenCallsEndAndTakesNoOther) {
  const std::int32_t open = Call();
  server_->GoAway();
  server_->GoAway();
  std::string heard;
  ASSERT_TRUE(server_->TakeOutput(heard, kAll).ok());
  // On its way before the client heard of it.
  const std::int32_t late = client_->Request("/late");
  const std::string said = client_->Output();
  client_->Receive(heard);
  ASSERT_TRUE(server_->Receive(AsBytes(said), now_).ok());
  ASSERT_TRUE(client_->goaway().has_value());
  EXPECT_EQ(client_->goaway()->last_stream, open);
  EXPECT_EQ(client_->goaway()->error, static_cast<std::uint32_t>(NGHTTP2_NO_ERROR));
  EXPECT_EQ(client_->answer(late).closed, NGHTTP2_REFUSED_STREAM);  // it is to come again elsewhere
  EXPECT_FALSE(server_->over());
  server_->Read(open);
  client_->Send(open, GrpcFrame("still here"));
  Talk();
  EXPECT_EQ(events_.Take(), (Lines{"1 calls /a", "1 says still here"}));
  server_->Finish(open, OkStatus());
  Talk();
  EXPECT_EQ(client_->answer(open).fields.at("grpc-status"), "0");
  EXPECT_TRUE(server_->over());
}

TEST_F(H2ServerTest, GoAwayWithoutCallsIsTheEnd) {
  Talk();
  EXPECT_FALSE(server_->over());
  server_->GoAway();
  EXPECT_FALSE(server_->over());  // it is still to be said
  Talk();
  EXPECT_TRUE(client_->goaway().has_value());
  EXPECT_TRUE(server_->over());
}

TEST_F(H2ServerTest, AsksTheClientForASignOfLife) {
  Talk();
  server_->Ping();
  Talk();
  EXPECT_EQ(client_->pings(), 1);
  EXPECT_FALSE(server_->over());
}

TEST_F(H2ServerTest, WhatEventsAskForIsDone) {
  events_.set_on_call([this](std::int32_t id) {
    server_->Read(id);
    server_->Write(id, {"hello", nullptr});
    server_->Finish(id, OkStatus());
  });
  const std::int32_t id = Call();
  EXPECT_EQ(client_->answer(id).body, GrpcFrame("hello"));
  EXPECT_EQ(events_.Take().back(), "1 is gone");
}

}  // namespace
}  // namespace flotilla::controller
