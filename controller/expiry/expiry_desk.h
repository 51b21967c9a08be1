#ifndef FLOTILLA_CONTROLLER_EXPIRY_EXPIRY_DESK_H_
#define FLOTILLA_CONTROLLER_EXPIRY_EXPIRY_DESK_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "flotilla/v1/admin.pb.h"

#include "base/clock.h"
#include "base/executor.h"
#include "base/time.h"
#include "controller/expiry/expiry_list.h"
#include "controller/fleet/fleet.h"
#include "controller/release/catalogue.h"

namespace flotilla::controller {

// Watches what will lapse. Whatever a person has to do something about is written into the log and
// the audit log (action "expiry.warning") when it comes into the band of 30, 14 and 3 days: once
// per band and end, over restarts too as long as the warning is among the newest 1,000 entries.
// Lives on the fleet loop; reads the catalogue on `worker`, which may block.
class ExpiryDesk {
 public:
  using Own = std::function<std::vector<OwnCertificate>()>;

  // `own` is called on the fleet loop. What is given outlives the desk, and the desk both loops.
  ExpiryDesk(Fleet& fleet, const Catalogue& catalogue, Own own, Executor& worker,
             const Clock& clock);

  // Looks now and every 10 minutes.
  void Start();
  // Reads everything anew; `done` on the fleet loop.
  void List(const std::function<void(const v1::ListExpiryResponse&)>& done);
  // With the roles as they were read last.
  v1::ListExpiryResponse Newest() const;

 private:
  void Look();
  // Bands that were told of before this process.
  void Recall(const std::vector<v1::AuditEntry>& entries);
  void Warn(const v1::ListExpiryResponse& list);

  Fleet& fleet_;
  const Catalogue& catalogue_;
  const Own own_;
  Executor& worker_;
  const Clock& clock_;
  std::vector<RoleExpiry> roles_;
  // Subject and detail of the newest warning about it.
  std::map<std::string, std::string> told_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_EXPIRY_EXPIRY_DESK_H_
