#include "telemetry/dap/tls.h"

#include <utility>

#include <gtest/gtest.h>

namespace flotilla::dap {
namespace {

TEST(Tls, NumbersAreBigEndianAndStringsHaveTheirLengthInFront) {
  TlsWriter out;
  out.U8(1);
  out.U16(0x0203);
  out.U32(0x04050607);
  out.U64(0x08090a0b0c0d0e0f);
  out.Opaque8(AsBytes("ab"));
  out.Opaque16(AsBytes("c"));
  out.Opaque32({});
  EXPECT_EQ(HexEncode(std::move(out).Take()),
            "0102030405060708090a0b0c0d0e0f"
            "026162"
            "000163"
            "00000000");
}

TEST(Tls, AFailedReaderYieldsNothingMore) {
  const Bytes bytes = {2, 'a', 'b', 7};
  TlsReader in(bytes);
  EXPECT_EQ(ToText(in.Opaque8()), "ab");
  EXPECT_EQ(in.U16(), 0);  // one byte is left
  EXPECT_TRUE(in.failed());
  EXPECT_EQ(in.U8(), 0);
  EXPECT_TRUE(in.AtEnd());
  EXPECT_EQ(in.Finish("it").code(), StatusCode::kInvalidArgument);
}

TEST(Tls, RefusesWhatIsLeftOverAndWhatIsTooShort) {
  const Bytes bytes = {0, 0, 5};
  TlsReader rest(bytes);
  (void)rest.U16();
  EXPECT_FALSE(rest.Finish("it").ok());
  TlsReader empty(bytes);
  (void)empty.Opaque16(1);
  EXPECT_TRUE(empty.failed());
}

TEST(Tls, ALengthBeyondTheEndIsRefusedWhateverItsSize) {
  const Bytes bytes = {0xff, 0xff, 0xff, 0xff, 1};
  TlsReader in(bytes);
  EXPECT_TRUE(in.Opaque32().empty());
  EXPECT_TRUE(in.failed());
}

}  // namespace
}  // namespace flotilla::dap
