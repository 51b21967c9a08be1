#include "controller/storage/packed_body.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include "absl/strings/str_cat.h"

#include "tests/support/seeded_random.h"

namespace flotilla::controller {
namespace {

std::string Noise(std::uint64_t seed, std::size_t size) {
  SeededRandom random(seed);
  std::string text(size, '\0');
  for (char& byte : text) {
    byte = static_cast<char>(UniformBelow(random, 256));
  }
  return text;
}

// Reports of one release: the digests are the same, little else differs.
std::vector<std::string> Alike(std::size_t count) {
  std::vector<std::string> bodies;
  for (std::size_t i = 0; i < count; ++i) {
    bodies.push_back(absl::StrCat("p", Noise(i + 10, 9), Noise(1, 64), "assistant-2026"));
  }
  return bodies;
}

std::vector<std::string_view> Views(const std::vector<std::string>& bodies) {
  return {bodies.begin(), bodies.end()};
}

TEST(PackedBody, IsAFractionOfABodyThatTheWordsSayMostOfAndUnpacksToIt) {
  const std::vector<std::string> bodies = Alike(100);
  const BodyWords words{300, WordsFrom(Views(bodies))};
  const BodyPacker packer(words);
  for (const std::string& body : bodies) {
    const std::string packed = packer.Packed(body);
    EXPECT_LT(packed.size(), body.size() / 2);
    EXPECT_EQ(WordsNumberOf(packed), 300U);
    const auto unpacked = BodyUnpacker().Unpacked(packed, words);
    ASSERT_TRUE(unpacked.ok()) << unpacked.status();
    EXPECT_EQ(*unpacked, body);
  }
  const double all = packer.SizeOf(Views(bodies));
  EXPECT_GT(all, 10.0 * 100);
  EXPECT_LT(all, 44.0 * 100);
}

TEST(PackedBody, IsTheBodyItselfWhereNothingIsWon) {
  const BodyPacker packer(BodyWords{});
  const std::string noise = "p" + Noise(3, 200);
  EXPECT_EQ(packer.Packed(noise), noise);
  EXPECT_EQ(WordsNumberOf(noise), std::nullopt);
  EXPECT_EQ(packer.Packed(""), "");
}

TEST(PackedBody, NeedsNoWords) {
  const std::string body = "p" + std::string(3000, 'x');
  const std::string packed = BodyPacker(BodyWords{}).Packed(body);
  EXPECT_LT(packed.size(), 60U);
  EXPECT_EQ(WordsNumberOf(packed), 0U);
  EXPECT_EQ(BodyUnpacker().Unpacked(packed, BodyWords{}).value_or(""), body);
}

TEST(PackedBody, OfOtherWordsOrDamagedIsDataLoss) {
  const std::vector<std::string> bodies = Alike(100);
  const BodyWords words{1, WordsFrom(Views(bodies))};
  const std::string packed = BodyPacker(words).Packed(bodies.front());
  const auto code = [&](std::string_view stored, const BodyWords& with) {
    return BodyUnpacker().Unpacked(stored, with).status().code();
  };
  EXPECT_EQ(code(packed, words), StatusCode::kOk);
  EXPECT_EQ(code(packed, {2, words.text}), StatusCode::kDataLoss);
  EXPECT_EQ(code(packed, {1, ""}), StatusCode::kDataLoss);
  for (std::size_t size = 0; size < packed.size(); ++size) {
    EXPECT_EQ(code(packed.substr(0, size), words), StatusCode::kDataLoss) << size;
  }
  EXPECT_EQ(code(packed + "x", words), StatusCode::kDataLoss);
  std::string alone = BodyPacker(BodyWords{}).Packed("p" + Noise(4, 500) + std::string(500, 'x'));
  alone[100] = static_cast<char>(alone[100] ^ 1);
  EXPECT_EQ(code(alone, BodyWords{}), StatusCode::kDataLoss) << "without words it has a checksum";
}

TEST(PackedBody, HasWordsFromAllOverTheListAndNoMoreThanAFewKilobytes) {
  EXPECT_EQ(WordsFrom({}), "");
  EXPECT_EQ(WordsFrom(Views(Alike(31))), "");
  const std::vector<std::string> bodies = Alike(4000);
  const std::string words = WordsFrom(Views(bodies));
  EXPECT_LE(words.size(), 32U * 1024);
  EXPECT_NE(words.find(bodies.front()), std::string::npos);
  EXPECT_NE(words.find(bodies[2000]), std::string::npos);
  const std::vector<std::string> large(200, std::string(3000, 'y'));
  EXPECT_LE(WordsFrom(Views(large)).size(), 32U * 1024);
  EXPECT_GE(WordsFrom(Views(large)).size(), 16U * 1024);
}

}  // namespace
}  // namespace flotilla::controller
