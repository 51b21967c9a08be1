#include "tests/support/canary_search.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>
#include "zlib.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "tests/support/temp_dir.h"

namespace flotilla {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kWord[] = "vqzkwxjy";

CanarySearch Search() {
  CanarySearch search;
  search.Plant("prompt", kWord);
  return search;
}

std::string Noise(std::size_t size) {
  std::mt19937 engine(7);
  std::string noise(size, '\0');
  for (char& letter : noise) {
    letter = static_cast<char>(engine() & 0xffU);
  }
  return noise;
}

// zlib's window bits: 15 makes a zlib stream, 31 one of gzip.
std::string Deflated(const std::string& text, int window_bits) {
  z_stream stream{};
  EXPECT_EQ(::deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(text.size() + 256, '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  ::deflateEnd(&stream);
  return packed;
}

std::string Zstd(const std::string& text) {
  std::string packed(::ZSTD_compressBound(text.size()), '\0');
  packed.resize(::ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 19));
  return packed;
}

// So long and so much alike that packing it leaves no letter of the word standing.
std::string Packable() {
  std::string text;
  for (int i = 0; i < 50; ++i) {
    absl::StrAppend(&text, kWord, " and ", kWord, " once more; ");
  }
  return text;
}

TEST(CanarySearch, FindsEachFormWhateverStandsAroundIt) {
  const std::string word = kWord;
  std::string little;
  std::string big;
  for (const char letter : word) {
    little += {letter, '\0'};
    big += {'\0', letter};
  }
  const std::vector<std::string> forms = {word,
                                          std::string(word.rbegin(), word.rend()),
                                          little,
                                          big,
                                          absl::BytesToHexString(word),
                                          "76717A6B77786A79"};
  for (const std::string& form : forms) {
    EXPECT_EQ(Search().InBytes("here", Noise(1000) + form + Noise(1000)).size(), 1U) << form;
  }
}

TEST(CanarySearch, FindsBase64AtEachPhaseAndInBothAlphabets) {
  CanarySearch search;
  search.Plant("bytes", "\xfb\xef\xbe\xff\xfe\xff\xbf\xfb\xef\xbe");
  for (std::size_t phase = 0; phase < 6; ++phase) {
    const std::string whole =
        absl::StrCat(std::string(phase, 'n'), "\xfb\xef\xbe\xff\xfe\xff\xbf\xfb\xef\xbe", "tail");
    EXPECT_EQ(search.InBytes("here", absl::Base64Escape(whole)).size(), 1U) << phase;
    EXPECT_EQ(search.InBytes("here", absl::WebSafeBase64Escape(whole)).size(), 1U) << phase;
  }
}

TEST(CanarySearch, FindsWhatIsPackedAlsoTwice) {
  const std::string gzip = Deflated(Packable(), 31);
  const std::string zlib = Deflated(Packable(), 15);
  const std::string zstd = Zstd(Packable());
  for (const std::string& packed : {gzip, zlib, zstd}) {
    EXPECT_THAT(Search().InBytes("here", absl::StrCat(Noise(100), packed, Noise(100))),
                testing::Contains(HasSubstr("prompt as it is")));
  }
  EXPECT_THAT(Search().InBytes("here", Zstd(Noise(50) + gzip)),
              testing::Contains("here (zstd) (gzip): prompt as it is"));
}

TEST(CanarySearch, FindsWhatIsPackedThoughTheStreamIsCutOff) {
  const std::string zlib = Deflated(absl::StrCat(Noise(40000), Packable(), Noise(40000)), 15);
  EXPECT_THAT(Search().InBytes("here", zlib.substr(0, zlib.size() - 20000)),
              testing::Contains("here (zlib): prompt as it is"));
}

TEST(CanarySearch, FindsAWordAcrossLines) {
  EXPECT_THAT(Search().InBytes("here", "vqzk\r\nwxjy"), ElementsAre("here: prompt as it is"));
}

TEST(CanarySearch, FindsNothingInWhatIsClean) {
  EXPECT_THAT(Search().InBytes("here", Noise(1 << 20)), IsEmpty());
  EXPECT_THAT(Search().InBytes("here", "vqzkwxj vqzkwxjx Vqzkwxjy yjxwkzq"), IsEmpty());
  EXPECT_THAT(Search().InBytes("here", ""), IsEmpty());
}

TEST(CanarySearch, LooksIntoEveryFileBelowAFolderAndAtTheirNames) {
  const TempDir folder;
  std::filesystem::create_directories(folder.path() / "a/b");
  std::ofstream(folder.path() / "a/b/clean") << "nothing";
  EXPECT_THAT(Search().InFolder(folder.path()), IsEmpty());
  std::ofstream(folder.path() / "a/b/dirty") << absl::StrCat("x", kWord);
  std::ofstream(folder.path() / "a" / absl::BytesToHexString(kWord)) << "";
  EXPECT_EQ(Search().InFolder(folder.path()).size(), 2U);
  EXPECT_EQ(Search().InFolder(folder.path(), {folder.path() / "a/b"}).size(), 1U);
}

TEST(CanarySearch, TakesAFolderThatIsNotThereForAFind) {
  EXPECT_THAT(Search().InFolder("/nowhere/at/all"), testing::SizeIs(1));
}

TEST(ByteSearch, TellsWhichOfManyItFound) {
  ByteSearch search;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    EXPECT_TRUE(
        search.Add(absl::StrCat("pattern ", absl::Dec(i, absl::kZeroPad6)), absl::StrCat(i)));
  }
  EXPECT_THAT(search.In("..pattern 004321,pattern 000007pattern 0"), ElementsAre("4321", "7"));
  EXPECT_FALSE(search.Add("short", "too short"));
}

}  // namespace
}  // namespace flotilla
