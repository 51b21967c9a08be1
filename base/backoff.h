#ifndef FLOTILLA_BASE_BACKOFF_H_
#define FLOTILLA_BASE_BACKOFF_H_

#include "base/random.h"
#include "base/time.h"

namespace flotilla {

struct BackoffOptions {
  Duration base = absl::Seconds(1);   // ceiling of the first delay
  Duration cap = absl::Seconds(300);  // ceiling of every later one
};

// Full-jitter exponential backoff: the n-th delay is uniform in [0, min(cap, base * 2^n)].
class Backoff {
 public:
  // `random` must outlive this object.
  Backoff(const BackoffOptions& options, Random& random);

  Duration Next();
  // The next delay is the first again. Call after a success that lasted, not after a mere connect.
  void Reset();

 private:
  BackoffOptions options_;
  Random& random_;
  Duration ceiling_;
};

}  // namespace flotilla

#endif  // FLOTILLA_BASE_BACKOFF_H_
