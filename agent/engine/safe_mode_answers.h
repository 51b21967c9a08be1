#ifndef FLOTILLA_AGENT_ENGINE_SAFE_MODE_ANSWERS_H_
#define FLOTILLA_AGENT_ENGINE_SAFE_MODE_ANSWERS_H_

#include <stop_token>
#include <thread>
#include <vector>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/clock.h"
#include "base/status.h"
#include "base/unique_fd.h"

namespace flotilla::agent {

// A listening socket and why nobody answers on it: what clients read.
struct Refusal {
  int listener = -1;
  v1::FailureReason cause = v1::FAILURE_REASON_UNSPECIFIED;

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

// Tells clients that no model runs, while no engine does: 503 with Retry-After and an error in the
// form of OpenAI's API, to every request, and closes. No parser of requests: it reads up to the end
// of a head and no further. Its thread lives only while there is something to answer; at most 64
// clients at once, each for a few seconds, the others wait in the backlog.
class SafeModeAnswers {
 public:
  // `clock` must outlive it.
  explicit SafeModeAnswers(const Clock& clock) : clock_(clock) {}
  ~SafeModeAnswers();
  SafeModeAnswers(const SafeModeAnswers&) = delete;
  SafeModeAnswers& operator=(const SafeModeAnswers&) = delete;

  // From now on answers on these non-blocking listening sockets, and on no others: when it returns
  // nothing is accepted on a socket that was dropped. They are borrowed, open until the next call.
  // Blocks for no longer than it takes to answer who is connected. By errno.
  Status Serve(const std::vector<Refusal>& listeners);

 private:
  void Stop();
  void Run(const std::stop_token& stop) const;

  const Clock& clock_;
  std::vector<Refusal> listeners_;
  UniqueFd wake_;  // an eventfd: the thread has to look at its stop token
  std::jthread thread_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENGINE_SAFE_MODE_ANSWERS_H_
