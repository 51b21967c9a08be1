#include "controller/storage/postgres_error.h"

#include <poll.h>

#include <array>
#include <cctype>
#include <cstddef>
#include <memory>

#include <libpq-fe.h>
#include "absl/strings/str_cat.h"
#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::controller {
namespace {

constexpr int kPollMillis = 1000;
constexpr int kMaxPolls = 15;
constexpr std::size_t kMaxText = 400;
constexpr std::size_t kStateDigits = 5;

struct Meaning {
  // An SQLSTATE or its beginning; the first that fits counts.
  std::string_view state;
  StatusCode code;
  v1::FailureReason reason;
  SqlFault fault;
};

constexpr std::array kMeanings = {
    // connection_exception, and the server's own ends of a session
    Meaning{"08", StatusCode::kUnavailable, v1::FAILURE_REASON_STORAGE_DATABASE_GONE,
            SqlFault::kConnectionLost},
    Meaning{"57014", StatusCode::kUnavailable, v1::FAILURE_REASON_STORAGE_LOCKED,
            SqlFault::kLasting},  // query_canceled: statement_timeout
    Meaning{"57", StatusCode::kUnavailable, v1::FAILURE_REASON_STORAGE_DATABASE_GONE,
            SqlFault::kConnectionLost},
    Meaning{"25P03", StatusCode::kUnavailable, v1::FAILURE_REASON_STORAGE_DATABASE_GONE,
            SqlFault::kConnectionLost},
    // serialization_failure, deadlock_detected
    Meaning{"40", StatusCode::kUnavailable, v1::FAILURE_REASON_STORAGE_CONFLICT,
            SqlFault::kConflict},
    Meaning{"55P03", StatusCode::kUnavailable, v1::FAILURE_REASON_STORAGE_LOCKED,
            SqlFault::kLasting},  // lock_not_available
    Meaning{"53100", StatusCode::kResourceExhausted, v1::FAILURE_REASON_STORAGE_NO_SPACE,
            SqlFault::kLasting},
    Meaning{"53300", StatusCode::kUnavailable, v1::FAILURE_REASON_STORAGE_DATABASE_BUSY,
            SqlFault::kConnectionLost},  // too_many_connections
    Meaning{"53", StatusCode::kResourceExhausted, v1::FAILURE_REASON_STORAGE_DATABASE_BUSY,
            SqlFault::kLasting},  // out of memory, a configured limit
    // A standby: after a failover the address leads to the new primary.
    Meaning{"25006", StatusCode::kUnavailable, v1::FAILURE_REASON_STORAGE_READ_ONLY,
            SqlFault::kConnectionLost},
    Meaning{"28", StatusCode::kUnauthenticated, v1::FAILURE_REASON_STORAGE_DATABASE_REFUSES,
            SqlFault::kLasting},
    Meaning{"42501", StatusCode::kPermissionDenied, v1::FAILURE_REASON_STORAGE_DATABASE_REFUSES,
            SqlFault::kLasting},
    Meaning{"3D000", StatusCode::kFailedPrecondition, v1::FAILURE_REASON_STORAGE_DATABASE_REFUSES,
            SqlFault::kLasting},  // no such database
    Meaning{"3F000", StatusCode::kFailedPrecondition, v1::FAILURE_REASON_STORAGE_DATABASE_REFUSES,
            SqlFault::kLasting},  // no such schema
    // undefined table or column
    Meaning{"42P01", StatusCode::kDataLoss, v1::FAILURE_REASON_STORAGE_SCHEMA, SqlFault::kLasting},
    Meaning{"42703", StatusCode::kDataLoss, v1::FAILURE_REASON_STORAGE_SCHEMA, SqlFault::kLasting},
    Meaning{"58030", StatusCode::kUnavailable, v1::FAILURE_REASON_STORAGE_IO, SqlFault::kLasting},
    Meaning{"XX001", StatusCode::kDataLoss, v1::FAILURE_REASON_STORAGE_STATE_CORRUPT,
            SqlFault::kLasting},
    Meaning{"XX002", StatusCode::kDataLoss, v1::FAILURE_REASON_STORAGE_STATE_CORRUPT,
            SqlFault::kLasting},
};

bool IsStateAt(std::string_view text, std::size_t at) {
  for (std::size_t i = at; i < at + kStateDigits; ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (std::isdigit(c) == 0 && std::isupper(c) == 0) {
      return false;
    }
  }
  return true;
}

// Verbose messages read "FATAL:  28P01: password authentication failed ...", in any language.
std::string StateIn(std::string_view message) {
  constexpr std::string_view kBefore = ":  ";
  for (std::size_t at = message.find(kBefore); at != std::string_view::npos;
       at = message.find(kBefore, at + 1)) {
    const std::size_t state = at + kBefore.size();
    if (state + kStateDigits < message.size() && message[state + kStateDigits] == ':' &&
        IsStateAt(message, state)) {
      return std::string(message.substr(state, kStateDigits));
    }
  }
  return "";
}

}  // namespace

SqlError PostgresError(std::string_view sqlstate, const std::string& text) {
  const std::string told = absl::StrCat("postgresql: ", text.substr(0, kMaxText), " (SQLSTATE ",
                                        std::string(sqlstate), ")");
  for (const Meaning& meaning : kMeanings) {
    if (sqlstate.starts_with(meaning.state)) {
      return {WithReason(Status(meaning.code, told), meaning.reason), meaning.fault};
    }
  }
  return {Internal(told), SqlFault::kLasting};
}

std::string RefusalOf(const std::string& conninfo) {
  const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(PQconnectStart(conninfo.c_str()),
                                                              PQfinish);
  if (connection == nullptr) {
    return "";
  }
  PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  for (int i = 0; i < kMaxPolls; ++i) {
    if (PQstatus(connection.get()) == CONNECTION_BAD) {
      break;
    }
    pollfd waiting{PQsocket(connection.get()),
                   static_cast<short>(state == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
    ::poll(&waiting, 1, kPollMillis);
    state = PQconnectPoll(connection.get());
    if (state == PGRES_POLLING_OK) {
      return "";
    }
    if (state == PGRES_POLLING_FAILED) {
      break;
    }
  }
  return StateIn(PQerrorMessage(connection.get()));
}

}  // namespace flotilla::controller
