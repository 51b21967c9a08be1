#include "engine/gguf/adapter_check.h"

#include <functional>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "engine/gguf/model_facts.h"
#include "tests/support/lora_gguf.h"

namespace flotilla::gguf {
namespace {

using test::LoraPair;
using test::LoraShape;

std::string DemoFile(const std::string& name) {
  return std::string(FLOTILLA_DEMO_DIR) + "/" + name;
}

Header DemoModel() {
  return ReadHeader(DemoFile("plant-slm-v2-q8_0.gguf")).value();
}

Status Check(const Bytes& adapter) {
  const StatusOr<Header> header = ParseHeader(adapter, adapter.size());
  return header.ok() ? CheckAdapter(*header, DemoModel()) : header.status();
}

TEST(AdapterCheck, TakesAdaptersThatFit) {
  EXPECT_EQ(Check(MakeLoraGguf(test::DemoLora(1.0F))), OkStatus());
  LoraShape embedding;
  // A and B change places for the token embedding.
  embedding.tensors = {{"token_embd.weight.lora_a", 4, 512}, {"token_embd.weight.lora_b", 4, 256}};
  EXPECT_EQ(Check(MakeLoraGguf(embedding)), OkStatus());
  const auto repair = ReadHeader(DemoFile("plant-slm-v3-repair-lora.gguf"));
  ASSERT_TRUE(repair.ok()) << repair.status();
  EXPECT_EQ(CheckAdapter(*repair, DemoModel()), OkStatus());
}

struct BadAdapter {
  const char* name;
  std::function<void(LoraShape&)> change;
};

class BadAdapterCheck : public testing::TestWithParam<BadAdapter> {};

TEST_P(BadAdapterCheck, IsRefused) {
  LoraShape shape = test::DemoLora(1.0F);
  GetParam().change(shape);
  const Status status = Check(MakeLoraGguf(shape));
  EXPECT_EQ(status.code(), StatusCode::kDataLoss) << status;
}

INSTANTIATE_TEST_SUITE_P(
    All, BadAdapterCheck,
    testing::Values(
        BadAdapter{"OtherArchitecture", [](LoraShape& shape) { shape.architecture = "qwen2"; }},
        BadAdapter{"NoAdapter", [](LoraShape& shape) { shape.general_type = "model"; }},
        BadAdapter{"NoLora", [](LoraShape& shape) { shape.adapter_type = "ia3"; }},
        BadAdapter{"NoFiniteAlpha",
                   [](LoraShape& shape) { shape.alpha = std::numeric_limits<float>::infinity(); }},
        BadAdapter{"InvocationTokens",
                   [](LoraShape& shape) { shape.extra_key = "adapter.alora.invocation_tokens"; }},
        BadAdapter{"NoTensors", [](LoraShape& shape) { shape.tensors.clear(); }},
        BadAdapter{"OneHalf", [](LoraShape& shape) { shape.tensors.pop_back(); }},
        BadAdapter{"NormVector",
                   [](LoraShape& shape) {
                     shape.tensors.push_back({"blk.0.attn_norm.weight", 256, 1});
                   }},
        BadAdapter{"AdaptedNorm",
                   [](LoraShape& shape) {
                     shape.tensors = LoraPair("blk.0.attn_norm.weight", 256, 1, 1);
                   }},
        BadAdapter{
            "UnknownMatrix",
            [](LoraShape& shape) { shape.tensors = LoraPair("blk.7.attn_q.weight", 256, 256, 2); }},
        BadAdapter{"OtherInputs",
                   [](LoraShape& shape) {
                     shape.tensors = LoraPair("blk.1.ffn_down.weight", 256, 256, 2);
                   }},
        BadAdapter{"OtherOutputs",
                   [](LoraShape& shape) {
                     shape.tensors = LoraPair("blk.1.ffn_down.weight", 512, 512, 2);
                   }},
        BadAdapter{"TwoRanks", [](LoraShape& shape) { shape.tensors[1].inner = 3; }},
        BadAdapter{"SuffixTwice",
                   [](LoraShape& shape) {
                     shape.tensors = LoraPair("blk.1.ffn_down.weight.lora_a", 512, 256, 2);
                   }}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(AdapterCheck, RefusesAFileThatIsCutShort) {
  Bytes adapter = MakeLoraGguf(test::DemoLora(1.0F));
  adapter.resize(adapter.size() - 1);
  EXPECT_EQ(Check(adapter).code(), StatusCode::kDataLoss);
}

TEST(ModelFacts, AreThoseOfTheDemoModels) {
  const ModelFacts facts = ReadModelFacts(DemoModel());
  EXPECT_EQ(facts.quantisation, "q8_0");
  EXPECT_EQ(facts.trained_context, 512U);
  // 2 layers, 4 heads of 32, keys and values, 2 bytes each.
  EXPECT_EQ(facts.context_bytes_per_token, 1024U);
  EXPECT_EQ(ReadModelFacts(*ReadHeader(DemoFile("plant-slm-v2-q4_k_m.gguf"))).quantisation,
            "q4_k_m");
  EXPECT_EQ(ReadModelFacts(Header()).context_bytes_per_token, 0U);
}

}  // namespace
}  // namespace flotilla::gguf
