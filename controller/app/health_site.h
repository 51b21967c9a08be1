#ifndef FLOTILLA_CONTROLLER_APP_HEALTH_SITE_H_
#define FLOTILLA_CONTROLLER_APP_HEALTH_SITE_H_

#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/durable_fs.h"
#include "base/random.h"
#include "base/status.h"
#include "controller/app/app_options.h"
#include "controller/health/health_board.h"
#include "controller/health/health_desk.h"

namespace flotilla::controller {

struct HealthSiteOptions {
  // Keys, health.db (tasks, pending reports, results) and leader.db (shares).
  std::filesystem::path folder;
  std::string leader_endpoint;
  HealthHelperOptions helper;
};

// The leader of private health with its stores, its thread and its link to the helper. Without a
// helper an empty board that says why.
class HealthSite {
 public:
  // What is given outlives it. NOT_FOUND: the helper's credentials are not there; DATA_LOSS: a
  // store is damaged.
  static StatusOr<std::unique_ptr<HealthSite>> Open(const HealthSiteOptions& options, DurableFs& fs,
                                                    const Clock& clock, Random& random);
  // Nobody calls the desk any more: the listeners have ended.
  ~HealthSite();
  HealthSite(const HealthSite&) = delete;
  HealthSite& operator=(const HealthSite&) = delete;

  const HealthBoard& board() const;
  // Null: no second party.
  HealthDesk* desk();

 private:
  struct Impl;
  explicit HealthSite(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_APP_HEALTH_SITE_H_
