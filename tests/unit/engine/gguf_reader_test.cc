#include "engine/gguf/gguf_reader.h"

#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/gguf_builder.h"

namespace flotilla::gguf {
namespace {

using test::GgufBuilder;

constexpr std::uint32_t kU32 = 4;
constexpr std::uint32_t kF32 = 6;
constexpr std::uint32_t kArray = 9;

std::string DemoModel(const std::string& name) {
  return std::string(FLOTILLA_DEMO_DIR) + "/" + name;
}

struct Model {
  std::uint32_t blocks = 2;
  float epsilon = 1e-5F;
  std::string architecture = "llama";
};

// A header with the three keys that the engine needs.
Bytes Make(const Model& model) {
  GgufBuilder builder;
  builder.Start(1, 3)
      .TextKey("general.architecture", model.architecture)
      .Key("llama.block_count", kU32, model.blocks)
      .Key("llama.attention.layer_norm_rms_epsilon", kF32, model.epsilon)
      .Tensor("output_norm.weight", 8, 0)
      .Pad()
      .Zeros(32);
  return builder.bytes();
}

StatusCode ParseCode(const Bytes& file) {
  return ParseHeader(file, file.size()).status().code();
}

Status Check(const Bytes& file) {
  const StatusOr<Header> header = ParseHeader(file, file.size());
  return header.ok() ? CheckForEngine(*header) : header.status();
}

TEST(GgufReader, FindsTheTensorsOfTheDemoModels) {
  for (const char* name : {"plant-slm-v1-q8_0.gguf", "plant-slm-v2-q8_0.gguf",
                           "plant-slm-v2-q4_k_m.gguf", "plant-slm-v3-regressed-q8_0.gguf"}) {
    const StatusOr<Header> header = ReadHeader(DemoModel(name));
    ASSERT_TRUE(header.ok()) << header.status();
    EXPECT_EQ(header->tensors.size(), 20U);
    EXPECT_EQ(header->FindText("general.architecture"), "llama");
    EXPECT_EQ(header->FindUnsigned("llama.block_count"), 2U);
    const Tensor& last = header->tensors.back();
    EXPECT_EQ(last.file_offset, header->data_offset + last.offset);
    EXPECT_LE(last.file_offset + last.bytes, header->file_bytes);
    EXPECT_TRUE(CheckForEngine(*header).ok());
  }
}

TEST(GgufReader, KnowsTypeDimensionsAndBytesOfATensor) {
  const StatusOr<Header> header = ReadHeader(DemoModel("plant-slm-v2-q8_0.gguf"));
  ASSERT_TRUE(header.ok());
  const Tensor& embedding = header->tensors[1];
  EXPECT_EQ(embedding.name, "token_embd.weight");
  EXPECT_EQ(embedding.type, 8U);
  EXPECT_EQ(embedding.dimensions, (std::vector<std::uint64_t>{256, 512}));
  EXPECT_EQ(embedding.bytes, 256U * 512 / 32 * 34);
  EXPECT_EQ(embedding.offset, 1024U);
}

TEST(GgufReader, AsksForMoreWhenThePrefixEndsInsideTheHeader) {
  const Bytes file = Make({});
  for (const std::size_t size : {0U, 3U, 30U, 90U}) {
    const StatusOr<Header> header = ParseHeader(ByteView(file).first(size), file.size());
    EXPECT_EQ(header.status().code(), StatusCode::kOutOfRange) << size;
  }
}

TEST(GgufReader, RefusesAFileThatIsCutAnywhere) {
  const Bytes file = Make({});
  for (std::size_t size = 0; size < file.size(); ++size) {
    const StatusOr<Header> header = ParseHeader(ByteView(file).first(size), size);
    EXPECT_EQ(header.status().code(), StatusCode::kDataLoss) << size;
  }
}

TEST(GgufReader, RefusesAnotherMagicOrVersion) {
  Bytes file = Make({});
  file[0] = 'X';
  EXPECT_EQ(ParseCode(file), StatusCode::kDataLoss);
  for (const char version : {'\0', '\1', '\4'}) {
    file = Make({});
    file[4] = static_cast<std::uint8_t>(version);
    EXPECT_EQ(ParseCode(file), StatusCode::kDataLoss);
  }
}

TEST(GgufReader, RefusesAKeyThatStandsThereTwice) {
  GgufBuilder builder;
  builder.Start(0, 2).Key("a", kU32, 1U).Key("a", kU32, 2U).Pad();
  EXPECT_EQ(ParseCode(builder.bytes()), StatusCode::kDataLoss);
}

TEST(GgufReader, RefusesATensorThatReachesPastTheFile) {
  GgufBuilder builder;
  builder.Start(1, 0).Tensor("t", 9, 0).Pad().Zeros(32);
  EXPECT_EQ(ParseCode(builder.bytes()), StatusCode::kDataLoss);
}

TEST(GgufReader, RefusesTensorsThatOverlapOrLeaveAGap) {
  for (const std::uint64_t offset : {0U, 16U, 64U}) {
    GgufBuilder builder;
    builder.Start(2, 0).Tensor("a", 8, 0).Tensor("b", 8, offset).Pad().Zeros(256);
    EXPECT_EQ(ParseCode(builder.bytes()), StatusCode::kDataLoss) << offset;
  }
}

TEST(GgufReader, RefusesDimensionsThatOverflow) {
  GgufBuilder builder;
  builder.Start(1, 0).Text("t").Number<std::uint32_t>(3);
  for (int i = 0; i < 3; ++i) {
    builder.Number<std::uint64_t>(1ULL << 40);
  }
  builder.Number<std::uint32_t>(0).Number<std::uint64_t>(0).Pad();
  EXPECT_EQ(ParseCode(builder.bytes()), StatusCode::kDataLoss);
}

TEST(GgufReader, RefusesCountsThatNoFileCanHold) {
  constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();
  GgufBuilder tensors;
  tensors.Start(kHuge, 0).Pad();
  EXPECT_EQ(ParseCode(tensors.bytes()), StatusCode::kDataLoss);
  GgufBuilder array;
  array.Start(0, 1).Text("a").Number(kArray).Number(kF32).Number(kHuge).Pad();
  EXPECT_EQ(ParseCode(array.bytes()), StatusCode::kDataLoss);
}

TEST(GgufReader, RefusesAnAlignmentThatIsNoPowerOfTwo) {
  for (const std::uint32_t alignment : {0U, 33U, 1U << 30}) {
    GgufBuilder builder;
    builder.Start(0, 1).Key("general.alignment", kU32, alignment).Pad();
    EXPECT_EQ(ParseCode(builder.bytes()), StatusCode::kDataLoss) << alignment;
  }
}

// libllama 0.5.0 aborts the process on each of these two.
TEST(EngineCheck, RefusesBlockCountsThatAbortLibllama) {
  for (const std::uint32_t blocks : {0U, 513U, 0x7FFFFFFFU, 0xFFFFFFFFU}) {
    EXPECT_EQ(Check(Make({.blocks = blocks})).code(), StatusCode::kDataLoss) << blocks;
  }
  EXPECT_TRUE(Check(Make({.blocks = 1})).ok());
  EXPECT_TRUE(Check(Make({.blocks = 512})).ok());
}

TEST(EngineCheck, RefusesEpsilonsThatAbortLibllama) {
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  for (const float epsilon : {std::nanf(""), kInfinite, -kInfinite, -1e-5F, 0.0F, -0.0F}) {
    EXPECT_EQ(Check(Make({.epsilon = epsilon})).code(), StatusCode::kDataLoss) << epsilon;
  }
}

TEST(EngineCheck, RefusesAModelWithoutAnArchitectureOrInSeveralFiles) {
  EXPECT_EQ(Check(Make({.architecture = ""})).code(), StatusCode::kDataLoss);
  GgufBuilder split;
  split.Start(1, 3)
      .TextKey("general.architecture", "llama")
      .Key("llama.block_count", kU32, 2U)
      .Key("split.count", kU32, 3U)
      .Tensor("t", 8, 0)
      .Pad()
      .Zeros(32);
  EXPECT_EQ(Check(split.bytes()).code(), StatusCode::kDataLoss);
}

}  // namespace
}  // namespace flotilla::gguf
