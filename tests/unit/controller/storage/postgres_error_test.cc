#include "controller/storage/postgres_error.h"

#include <string>

#include <gtest/gtest.h>
#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::controller {
namespace {

struct Row {
  const char* state;
  StatusCode code;
  v1::FailureReason reason;
  SqlFault fault;
};

class PostgresErrors : public testing::TestWithParam<Row> {};

TEST_P(PostgresErrors, MeanWhatTheirStateSays) {
  const Row& row = GetParam();
  const SqlError error = PostgresError(row.state, "text");
  EXPECT_EQ(error.status.code(), row.code);
  EXPECT_EQ(ReasonNumber(error.status), row.reason);
  EXPECT_EQ(error.fault, row.fault);
  EXPECT_NE(MessageOf(error.status).find(row.state), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    All, PostgresErrors,
    testing::Values(
        Row{"08006", StatusCode::kUnavailable, v1::FAILURE_REASON_STORAGE_DATABASE_GONE,
            SqlFault::kConnectionLost},
        Row{"57P01", StatusCode::kUnavailable, v1::FAILURE_REASON_STORAGE_DATABASE_GONE,
            SqlFault::kConnectionLost},
        Row{"57014", StatusCode::kUnavailable, v1::FAILURE_REASON_STORAGE_LOCKED,
            SqlFault::kLasting},
        Row{"40001", StatusCode::kUnavailable, v1::FAILURE_REASON_STORAGE_CONFLICT,
            SqlFault::kConflict},
        Row{"40P01", StatusCode::kUnavailable, v1::FAILURE_REASON_STORAGE_CONFLICT,
            SqlFault::kConflict},
        Row{"53100", StatusCode::kResourceExhausted, v1::FAILURE_REASON_STORAGE_NO_SPACE,
            SqlFault::kLasting},
        Row{"53200", StatusCode::kResourceExhausted, v1::FAILURE_REASON_STORAGE_DATABASE_BUSY,
            SqlFault::kLasting},
        Row{"53300", StatusCode::kUnavailable, v1::FAILURE_REASON_STORAGE_DATABASE_BUSY,
            SqlFault::kConnectionLost},
        Row{"25006", StatusCode::kUnavailable, v1::FAILURE_REASON_STORAGE_READ_ONLY,
            SqlFault::kConnectionLost},
        Row{"28P01", StatusCode::kUnauthenticated, v1::FAILURE_REASON_STORAGE_DATABASE_REFUSES,
            SqlFault::kLasting},
        Row{"42501", StatusCode::kPermissionDenied, v1::FAILURE_REASON_STORAGE_DATABASE_REFUSES,
            SqlFault::kLasting},
        Row{"42P01", StatusCode::kDataLoss, v1::FAILURE_REASON_STORAGE_SCHEMA, SqlFault::kLasting},
        Row{"XX001", StatusCode::kDataLoss, v1::FAILURE_REASON_STORAGE_STATE_CORRUPT,
            SqlFault::kLasting},
        Row{"23505", StatusCode::kInternal, v1::FAILURE_REASON_UNSPECIFIED, SqlFault::kLasting}),
    [](const auto& row) { return std::string(row.param.state); });

}  // namespace
}  // namespace flotilla::controller
