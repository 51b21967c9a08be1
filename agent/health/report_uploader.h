#ifndef FLOTILLA_AGENT_HEALTH_REPORT_UPLOADER_H_
#define FLOTILLA_AGENT_HEALTH_REPORT_UPLOADER_H_

#include <map>
#include <optional>

#include "agent/health/metrics_client.h"
#include "agent/health/sent_log.h"
#include "agent/health/spool.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/random.h"

namespace flotilla::agent {

// Sends each spooled report at its moment, one after another, and does as the leader answers: what
// is final is forgotten, the rest is sent again, the same bytes, with backoff, until the leader
// takes none of that window any more. Lives on the agent's loop; everything passed in outlives it.
class ReportUploader {
 public:
  struct Parts {
    const Clock& clock;
    Random& random;
    MetricsClient& client;
    Spool& spool;
    SentLog& log;
  };
  explicit ReportUploader(const Parts& parts) : parts_(parts) {}

  void OnTick();
  // What waited for a session is tried at once.
  void OnSessionUp();

 private:
  struct Retry {
    Backoff backoff;
    Duration not_before;  // by the monotonic clock
  };

  const SpoolEntry* Next() const;
  void DropLate();
  void Send(const SpoolEntry& entry);
  void OnAnswer(const dp::ChargeId& id, const StatusOr<v1::UploadResponse>& answer);
  void TryAgain(const SpoolEntry& entry);
  void Forget(const SpoolEntry& entry, const char* result);

  const Parts parts_;
  std::map<dp::ChargeId, Retry> retries_;
  bool sending_ = false;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_HEALTH_REPORT_UPLOADER_H_
