// The record of processing of the health metrics (GDPR Art. 25 and 30), generated from the schema
// and the code's own limits, so that it cannot say something else than what is built.
#ifndef FLOTILLA_TELEMETRY_RECORD_PRIVACY_RECORD_H_
#define FLOTILLA_TELEMETRY_RECORD_PRIVACY_RECORD_H_

#include <string>

namespace flotilla::record {

// Markdown: docs/privacy-record.md is this text, which a test compares. What only the owner of a
// fleet knows stands in square brackets. The same text from the same build.
std::string PrivacyRecord();

}  // namespace flotilla::record

#endif  // FLOTILLA_TELEMETRY_RECORD_PRIVACY_RECORD_H_
