#ifndef FLOTILLA_TESTS_UNIT_TELEMETRY_DAP_REFUSAL_H_
#define FLOTILLA_TESTS_UNIT_TELEMETRY_DAP_REFUSAL_H_

#include <cstddef>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/status.h"

namespace flotilla::dap {

// `decode` takes `good` back to itself, and refuses it with a byte more and cut off anywhere but at
// the sizes where `may_end` says that a whole message ends.
template <typename Decode>
void ExpectOnlyTheWhole(const Bytes& good, const Decode& decode, std::size_t may_end = 0) {
  const auto whole = decode(good);
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_EQ(whole->Encode(), good);
  for (std::size_t size = 0; size < good.size(); ++size) {
    if (may_end != 0 && size == may_end) continue;
    EXPECT_EQ(decode(ByteView(good).first(size)).status().code(), StatusCode::kInvalidArgument)
        << size;
  }
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_EQ(decode(longer).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace flotilla::dap

#endif  // FLOTILLA_TESTS_UNIT_TELEMETRY_DAP_REFUSAL_H_
