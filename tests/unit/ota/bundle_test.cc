#include "ota/format/bundle.h"

#include <filesystem>
#include <fstream>
#include <stop_token>
#include <string>

#include <gtest/gtest.h>
#include "flotilla/v1/failure_reason.pb.h"

#include "ota/fetch/bundle_fetcher.h"
#include "tests/support/temp_dir.h"

namespace flotilla::ota {
namespace {

BundleIndex Index() {
  BundleIndex index;
  index.created = ParseUtcText("2026-11-22T21:00:00Z").value();
  index.members = {{"metadata/1.root.json", 0, 4}, {"targets/models-pump/aa.model.gguf", 0, 6}};
  v1::ReleaseRef release;
  release.set_line("pump");
  release.set_version("2.0.0");
  release.set_target_path("models-pump/2.0.0.release.json");
  release.set_sha256(std::string(32, '\x11'));
  release.set_release_counter(3);
  index.releases = {release};
  return index;
}

Bytes File() {
  Bytes bytes = EncodeBundleHead(Index()).value();
  for (const char c : std::string("rootmodel!")) {
    bytes.push_back(static_cast<std::uint8_t>(c));
  }
  return bytes;
}

StatusOr<BundleIndex> Parse(const Bytes& file) {
  const auto prelude = ByteView(file).first(std::min(file.size(), kBundlePreludeBytes));
  FLOTILLA_ASSIGN_OR_RETURN(const std::size_t head, BundleHeadBytes(prelude));
  return ParseBundleHead(ByteView(file).first(std::min(file.size(), head)), file.size());
}

class Bundle : public testing::Test {
 protected:
  std::filesystem::path Written(const Bytes& bytes) const {
    std::filesystem::path path = dir_.path() / "x.bundle";
    std::ofstream(path, std::ios::binary | std::ios::trunc) << ToText(bytes);
    return path;
  }

  TempDir dir_;
};

TEST_F(Bundle, IsReadAsItWasWritten) {
  const auto index = Parse(File());
  ASSERT_TRUE(index.ok()) << index.status();
  EXPECT_EQ(index->created, Index().created);
  ASSERT_EQ(index->releases.size(), 1U);
  EXPECT_EQ(index->releases[0].SerializeAsString(), Index().releases[0].SerializeAsString());
  ASSERT_EQ(index->members.size(), 2U);
  EXPECT_EQ(index->members[1].offset, File().size() - 6);
  EXPECT_NE(index->Find("metadata/1.root.json"), nullptr);
  EXPECT_EQ(index->Find("metadata/2.root.json"), nullptr);
}

TEST_F(Bundle, ThatIsTornAnywhereIsRefused) {
  const Bytes whole = File();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes torn(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(ReasonNumber(Parse(torn).status()), v1::FAILURE_REASON_FORM_BUNDLE) << size;
    EXPECT_FALSE(ReadBundleIndex(Written(torn)).ok()) << size;
  }
}

TEST_F(Bundle, ThatIsTooLongIsRefused) {
  Bytes longer = File();
  longer.push_back(0);
  EXPECT_EQ(ReasonNumber(Parse(longer).status()), v1::FAILURE_REASON_FORM_BUNDLE);
}

TEST_F(Bundle, HasNoMemberTwiceNorOneThatClimbs) {
  for (const std::string name : {"metadata/1.root.json", "metadata/../x", "/etc/passwd", "other/x",
                                 "targets/", "targets//x"}) {
    BundleIndex index = Index();
    index.members.push_back({name, 0, 1});
    EXPECT_EQ(EncodeBundleHead(index).status().code(), StatusCode::kInvalidArgument) << name;
  }
}

TEST_F(Bundle, HasAsManyMembersAndReleasesAsAllowed) {
  BundleIndex index = Index();
  index.members.clear();
  for (std::size_t i = 0; i < kMaxBundleMembers; ++i) {
    index.members.push_back({"metadata/" + std::to_string(i) + ".json", 0, 1});
  }
  index.releases.assign(kMaxBundleReleases, Index().releases[0]);
  EXPECT_TRUE(EncodeBundleHead(index).ok());
  index.members.push_back({"metadata/more.json", 0, 1});
  EXPECT_FALSE(EncodeBundleHead(index).ok());
  index.members.pop_back();
  index.releases.push_back(Index().releases[0]);
  EXPECT_FALSE(EncodeBundleHead(index).ok());
}

TEST_F(Bundle, WhoseMembersOverflowIsRefused) {
  BundleIndex index = Index();
  index.members = {{"metadata/a.json", 0, ~std::uint64_t{0} >> 1U},
                   {"metadata/b.json", 0, ~std::uint64_t{0} >> 1U},
                   {"metadata/c.json", 0, 3}};
  const Bytes head = EncodeBundleHead(Index()).value();
  EXPECT_FALSE(EncodeBundleHead(index).ok());
}

TEST_F(Bundle, HandsOutItsMembersLikeAServer) {
  const auto fetcher = BundleFetcher::Open(Written(File()));
  ASSERT_TRUE(fetcher.ok()) << fetcher.status();
  EXPECT_EQ(ToText((*fetcher)->Fetch("1.root.json", 100).value()), "root");
  EXPECT_EQ(ReasonNumber((*fetcher)->Fetch("1.root.json", 3).status()),
            v1::FAILURE_REASON_FETCH_TOO_LARGE);
  EXPECT_EQ((*fetcher)->Fetch("2.root.json", 100).status().code(), StatusCode::kNotFound);

  std::string got;
  const BlobSink sink = [&got](ByteView piece) {
    got += ToText(piece);
    return OkStatus();
  };
  const BlobRange middle{"models-pump/aa.model.gguf", 1, 4, 6};
  ASSERT_TRUE((*fetcher)->Fetch(middle, sink, std::stop_token()).ok());
  EXPECT_EQ(got, "odel");
  const BlobRange other_length{"models-pump/aa.model.gguf", 0, 6, 7};
  EXPECT_EQ(ReasonNumber((*fetcher)->Fetch(other_length, sink, std::stop_token())),
            v1::FAILURE_REASON_TRUST_LENGTH_MISMATCH);
  const BlobRange missing{"models-pump/bb.model.gguf", 0, 6, 6};
  EXPECT_EQ((*fetcher)->Fetch(missing, sink, std::stop_token()).code(), StatusCode::kNotFound);
}

TEST_F(Bundle, ThatVanishesIsUnavailable) {
  const std::filesystem::path path = Written(File());
  const auto fetcher = BundleFetcher::Open(path);
  ASSERT_TRUE(fetcher.ok());
  std::filesystem::resize_file(path, 10);
  EXPECT_EQ((*fetcher)->Fetch("1.root.json", 100).status().code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace flotilla::ota
