#include "telemetry/record/report_bytes.h"

#include <gtest/gtest.h>

#include "tests/unit/telemetry/dap/dap_world.h"

namespace flotilla::record {
namespace {

// What a device hands to its transport: task id, report.
Bytes Upload(const dap::Task& task, const Bytes& report) {
  const ByteView id = task.id().bytes();
  Bytes upload(id.begin(), id.end());
  upload.insert(upload.end(), report.begin(), report.end());
  return upload;
}

class ReportBytes : public ::testing::Test {
 protected:
  Bytes UploadOf(std::size_t device, std::uint32_t bucket) {
    return Upload(world_.task, world_.ReportOf(device, bucket));
  }

  dap::DapWorld world_{2};
};

TEST_F(ReportBytes, NamesEveryByteOnce) {
  const Bytes upload = UploadOf(0, 1);
  const auto parts = *PartsOfUpload(upload);
  Bytes together;
  for (const ReportPart& part : parts) {
    EXPECT_EQ(part.offset, together.size()) << part.name;
    EXPECT_EQ(part.size, part.bytes.size()) << part.name;
    EXPECT_NE(part.kind, PartKind::kUnspecified) << part.name;
    EXPECT_FALSE(part.who.empty()) << part.name;
    together.insert(together.end(), part.bytes.begin(), part.bytes.end());
  }
  EXPECT_EQ(together, upload);
}

TEST_F(ReportBytes, OfTwoDevicesAndVotesDifferInRandomBytesAlone) {
  for (std::uint32_t bucket = 0; bucket < 5; ++bucket) {
    const auto difference = *CompareUploads(UploadOf(0, 0), UploadOf(1, bucket));
    EXPECT_TRUE(difference.unexpected.empty()) << difference.unexpected.front();
    EXPECT_TRUE(difference.repeated.empty()) << difference.repeated.front();
  }
}

TEST_F(ReportBytes, OfAnotherWindowOrTaskAreFoundToDiffer) {
  const Bytes one = UploadOf(0, 0);
  const Bytes later = Upload(world_.task, world_.ReportOf(0, 0, world_.window + 1));
  ASSERT_EQ(CompareUploads(one, later)->unexpected.size(), 1U);
  EXPECT_EQ(CompareUploads(one, later)->unexpected.front(), "start of the window");
  Bytes other = UploadOf(0, 0);
  other[0] ^= 1;
  EXPECT_EQ(CompareUploads(one, other)->unexpected.front(), "task id");
}

TEST_F(ReportBytes, SayWhenItIsOneReportTwice) {
  const Bytes one = UploadOf(0, 0);
  EXPECT_TRUE(CompareUploads(one, one)->unexpected.empty());
  EXPECT_EQ(CompareUploads(one, one)->repeated.size(), 6U);
}

TEST_F(ReportBytes, RefuseWhatIsNoUpload) {
  Bytes upload = UploadOf(0, 0);
  upload.push_back(0);
  EXPECT_EQ(PartsOfUpload(upload).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(PartsOfUpload(Bytes(32)).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(PartsOfUpload({}).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace flotilla::record
