// The time by which this device judges trust: expiry of metadata, certificates of servers.
#ifndef FLOTILLA_AGENT_CLOCK_TRUST_CLOCK_H_
#define FLOTILLA_AGENT_CLOCK_TRUST_CLOCK_H_

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "flotilla/v1/failure_reason.pb.h"
#include "flotilla/v1/session.pb.h"

#include "base/clock.h"
#include "base/durable_fs.h"
#include "base/status.h"
#include "security/time_floor.h"
#include "security/tuf/client.h"

namespace flotilla::agent {

struct JudgedTime {
  Time now;
  bool trusted = false;
  // CLOCK_UNSYNCED: nothing keeps the system's clock. CLOCK_IMPLAUSIBLE: it lies before the floor,
  // ten years after it, more than a day off what the controller attested, or where the controller's
  // certificate has ended. CLOCK_ATTESTATION_BAD: the controller's word does not verify.
  v1::FailureReason cause = v1::FAILURE_REASON_UNSPECIFIED;
  // The system's clock unless it is implausible, though nothing keeps it; else `now`.
  Time best_guess = {};
};

// The system's clock while it can be believed, else the floor (security/time_floor.h), which is a
// lower bound. The floor is saved in state_dir/time_floor each time it rises. Thread-safe; the
// On* calls block for a disk sync now and then.
class TrustClock final : public Clock {
 public:
  struct Parts {
    Clock& system;
    DurableFs& fs;
    std::function<bool()> is_kept;  // KernelClockIsKept
    Time built;                     // of this program
  };
  // A floor that cannot be read counts as none; that is logged.
  TrustClock(const std::filesystem::path& state_dir, Parts parts);

  JudgedTime Judge() const;
  // The floor, once the controller's word or metadata that is in force confirmed it in this run;
  // nullopt before: what was saved may be as old as the last run.
  std::optional<Time> VerifiedFloor() const;
  // Clock: Judge().now and the system's monotonic clock.
  Time Now() const override;
  Duration Monotonic() const override;

  // The certificate of the controller's TLS server, for gRPC and curl alike. `host` empty: curl
  // compares the name. Where only the system's clock stands against it, that clock is doubted until
  // the controller attests the time.
  Status CheckServer(std::string_view leaf_pem, std::string_view ca_pem,
                     std::optional<std::string_view> host);

  // Keys of the newest root this device trusts; forgets what other keys said.
  void OnRoot(const tuf::Root& root);
  // A refresh succeeded: these are the dates of what it verified.
  void OnVerified(const tuf::TrustDates& dates);
  // The dates of OnVerified came from the controller just now and are in force.
  void OnFresh();
  // The controller's answer to `nonce`. No attestation changes nothing (an older controller).
  void OnAttestation(std::string_view nonce, const v1::ClockAttestation& attestation);

 private:
  JudgedTime JudgeLocked() const;
  void Save();

  const std::filesystem::path file_;
  const Parts parts_;
  mutable std::mutex mutex_;
  std::optional<security::TimeFloor> floor_;
  std::optional<tuf::Root> root_;
  // Attested time and when, by the monotonic clock.
  std::optional<Time> attested_;
  Duration attested_monotonic_;
  bool attestation_bad_ = false;
  bool doubted_ = false;
  bool verified_ = false;
};

// JudgedTime::best_guess: for what does no harm when it comes early, such as a renewal.
class BestGuessClock final : public Clock {
 public:
  explicit BestGuessClock(const TrustClock& judge) : judge_(judge) {}

  Time Now() const override { return judge_.Judge().best_guess; }
  Duration Monotonic() const override { return judge_.Monotonic(); }

 private:
  const TrustClock& judge_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_CLOCK_TRUST_CLOCK_H_
