// The structures of reports, jobs and collections on the wire.
#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "telemetry/dap/aggregation_messages.h"
#include "telemetry/dap/batch_bucket.h"
#include "telemetry/dap/collection_messages.h"
#include "telemetry/dap/report.h"
#include "tests/unit/telemetry/dap/refusal.h"

namespace flotilla::dap {
namespace {

HpkeCiphertext Ciphertext(std::uint8_t id) {
  return {.config_id = id, .enc = Bytes(32, id), .payload = Bytes(20, 7)};
}

Report SomeReport() {
  return {.metadata = {.id = {1, 2, 3}, .time = 500000},
          .public_share = Bytes(64, 5),
          .leader_share = Ciphertext(1),
          .helper_share = Ciphertext(2)};
}

VerifyInit Init(std::uint8_t id) {
  return {.metadata = {.id = {id}, .time = 500000},
          .public_share = Bytes(64, 5),
          .helper_share = Ciphertext(2),
          .message = {0, 0, 0, 0, 1, 9}};
}

Bytes WithByte(Bytes bytes, std::size_t at, std::uint8_t value) {
  bytes[at] = value;
  return bytes;
}

TEST(ReportBytes, AreDecodedWholeOrNotAtAll) {
  ExpectOnlyTheWhole(SomeReport().Encode(), Report::Decode);
  EXPECT_EQ(*Report::Decode(SomeReport().Encode()), SomeReport());
  ExpectOnlyTheWhole(Ciphertext(3).Encode(), HpkeCiphertext::Decode);
}

TEST(ReportBytes, HaveNoPublicExtensions) {
  EXPECT_FALSE(Report::Decode(WithByte(SomeReport().Encode(), 25, 1)).ok());
}

TEST(ReportBytes, RefuseAnEmptyKeyOrCiphertext) {
  HpkeCiphertext no_enc = Ciphertext(1);
  no_enc.enc.clear();
  EXPECT_FALSE(HpkeCiphertext::Decode(no_enc.Encode()).ok());
  HpkeCiphertext no_payload = Ciphertext(1);
  no_payload.payload.clear();
  EXPECT_FALSE(HpkeCiphertext::Decode(no_payload.Encode()).ok());
}

TEST(InputShareBytes, AreDecodedWholeOrNotAtAll) {
  const PlaintextInputShare share{.private_extensions = {1, 2, 3}, .payload = {4}};
  EXPECT_EQ(HexEncode(share.Encode()), "00030102030000000104");
  ExpectOnlyTheWhole(share.Encode(), PlaintextInputShare::Decode);
  EXPECT_FALSE(PlaintextInputShare::Decode(Bytes(6)).ok());  // no payload
}

TEST(InputShareBytes, AssociatedDataIsTaskConfigurationMetadataAndPublicShare) {
  std::array<std::uint8_t, Digest::kSize> task{};
  task.fill(0x11);
  const Bytes aad =
      InputShareAad(Digest(task), Bytes{0xcc, 0xcc}, {.id = {0x22}, .time = 3}, Bytes{0x44});
  EXPECT_EQ(HexEncode(aad), Digest(task).ToHex() + "cccc" + "22000000000000000000000000000000" +
                                "0000000000000003" + "0000" + "0000000144");
}

TEST(AggregationRequest, IsDecodedWholeOrNotAtAll) {
  const Bytes one = AggregationRequest{.inits = {Init(1)}}.Encode();
  EXPECT_EQ(HexEncode(ByteView(one).first(7)), "00000000000000");
  ExpectOnlyTheWhole(one, AggregationRequest::Decode);
  const Bytes two = AggregationRequest{.inits = {Init(1), Init(2)}}.Encode();
  ExpectOnlyTheWhole(two, AggregationRequest::Decode, one.size());
}

TEST(AggregationRequest, RefusesNoneTooManyOrTheSameReportTwice) {
  EXPECT_FALSE(AggregationRequest::Decode(AggregationRequest{}.Encode()).ok());
  EXPECT_FALSE(
      AggregationRequest::Decode(AggregationRequest{.inits = {Init(1), Init(1)}}.Encode()).ok());
  AggregationRequest many;
  for (std::size_t i = 0; i < kMaxReportsOfJob; ++i) {
    many.inits.push_back(Init(static_cast<std::uint8_t>(i)));
    many.inits.back().metadata.id[1] = static_cast<std::uint8_t>(i >> 8);
  }
  EXPECT_TRUE(AggregationRequest::Decode(many.Encode()).ok());
  many.inits.push_back(Init(0));
  many.inits.back().metadata.id[2] = 1;
  EXPECT_FALSE(AggregationRequest::Decode(many.Encode()).ok());
}

TEST(AggregationRequest, RefusesAnotherVerificationKeyAParameterAndExtensions) {
  const Bytes good = AggregationRequest{.inits = {Init(1)}}.Encode();
  for (const std::size_t at : {0U, 4U, 6U}) {
    EXPECT_FALSE(AggregationRequest::Decode(WithByte(good, at, 1)).ok()) << at;
  }
}

TEST(AggregationResponse, IsDecodedWholeOrNotAtAll) {
  const VerifyResponse verified{.id = {1}, .error = ReportError::kNone, .message = {2, 0, 0, 0, 0}};
  const VerifyResponse refused{.id = {2}, .error = ReportError::kVdafVerifyError, .message = {}};
  const Bytes one = AggregationResponse{.responses = {verified}}.Encode();
  const Bytes both = AggregationResponse{.responses = {verified, refused}}.Encode();
  const auto decoded = AggregationResponse::Decode(both);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->responses, (std::vector<VerifyResponse>{verified, refused}));
  for (std::size_t size = 1; size < both.size(); ++size) {
    if (size == one.size()) continue;
    EXPECT_FALSE(AggregationResponse::Decode(ByteView(both).first(size)).ok()) << size;
  }
  EXPECT_FALSE(AggregationResponse::Decode(WithByte(both, both.size() - 1, 0)).ok());
  EXPECT_FALSE(AggregationResponse::Decode(WithByte(both, both.size() - 1, 12)).ok());
  EXPECT_FALSE(AggregationResponse::Decode(WithByte(one, 16, 1)).ok());  // finish
}

TEST(CollectionBytes, AreDecodedWholeOrNotAtAll) {
  const CollectionRequest query{.interval = {.start = 1, .duration = 2}};
  EXPECT_EQ(HexEncode(query.Encode()),
            "0100100000000000000001000000000000000200000000"
            "0000");
  ExpectOnlyTheWhole(query.Encode(), CollectionRequest::Decode);
  const AggregateShareRequest request{.collection = query,
                                      .selector = query.interval,
                                      .report_count = 100,
                                      .checksum = XorReport({}, {1})};
  ExpectOnlyTheWhole(request.Encode(), AggregateShareRequest::Decode);
  EXPECT_EQ(*AggregateShareRequest::Decode(request.Encode()), request);
}

TEST(CollectionBytes, RefuseAnotherBatchModeAParameterAndExtensions) {
  const Bytes good = CollectionRequest{.interval = {.start = 1, .duration = 2}}.Encode();
  EXPECT_FALSE(CollectionRequest::Decode(WithByte(good, 0, 2)).ok());
  EXPECT_FALSE(CollectionRequest::Decode(WithByte(good, 22, 1)).ok());
  EXPECT_FALSE(CollectionRequest::Decode(WithByte(good, 24, 1)).ok());
}

}  // namespace
}  // namespace flotilla::dap
