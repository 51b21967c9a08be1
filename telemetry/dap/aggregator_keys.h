#ifndef FLOTILLA_TELEMETRY_DAP_AGGREGATOR_KEYS_H_
#define FLOTILLA_TELEMETRY_DAP_AGGREGATOR_KEYS_H_

#include "telemetry/dap/hpke_config.h"
#include "telemetry/vdaf/prio3.h"

namespace flotilla::dap {

// What an aggregator knows of one task beside its configuration.
struct AggregatorKeys {
  HpkeKeyring shares;            // what devices seal its input shares for
  vdaf::VerifyKey verify_key{};  // shared by the two aggregators alone, older than the first report
  HpkeConfig collector;          // what it seals aggregate shares for
};

}  // namespace flotilla::dap

#endif  // FLOTILLA_TELEMETRY_DAP_AGGREGATOR_KEYS_H_
