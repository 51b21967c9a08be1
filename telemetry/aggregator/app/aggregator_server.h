#ifndef FLOTILLA_TELEMETRY_AGGREGATOR_APP_AGGREGATOR_SERVER_H_
#define FLOTILLA_TELEMETRY_AGGREGATOR_APP_AGGREGATOR_SERVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/durable_fs.h"
#include "base/random.h"
#include "base/status.h"
#include "telemetry/aggregator/aggregator_options.h"

namespace flotilla::telemetry {

// A helper that serves: everything of the state folder, put together. One worker thread does all
// the work; gRPC's threads only hand over.
class AggregatorServer {
 public:
  struct World {
    DurableFs& fs;
    const Clock& clock;
    Random& random;
    // The server's certificate was made anew: start again to use it. Called on the worker.
    std::function<void()> on_new_certificate;
  };

  // Blocking. Everything in `world` outlives the server. UNAVAILABLE: another aggregator runs on
  // the folder, or the port is taken; NOT_FOUND: init has not run; DATA_LOSS: state is damaged;
  // else as of files.
  static StatusOr<std::unique_ptr<AggregatorServer>> Start(const AggregatorOptions& options,
                                                           const World& world);
  // As Stop.
  ~AggregatorServer();
  AggregatorServer(const AggregatorServer&) = delete;
  AggregatorServer& operator=(const AggregatorServer&) = delete;

  std::uint16_t port() const;
  // How tasks name this helper: "helper.example:7446".
  const std::string& endpoint() const;
  // Takes no more calls, ends those that are under way within seconds. Idempotent.
  void Stop();

 private:
  struct Impl;
  explicit AggregatorServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::telemetry

#endif  // FLOTILLA_TELEMETRY_AGGREGATOR_APP_AGGREGATOR_SERVER_H_
