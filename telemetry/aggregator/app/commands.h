// What the subcommands do, but `run`. Errors are for people: the text says what to do next.
#ifndef FLOTILLA_TELEMETRY_AGGREGATOR_APP_COMMANDS_H_
#define FLOTILLA_TELEMETRY_AGGREGATOR_APP_COMMANDS_H_

#include <iosfwd>

#include "base/clock.h"
#include "base/durable_fs.h"
#include "base/random.h"
#include "base/status.h"
#include "telemetry/aggregator/aggregator_options.h"
#include "telemetry/aggregator/app/command_line.h"

namespace flotilla::telemetry {

struct CommandWorld {
  DurableFs& fs;
  Random& random;
  const Clock& clock;
  std::istream& in;
  std::ostream& out;
};

// Blocking. INVALID_ARGUMENT: `line` asks for `run` or for nothing; else as of the parts.
Status RunCommand(const CommandLine& line, const AggregatorOptions& options,
                  const CommandWorld& world);

}  // namespace flotilla::telemetry

#endif  // FLOTILLA_TELEMETRY_AGGREGATOR_APP_COMMANDS_H_
