#ifndef FLOTILLA_AGENT_ENROL_IDENTITY_KEEPER_H_
#define FLOTILLA_AGENT_ENROL_IDENTITY_KEEPER_H_

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "agent/enrol/enrolment.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/executor.h"

namespace flotilla::agent {

// Keeps the device's identity good: renews its certificate in time (renewal_plan.h) and when it is
// past its end already, keeps the old one until a session was welcomed with the new one, takes up
// the CAs that the controller names. Lives on the agent's loop; the call to the controller runs on
// a thread of its own.
// Crash: at each point the disk holds an identity that works; a renewed one that no session has
// used yet is used first after a start, and the old one when the controller refuses it.
class IdentityKeeper {
 public:
  struct Parts {
    Executor& executor;
    const Clock& clock;  // may be wrong: it is asked when to renew, and nothing else
    EnrolmentParts enrolment;
  };
  struct Hooks {
    // Sessions that are opened from now on use this.
    std::function<void(const Identity&)> use;
    // Opens a session anew, at once.
    std::function<void()> reconnect;
    // The controller says that this device left the fleet.
    std::function<void()> decommissioned;
  };

  // Everything passed in outlives it.
  IdentityKeeper(std::filesystem::path state_dir, Identity identity, const Parts& parts,
                 Hooks hooks);
  ~IdentityKeeper();
  IdentityKeeper(const IdentityKeeper&) = delete;
  IdentityKeeper& operator=(const IdentityKeeper&) = delete;

  // Says which identity to use and begins to watch its end.
  void Start();
  // Ends a call in progress and waits for it: nothing is written to the identity after this.
  void Stop();

  // `ca_bundle_pem`: as in Welcome.
  void OnWelcome(const std::string& ca_bundle_pem);
  void OnSessionDown(const Status& status);
  // The operator wants a new certificate and a new key, some time in [0, spread].
  void RenewWithin(Duration spread);

  // What sessions use now.
  const Identity& identity() const { return next_in_use_ ? *next_ : current_; }

 private:
  void Plan();
  void ArmTimer(Duration delay);
  void OnTimer();
  void Renew(KeyRotation rotation);
  void OnRenewed(const StatusOr<Identity>& renewed);
  void UseNext(bool next);
  void TakeUpBundle(const std::string& ca_bundle_pem);

  const std::filesystem::path state_dir_;
  const Parts parts_;
  const Hooks hooks_;
  Identity current_;
  std::optional<Identity> next_;
  bool next_in_use_ = false;
  Time due_;
  KeyRotation rotation_ = KeyRotation::kKeep;
  std::optional<Backoff> backoff_;
  std::optional<Time> down_since_;
  Time last_try_;
  std::optional<Duration> renewed_at_;  // by the monotonic clock
  Duration least_pause_;                // between two renewals by the certificate's date
  TimerId timer_;
  bool timer_armed_ = false;
  bool renewing_ = false;
  bool stopped_ = false;
  std::shared_ptr<bool> alive_;
  std::jthread thread_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENROL_IDENTITY_KEEPER_H_
