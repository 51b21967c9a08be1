#ifndef FLOTILLA_BASE_TOKEN_BUCKET_H_
#define FLOTILLA_BASE_TOKEN_BUCKET_H_

#include "base/time.h"

namespace flotilla {

// Pure: takes the time as an argument. `rate` tokens a second flow in, at most `burst` are kept.
class TokenBucket {
 public:
  TokenBucket(double rate_per_second, double burst);

  // Takes `tokens` when that many are there.
  bool TryTake(Duration monotonic_now, double tokens);
  // How long until `tokens` would be there; zero when they are.
  Duration TimeUntil(Duration monotonic_now, double tokens);

 private:
  void Refill(Duration monotonic_now);

  double rate_per_second_;
  double burst_;
  double tokens_;
  Duration refilled_at_ = absl::ZeroDuration();
};

}  // namespace flotilla

#endif  // FLOTILLA_BASE_TOKEN_BUCKET_H_
