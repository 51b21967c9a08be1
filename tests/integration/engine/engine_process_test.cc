// The real flotilla-engine, commanded over its socket pair as the agent does it.

#include "tests/integration/engine/engine_process.h"

#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"
#include "tests/support/http_client.h"
#include "tests/support/temp_dir.h"

namespace flotilla::test {
namespace {

constexpr char kModel[] = "plant-slm-v2-q8_0.gguf";
constexpr char kQuestion[] =
    R"({"messages":[{"role":"user","content":"pump-07 temp=91C vib=8.2mm/s rpm=1480 current=31A"}],)"
    R"("temperature":0,"model":"")";

std::string Question(const std::string& more = "") {
  return kQuestion + more + "}";
}

std::string ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// An engine that serves the demo model on a port of its own and a Unix socket.
class ServingEngine : public ::testing::Test {
 protected:
  void SetUp() override {
    auto listener = ListenTcp();
    ASSERT_TRUE(listener.ok()) << listener.status();
    tcp_ = std::move(listener->first);
    port_ = listener->second;
    auto sibling = ListenUnix(SocketPath("pump"));
    ASSERT_TRUE(sibling.ok()) << sibling.status();
    sibling_ = std::move(*sibling);
  }
  std::string SocketPath(const std::string& line) const {
    return (folder_.path() / (line + ".sock")).string();
  }
  StatusOr<EngineProcess> StartServing(const std::string& version = "2.0.0") {
    FLOTILLA_ASSIGN_OR_RETURN(EngineProcess engine, EngineProcess::Start());
    FLOTILLA_RETURN_IF_ERROR(engine.Load("pump", version, DemoFile(kModel)).status());
    FLOTILLA_RETURN_IF_ERROR(
        engine.Serve({tcp_.get()}, sibling_.get(), {{"fan", SocketPath("fan")}}));
    return engine;
  }
  StatusOr<HttpAnswer> Post(const std::string& path, const std::string& body) {
    FLOTILLA_ASSIGN_OR_RETURN(HttpClient client, HttpClient::ConnectTcp(port_));
    return client.Exchange("POST", path, body);
  }
  StatusOr<HttpAnswer> Get(const std::string& path) {
    FLOTILLA_ASSIGN_OR_RETURN(HttpClient client, HttpClient::ConnectTcp(port_));
    return client.Exchange("GET", path);
  }

  TempDir folder_;
  UniqueFd tcp_;
  UniqueFd sibling_;
  std::uint16_t port_ = 0;
};

TEST(EngineProcess, TestsItselfOnTheGoldenPrompts) {
  auto engine = EngineProcess::Start();
  ASSERT_TRUE(engine.ok());
  const auto loaded = engine->Load("pump", "2.0.0", DemoFile(kModel));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->llama_version(), "0.5.0");
  EXPECT_GT(loaded->parameters(), 1'000'000U);
  const auto done = engine->SelfTest(DemoFile("golden.jsonl"));
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->score().total(), 40U);
  EXPECT_GE(done->score().correct(), 36U);
  EXPECT_GT(done->decode_tokens_per_kilosecond(), 0U);
}

TEST(EngineProcess, RefusesAModelWithAnotherDigest) {
  auto engine = EngineProcess::Start();
  ASSERT_TRUE(engine.ok());
  const UniqueFd model = OpenForReading(DemoFile(kModel));
  v1::EngineCommand command;
  command.mutable_load()->set_line("pump");
  command.mutable_load()->set_model_sha256(std::string(32, 'x'));
  ASSERT_TRUE(engine->Send(command, {model.get()}).ok());
  EXPECT_EQ(ReasonNumber(engine->NextEvent().status()),
            v1::FAILURE_REASON_INSTALL_ARTIFACT_MISMATCH);
  EXPECT_EQ(engine->WaitForExit(), 1);
}

// libllama would abort the process on it.
TEST(EngineProcess, RefusesAModelWithoutBlocks) {
  const TempDir folder;
  const std::string path = (folder.path() / "bad.gguf").string();
  std::string bytes = ReadText(DemoFile(kModel));
  const std::size_t key = bytes.find("llama.block_count");
  ASSERT_NE(key, std::string::npos);
  const std::size_t value = key + std::string("llama.block_count").size() + 4;
  ASSERT_EQ(bytes[value], 2);
  bytes[value] = 0;
  std::ofstream(path, std::ios::binary) << bytes;
  auto engine = EngineProcess::Start();
  ASSERT_TRUE(engine.ok());
  const auto loaded = engine->Load("pump", "1", path);
  EXPECT_EQ(ReasonNumber(loaded.status()), v1::FAILURE_REASON_INSTALL_GGUF_INVALID);
  EXPECT_EQ(engine->WaitForExit(), 1);
}

TEST(EngineProcess, EndsWithItsAgent) {
  auto engine = EngineProcess::Start();
  ASSERT_TRUE(engine.ok());
  ASSERT_TRUE(engine->Load("pump", "2.0.0", DemoFile(kModel)).ok());
  engine->CloseChannel();
  EXPECT_EQ(engine->WaitForExit(), 0);
}

TEST(EngineProcess, RunsWithoutPrivilegesToGainAndFirstInLineForTheOomKiller) {
  auto engine = EngineProcess::Start();
  ASSERT_TRUE(engine.ok());
  ASSERT_TRUE(engine->Load("pump", "2.0.0", DemoFile(kModel)).ok());
  const std::string folder = "/proc/" + std::to_string(engine->pid());
  EXPECT_NE(ReadText(folder + "/status").find("NoNewPrivs:\t1"), std::string::npos);
  EXPECT_EQ(ReadText(folder + "/oom_score_adj"), "500\n");
  EXPECT_NE(ReadText(folder + "/limits").find("Max core file size        0"), std::string::npos);
}

TEST_F(ServingEngine, AnswersAChat) {
  auto engine = StartServing();
  ASSERT_TRUE(engine.ok()) << engine.status();
  const auto answer = Post("/v1/chat/completions", Question());
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 200);
  EXPECT_NE(answer->body.find("\"content\":\"Overheating on pump-07"), std::string::npos)
      << answer->body;
  EXPECT_NE(answer->body.find("\"model\":\"pump@2.0.0\""), std::string::npos);
  EXPECT_NE(answer->body.find("\"predicted_per_second\""), std::string::npos);
  ASSERT_TRUE(engine->NextOfRequest().ok());
  const auto stats = engine->NextStats();
  ASSERT_TRUE(stats.ok()) << stats.status();
  EXPECT_EQ(stats->requests_total(), 1U);
  EXPECT_EQ(stats->requests_failed(), 0U);
  EXPECT_GT(stats->tokens_decoded(), 10U);
}

std::string IdOf(const std::string& body) {
  const std::size_t begin = body.find("\"id\":\"") + 6;
  return body.substr(begin, body.find('"', begin) - begin);
}

TEST_F(ServingEngine, TellsItsAgentHowLongAnAnswerTook) {
  auto engine = StartServing();
  ASSERT_TRUE(engine.ok()) << engine.status();
  const auto answer = Post("/v1/chat/completions", Question(R"(,"max_tokens":9)"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  const auto event = engine->NextOfRequest();
  ASSERT_TRUE(event.ok()) << event.status();
  const v1::EngineRequestDone& done = event->request_done();
  EXPECT_EQ(done.tokens(), 9U);
  EXPECT_EQ(done.decoded_tokens(), 8U);
  EXPECT_GT(done.decode_us(), 0U);
  EXPECT_GT(done.time_to_first_token_us(), 0U);
  EXPECT_LT(done.time_to_first_token_us(), done.whole_us());
  EXPECT_LE(done.time_to_first_token_us() + done.decode_us(), done.whole_us() + 1);
  EXPECT_LT(done.whole_us(), 30'000'000U);
  const auto stats = engine->NextStats();
  ASSERT_TRUE(stats.ok()) << stats.status();
  EXPECT_GE(stats->busy_us(), done.whole_us());
}

TEST_F(ServingEngine, TellsOfAnAnswerBeforeItEnds) {
  auto engine = StartServing();
  ASSERT_TRUE(engine.ok()) << engine.status();
  auto client = HttpClient::ConnectTcp(port_);
  ASSERT_TRUE(client.ok());
  ASSERT_TRUE(client->Exchange("GET", "/health").ok());
  ASSERT_TRUE(engine->Drain(absl::Seconds(60)).ok());
  ASSERT_TRUE(client->Exchange("POST", "/v1/completions", R"({"prompt":"x"})").ok());
  client = HttpClient::ConnectTcp(port_);
  EXPECT_EQ(engine->WaitForExit(), 0);
  EXPECT_TRUE(engine->NextOfRequest().ok());
}

TEST_F(ServingEngine, LeadsAnOutcomeToTheEngineThatMadeTheAnswer) {
  auto engine = StartServing();
  ASSERT_TRUE(engine.ok()) << engine.status();
  auto fan_socket = ListenUnix(SocketPath("fan"));
  ASSERT_TRUE(fan_socket.ok());
  auto fan = EngineProcess::Start();
  ASSERT_TRUE(fan.ok());
  ASSERT_TRUE(fan->Load("fan", "1.0.0", DemoFile("plant-slm-v1-q8_0.gguf")).ok());
  ASSERT_TRUE(fan->Serve({}, fan_socket->get()).ok());
  const auto answer = Post("/v1/completions", R"({"prompt":"fan-1","model":"fan","max_tokens":4})");
  ASSERT_TRUE(answer.ok()) << answer.status();
  const std::string body = R"({"id":")" + IdOf(answer->body) + R"(","outcome":"not_solved"})";
  EXPECT_EQ(Post("/v1/outcome", body)->status, 200);
  EXPECT_EQ(Post("/v1/outcome", body)->status, 409);
  EXPECT_TRUE(fan->NextOfRequest()->has_request_done());
  const auto outcome = fan->NextOfRequest();
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  ASSERT_TRUE(outcome->has_outcome());
  EXPECT_FALSE(outcome->outcome().solved());
}

TEST_F(ServingEngine, StreamsAChatAsEvents) {
  auto engine = StartServing();
  ASSERT_TRUE(engine.ok()) << engine.status();
  const auto answer =
      Post("/v1/chat/completions",
           Question(R"(,"stream":true,"stream_options":{"include_usage":true},"max_tokens":5)"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->headers.at("content-type"), "text/event-stream");
  EXPECT_TRUE(answer->body.starts_with("data: {")) << answer->body;
  EXPECT_NE(answer->body.find("\"role\":\"assistant\""), std::string::npos);
  EXPECT_NE(answer->body.find("\"finish_reason\":\"length\""), std::string::npos);
  EXPECT_NE(answer->body.find("\"completion_tokens\":5"), std::string::npos);
  EXPECT_TRUE(answer->body.ends_with("data: [DONE]\n\n"));
}

TEST_F(ServingEngine, ContinuesText) {
  auto engine = StartServing();
  ASSERT_TRUE(engine.ok()) << engine.status();
  const auto answer =
      Post("/v1/completions", R"({"prompt":"Overheating on","temperature":0,"max_tokens":8})");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 200);
  EXPECT_NE(answer->body.find("\"text_completion\""), std::string::npos);
}

TEST_F(ServingEngine, TellsHealthAndModels) {
  auto engine = StartServing();
  ASSERT_TRUE(engine.ok()) << engine.status();
  EXPECT_EQ(Get("/health")->body, R"({"status":"ok"})");
  const auto models = Get("/v1/models");
  EXPECT_NE(models->body.find("\"pump@2.0.0\""), std::string::npos);
  EXPECT_NE(models->body.find("\"fan\""), std::string::npos);
}

TEST_F(ServingEngine, AnswersMistakesWithTheirStatus) {
  auto engine = StartServing();
  ASSERT_TRUE(engine.ok()) << engine.status();
  const auto status = [&](const std::string& path, const std::string& body) {
    return Post(path, body).value_or(HttpAnswer()).status;
  };
  EXPECT_EQ(status("/v1/chat/completions", "{"), 400);
  EXPECT_EQ(status("/v1/nothing", "{}"), 404);
  EXPECT_EQ(status("/health", "{}"), 405);
  EXPECT_EQ(status("/v1/completions", R"({"prompt":"x","model":"other"})"), 404);
  EXPECT_EQ(status("/v1/completions", "{\"prompt\":\"" + std::string(5000, '7') + "\"}"), 400);
  EXPECT_EQ(status("/v1/completions", std::string(2 << 20, 'x')), 413);
  auto client = HttpClient::ConnectTcp(port_);
  ASSERT_TRUE(client->SendText("no HTTP at all\r\n\r\n").ok());
  EXPECT_EQ(client->ReadAnswer()->status, 400);
}

TEST_F(ServingEngine, ForwardsWhatIsForASiblingAndStreamsItsAnswer) {
  auto engine = StartServing();
  ASSERT_TRUE(engine.ok()) << engine.status();
  auto fan_socket = ListenUnix(SocketPath("fan"));
  ASSERT_TRUE(fan_socket.ok());
  auto fan = EngineProcess::Start();
  ASSERT_TRUE(fan.ok());
  ASSERT_TRUE(fan->Load("fan", "1.0.0", DemoFile("plant-slm-v1-q8_0.gguf")).ok());
  ASSERT_TRUE(fan->Serve({}, fan_socket->get()).ok());
  const std::string body = R"({"prompt":"fan-1","model":"fan","max_tokens":4,"stream":true})";
  const auto answer = Post("/v1/completions", body);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_NE(answer->body.find("\"model\":\"fan@1.0.0\""), std::string::npos) << answer->body;
  EXPECT_TRUE(answer->body.ends_with("data: [DONE]\n\n"));
}

TEST_F(ServingEngine, AnswersForASiblingThatIsNotThere) {
  auto engine = StartServing();
  ASSERT_TRUE(engine.ok()) << engine.status();
  const auto answer = Post("/v1/completions", R"({"prompt":"x","model":"fan"})");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->headers.at("retry-after"), "1");
}

TEST_F(ServingEngine, GivesAnOpenConnectionOneMoreAnswerWhileItDrains) {
  auto engine = StartServing();
  ASSERT_TRUE(engine.ok()) << engine.status();
  auto client = HttpClient::ConnectTcp(port_);
  ASSERT_TRUE(client.ok());
  const auto before = client->Exchange("GET", "/health");
  ASSERT_TRUE(before.ok());
  EXPECT_EQ(before->headers.at("connection"), "keep-alive");
  ASSERT_TRUE(engine->Drain(absl::Seconds(60)).ok());
  // Served by nobody before the drain is done: it waits in the backlog for the next engine.
  const auto after = client->Exchange("POST", "/v1/completions", R"({"prompt":"x"})");
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(after->status, 200);
  EXPECT_EQ(client->ReadSome().value_or("more"), "");
  client = HttpClient::ConnectTcp(port_);
  EXPECT_EQ(engine->WaitForExit(), 0);
}

TEST_F(ServingEngine, ClosesIdleConnectionsAfterTheGrace) {
  auto engine = StartServing();
  ASSERT_TRUE(engine.ok()) << engine.status();
  auto client = HttpClient::ConnectTcp(port_);
  ASSERT_TRUE(client->Exchange("GET", "/health").ok());
  ASSERT_TRUE(engine->Drain(absl::Milliseconds(10)).ok());
  EXPECT_EQ(client->ReadSome().value_or("more"), "");
  client = HttpClient::ConnectTcp(port_);
  EXPECT_EQ(engine->WaitForExit(), 0);
}

}  // namespace
}  // namespace flotilla::test
