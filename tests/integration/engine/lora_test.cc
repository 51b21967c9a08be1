// Adapters and chat templates on the real library and the demo models.
#include <filesystem>
#include <fstream>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/os_clock.h"
#include "engine/llama/chat_template.h"
#include "engine/llama/llama_engine.h"
#include "engine/worker/self_test.h"
#include "flotilla/v1/failure_reason.pb.h"
#include "tests/integration/engine/engine_process.h"
#include "tests/support/lora_gguf.h"
#include "tests/support/temp_dir.h"

namespace flotilla::engine {
namespace {

constexpr char kBase[] = "plant-slm-v2-q8_0.gguf";
constexpr char kRegressed[] = "plant-slm-v3-regressed-q8_0.gguf";
constexpr char kQuestion[] = "pump-07 temp=91C vib=8.2mm/s rpm=1480 current=31A";

class Lora : public testing::Test {
 protected:
  std::string Write(const std::string& name, const Bytes& bytes) {
    std::string path = (dir_.path() / name).string();
    std::ofstream(path, std::ios::binary) << ToText(bytes);
    return path;
  }
  static AdapterFile Adapter(const std::string& path, float scale) {
    AdapterFile adapter;
    adapter.name = std::filesystem::path(path).stem();
    adapter.file = test::OpenForReading(path);
    adapter.sha256 = Digest::FromBytes(AsBytes(test::Sha256Of(path))).value();
    adapter.scale = scale;
    return adapter;
  }
  static StatusOr<std::unique_ptr<LlamaEngine>> Load(const std::string& model,
                                                     std::vector<AdapterFile> adapters,
                                                     std::string chat_template = {}) {
    const std::string path = test::DemoFile(model);
    LlamaOptions options;
    FLOTILLA_ASSIGN_OR_RETURN(options.model_sha256,
                              Digest::FromBytes(AsBytes(test::Sha256Of(path))));
    ModelFiles files;
    files.model = test::OpenForReading(path);
    files.adapters = std::move(adapters);
    files.chat_template = std::move(chat_template);
    return LlamaEngine::Load(std::move(files), options);
  }
  static std::vector<AdapterFile> One(AdapterFile adapter) {
    std::vector<AdapterFile> adapters;
    adapters.push_back(std::move(adapter));
    return adapters;
  }
  static std::string Answer(LlamaEngine& engine) {
    GenerateRequest request;
    request.prompt = engine.Tokenise(std::vector<ChatMessage>{{"user", kQuestion}}).value();
    request.max_tokens = 48;
    request.sampling.temperature = 0.0F;
    std::string text;
    const auto generated = engine.Generate(
        request, [&](std::string_view piece) { text += piece; }, std::stop_token());
    EXPECT_TRUE(generated.ok()) << generated.status();
    return text;
  }
  std::string AnswerWith(AdapterFile adapter) {
    const auto engine = Load(kBase, One(std::move(adapter)));
    EXPECT_TRUE(engine.ok()) << engine.status();
    return engine.ok() ? Answer(**engine) : std::string();
  }
  static std::uint32_t GoldenScore(LlamaEngine& engine) {
    GenerationQueue queue(engine, 4);
    const auto prompts = ReadGolden(test::OpenForReading(test::DemoFile("golden.jsonl")).get());
    const OsClock clock;
    const auto result = RunSelfTest(queue, *prompts, absl::Seconds(100), clock, std::stop_token());
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? result->correct : 0;
  }

  TempDir dir_;
};

TEST_F(Lora, AZeroAdapterOrAZeroScaleChangesNothingAndAStrongOneChangesTheAnswer) {
  const std::string zero = Write("zero.gguf", MakeLoraGguf(test::DemoLora(0.0F)));
  const std::string strong = Write("strong.gguf", MakeLoraGguf(test::DemoLora(1.0F)));
  const auto plain = Load(kBase, {});
  ASSERT_TRUE(plain.ok()) << plain.status();
  const std::string answer = Answer(**plain);
  EXPECT_EQ(answer.substr(0, 22), "Overheating on pump-07");
  EXPECT_EQ(AnswerWith(Adapter(zero, 1.0F)), answer);
  EXPECT_EQ(AnswerWith(Adapter(strong, 0.0F)), answer);
  EXPECT_NE(AnswerWith(Adapter(strong, 1.0F)), answer);
}

TEST_F(Lora, TheDemoAdapterMakesTheRegressedModelWellAgain) {
  const auto sick = Load(kRegressed, {});
  ASSERT_TRUE(sick.ok()) << sick.status();
  const auto mended =
      Load(kRegressed, One(Adapter(test::DemoFile("plant-slm-v3-repair-lora.gguf"), 1.0F)));
  ASSERT_TRUE(mended.ok()) << mended.status();
  const std::uint32_t before = GoldenScore(**sick);
  const std::uint32_t after = GoldenScore(**mended);
  std::printf("golden prompts: %u of 40 without the adapter, %u with it\n", before, after);
  EXPECT_LT(before, 20U);
  EXPECT_GE(after, 36U);
  EXPECT_EQ(Answer(**mended).substr(0, 22), "Overheating on pump-07");
}

TEST_F(Lora, TakesSeveralAdaptersAtOnce) {
  const std::string zero = Write("zero.gguf", MakeLoraGguf(test::DemoLora(0.0F)));
  std::vector<AdapterFile> both;
  both.push_back(Adapter(zero, 1.0F));
  both.push_back(Adapter(test::DemoFile("plant-slm-v3-repair-lora.gguf"), 1.0F));
  const auto engine = Load(kRegressed, std::move(both));
  ASSERT_TRUE(engine.ok()) << engine.status();
  EXPECT_EQ(Answer(**engine).substr(0, 22), "Overheating on pump-07");
}

TEST_F(Lora, RefusesAdaptersThatDoNotFitWithoutLoadingAnything) {
  test::LoraShape other = test::DemoLora(1.0F);
  other.architecture = "qwen2";
  const std::string wrong_arch = Write("arch.gguf", MakeLoraGguf(other));
  test::LoraShape narrow = test::DemoLora(1.0F);
  narrow.tensors = test::LoraPair("blk.1.ffn_down.weight", 128, 256, 2);
  const std::string wrong_dimensions = Write("dims.gguf", MakeLoraGguf(narrow));
  Bytes bytes = MakeLoraGguf(test::DemoLora(1.0F));
  bytes.resize(bytes.size() / 2);
  const std::string cut = Write("cut.gguf", bytes);
  for (const std::string& path : {wrong_arch, wrong_dimensions, cut}) {
    const Status status = Load(kBase, One(Adapter(path, 1.0F))).status();
    EXPECT_EQ(status.code(), StatusCode::kDataLoss) << status;
    EXPECT_EQ(ReasonNumber(status), v1::FAILURE_REASON_INSTALL_GGUF_INVALID) << status;
  }
  const std::string good = Write("good.gguf", MakeLoraGguf(test::DemoLora(0.0F)));
  AdapterFile forged = Adapter(good, 1.0F);
  forged.sha256 = Digest();
  EXPECT_EQ(ReasonNumber(Load(kBase, One(std::move(forged))).status()),
            v1::FAILURE_REASON_INSTALL_ARTIFACT_MISMATCH);
  EXPECT_EQ(Load(kBase, One(Adapter(good, 4.5F))).status().code(), StatusCode::kInvalidArgument);
}

TEST_F(Lora, AChatTemplateReplacesTheModelsOwn) {
  const auto own = Load(kBase, {});
  const auto zephyr = Load(kBase, {}, "zephyr");
  const auto chatml = Load(kBase, {}, "chatml");
  ASSERT_TRUE(own.ok() && zephyr.ok() && chatml.ok());
  const std::vector<ChatMessage> messages = {{"user", kQuestion}};
  EXPECT_EQ((*own)->Tokenise(messages).value(), (*chatml)->Tokenise(messages).value());
  EXPECT_NE((*own)->Tokenise(messages).value(), (*zephyr)->Tokenise(messages).value());
}

TEST_F(Lora, ReadsAChatTemplateOnceItIsCheckedInFull) {
  const auto read = [&](const std::string& text) {
    const std::string path = Write("template.txt", ToBytes(text));
    return ReadChatTemplate(test::OpenForReading(path).get(),
                            Digest::FromBytes(AsBytes(test::Sha256Of(path))).value());
  };
  EXPECT_EQ(read("chatml").value_or(""), "chatml");
  const std::string family = "{{'<|im_start|>' + message['role']}}";
  EXPECT_EQ(read(family).value_or(""), family);
  for (const std::string& bad :
       {std::string("of no family"), std::string(), std::string("chatml\x02"),
        "<|im_start|>" + std::string(kMaxChatTemplateBytes, ' ')}) {
    EXPECT_EQ(ReasonNumber(read(bad).status()), v1::FAILURE_REASON_INSTALL_LOAD_FAILED)
        << bad.substr(0, 20);
  }
  const std::string path = Write("template.txt", ToBytes("chatml"));
  EXPECT_EQ(ReasonNumber(ReadChatTemplate(test::OpenForReading(path).get(), Digest()).status()),
            v1::FAILURE_REASON_INSTALL_ARTIFACT_MISMATCH);
}

}  // namespace
}  // namespace flotilla::engine
