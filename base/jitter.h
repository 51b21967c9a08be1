#ifndef FLOTILLA_BASE_JITTER_H_
#define FLOTILLA_BASE_JITTER_H_

#include "base/random.h"
#include "base/time.h"

namespace flotilla {

// Uniform in [0, most], in whole milliseconds; zero where `most` is less than one.
Duration UniformUpTo(Random& random, Duration most);

}  // namespace flotilla

#endif  // FLOTILLA_BASE_JITTER_H_
