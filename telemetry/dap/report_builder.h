// The device's side: one bucket in, one sealed report out.
#ifndef FLOTILLA_TELEMETRY_DAP_REPORT_BUILDER_H_
#define FLOTILLA_TELEMETRY_DAP_REPORT_BUILDER_H_

#include <cstdint>

#include "base/bytes.h"
#include "base/random.h"
#include "base/status.h"
#include "security/signer.h"
#include "telemetry/dap/domain.h"
#include "telemetry/dap/hpke_config.h"
#include "telemetry/dap/task.h"

namespace flotilla::dap {

// All references outlive the builder. One thread at a time.
//
// The caller has charged its ledger for task.ChargeOf(window) before, spools what Build returns and
// sends those bytes as often as it takes: a second report of a window is dropped by the helper.
class ReportBuilder {
 public:
  // `leader`, `helper`: what VerifyHpkeConfigs has let pass. INVALID_ARGUMENT: the reporting key is
  // no Ed25519 key.
  static StatusOr<ReportBuilder> Create(const Task& task, const HpkeConfig& leader,
                                        const HpkeConfig& helper, security::Signer& reporting_key,
                                        Random& random);

  // task().report_size() bytes, whatever the bucket. INVALID_ARGUMENT: no bucket of the task, not
  // one of its windows, or an HPKE key that is no point; else as of Signer::Sign.
  StatusOr<Bytes> Build(WindowStart window, std::uint32_t bucket) const;

 private:
  ReportBuilder(const Task& task, const HpkeConfig& leader, const HpkeConfig& helper,
                security::Signer& reporting_key, Random& random)
      : task_(&task),
        leader_(leader),
        helper_(helper),
        reporting_key_(&reporting_key),
        random_(&random) {}

  const Task* task_;
  HpkeConfig leader_;
  HpkeConfig helper_;
  security::Signer* reporting_key_;
  Random* random_;
};

}  // namespace flotilla::dap

#endif  // FLOTILLA_TELEMETRY_DAP_REPORT_BUILDER_H_
