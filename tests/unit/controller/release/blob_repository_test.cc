#include "controller/release/blob_repository.h"

#include <cstdint>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include "flotilla/v1/failure_reason.pb.h"

#include "base/bytes.h"
#include "base/file.h"
#include "base/os_durable_fs.h"
#include "base/status.h"
#include "security/sha256.h"
#include "tests/support/temp_dir.h"

namespace flotilla::controller {
namespace {

class BlobRepositoryTest : public testing::Test {
 protected:
  std::uint64_t OffsetOf(const Digest& digest) { return blobs_.Offset(digest).value(); }

  const std::string text_ = "tokens and weights";
  const Digest digest_ = security::Sha256(AsBytes(text_));
  TempDir dir_;
  OsDurableFs fs_;
  BlobRepository blobs_{dir_.path(), fs_, 64};
};

TEST_F(BlobRepositoryTest, HoldsWhatWasUploadedInPieces) {
  EXPECT_FALSE(blobs_.Has(digest_));
  EXPECT_EQ(OffsetOf(digest_), 0U);
  ASSERT_TRUE(blobs_.Append(digest_, 0, AsBytes(text_.substr(0, 7))).ok());
  EXPECT_EQ(OffsetOf(digest_), 7U);
  EXPECT_FALSE(blobs_.Has(digest_));
  ASSERT_TRUE(blobs_.Append(digest_, 7, AsBytes(text_.substr(7))).ok());
  ASSERT_TRUE(blobs_.Finish(digest_, text_.size()).ok());
  EXPECT_TRUE(blobs_.Has(digest_));
  EXPECT_EQ(ToText(ReadFile(blobs_.Path(digest_), 64).value()), text_);
}

TEST_F(BlobRepositoryTest, GoesOnAfterARestart) {
  ASSERT_TRUE(blobs_.Append(digest_, 0, AsBytes(text_.substr(0, 7))).ok());
  BlobRepository again(dir_.path(), fs_, 64);
  EXPECT_EQ(again.Offset(digest_).value(), 7U);
  ASSERT_TRUE(again.Append(digest_, 7, AsBytes(text_.substr(7))).ok());
  EXPECT_TRUE(again.Finish(digest_, text_.size()).ok());
}

TEST_F(BlobRepositoryTest, TakesBytesOnlyWhereTheUploadStands) {
  ASSERT_TRUE(blobs_.Append(digest_, 0, AsBytes("tok")).ok());
  EXPECT_EQ(blobs_.Append(digest_, 0, AsBytes("tok")).code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(blobs_.Append(digest_, 4, AsBytes("tok")).code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(OffsetOf(digest_), 3U);
}

TEST_F(BlobRepositoryTest, DropsBytesOfAnotherDigest) {
  const std::string wrong(text_.size(), 'x');
  ASSERT_TRUE(blobs_.Append(digest_, 0, AsBytes(wrong)).ok());
  const Status status = blobs_.Finish(digest_, wrong.size());
  EXPECT_EQ(status.code(), StatusCode::kDataLoss);
  EXPECT_EQ(ReasonNumber(status), v1::FAILURE_REASON_TRUST_HASH_MISMATCH);
  EXPECT_FALSE(blobs_.Has(digest_));
  EXPECT_EQ(OffsetOf(digest_), 0U);
}

TEST_F(BlobRepositoryTest, KeepsAPartThatIsTooShortToFinish) {
  ASSERT_TRUE(blobs_.Append(digest_, 0, AsBytes("tok")).ok());
  EXPECT_EQ(blobs_.Finish(digest_, text_.size()).code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(OffsetOf(digest_), 3U);
}

TEST_F(BlobRepositoryTest, AnswersTheSameForABlobThatIsThere) {
  ASSERT_TRUE(blobs_.Append(digest_, 0, AsBytes(text_)).ok());
  ASSERT_TRUE(blobs_.Finish(digest_, text_.size()).ok());
  EXPECT_TRUE(blobs_.Append(digest_, 0, AsBytes("other")).ok());
  EXPECT_TRUE(blobs_.Finish(digest_, text_.size()).ok());
  EXPECT_EQ(OffsetOf(digest_), text_.size());
  EXPECT_EQ(ToText(ReadFile(blobs_.Path(digest_), 64).value()), text_);
}

TEST_F(BlobRepositoryTest, RefusesMoreThanItsLimit) {
  EXPECT_TRUE(blobs_.Append(digest_, 0, Bytes(64)).ok());
  const Status status = blobs_.Append(digest_, 64, Bytes(1));
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonNumber(status), v1::FAILURE_REASON_STORAGE_BUDGET);
  EXPECT_EQ(blobs_.Append(security::Sha256({}), 0, Bytes(65)).code(),
            StatusCode::kResourceExhausted);
}

TEST_F(BlobRepositoryTest, HoldsAnEmptyBlob) {
  const Digest empty = security::Sha256({});
  ASSERT_TRUE(blobs_.Finish(empty, 0).ok());
  EXPECT_TRUE(blobs_.Has(empty));
}

}  // namespace
}  // namespace flotilla::controller
