// JSON as signed metadata needs it: a reader that accepts one form only, and OLPC canonical JSON.
#ifndef FLOTILLA_SECURITY_TUF_JSON_H_
#define FLOTILLA_SECURITY_TUF_JSON_H_

#include <cstdint>
#include <string>

#include <boost/json/value.hpp>

#include "base/bytes.h"
#include "base/status.h"

namespace flotilla::tuf {

// Strict RFC 8259: UTF-8 validated, no duplicate keys, no floats or exponents, integers of 64
// signed bits, nesting <= 32, strings <= 64 KiB, nothing but white space after the value. Numbers
// come back as int64 only. DATA_LOSS with FETCH_TOO_LARGE (more than `max_bytes`),
// FORM_JSON_SYNTAX, FORM_JSON_DUPLICATE, FORM_JSON_DEPTH, FORM_JSON_NUMBER or FORM_UTF8.
StatusOr<boost::json::value> ParseJson(ByteView bytes, std::uint64_t max_bytes);

// OLPC canonical JSON: keys sorted by their bytes, no spaces, only '"' and '\' escaped (control
// bytes stand raw, so this is a form to sign, not to send). INVALID_ARGUMENT: a floating-point or
// an unsigned number beyond int64.
StatusOr<std::string> EncodeCanonical(const boost::json::value& value);

// The form metadata is stored and sent in: valid JSON, keys sorted, one space of indentation a
// level, a newline at the end. INVALID_ARGUMENT as above.
StatusOr<std::string> EncodeLegible(const boost::json::value& value);

}  // namespace flotilla::tuf

#endif  // FLOTILLA_SECURITY_TUF_JSON_H_
