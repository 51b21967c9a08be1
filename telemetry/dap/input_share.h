// Sealing and opening of input shares (draft-ietf-ppm-dap-18 sections 4.4.2.1 and 4.5.3.3).
#ifndef FLOTILLA_TELEMETRY_DAP_INPUT_SHARE_H_
#define FLOTILLA_TELEMETRY_DAP_INPUT_SHARE_H_

#include "base/bytes.h"
#include "base/random.h"
#include "base/status.h"
#include "telemetry/dap/domain.h"
#include "telemetry/dap/hpke_config.h"
#include "telemetry/dap/report.h"

namespace flotilla::dap {

// For the aggregator whose `config` it is. INVALID_ARGUMENT: a key that nothing can be sealed for.
StatusOr<HpkeCiphertext> SealInputShare(const PlaintextInputShare& share, const HpkeConfig& config,
                                        Role receiver, ByteView aad, Random& random);

// NOT_FOUND: a configuration that `keys` has not; UNAUTHENTICATED: sealed for another key, task,
// role or report; INVALID_ARGUMENT: what was sealed is malformed.
StatusOr<PlaintextInputShare> OpenInputShare(const HpkeCiphertext& ciphertext,
                                             const HpkeKeyring& keys, Role receiver, ByteView aad);

// The code of a report that OpenInputShare refused with `status`.
ReportError ErrorOfOpening(const Status& status);

}  // namespace flotilla::dap

#endif  // FLOTILLA_TELEMETRY_DAP_INPUT_SHARE_H_
