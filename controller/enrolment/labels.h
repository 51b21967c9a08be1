#ifndef FLOTILLA_CONTROLLER_ENROLMENT_LABELS_H_
#define FLOTILLA_CONTROLLER_ENROLMENT_LABELS_H_

#include <cstddef>
#include <string>

#include <google/protobuf/map.h>

#include "base/status.h"

namespace flotilla::controller {

inline constexpr std::size_t kMaxLabels = 32;

using Labels = google::protobuf::Map<std::string, std::string>;

// INVALID_ARGUMENT unless there are at most kMaxLabels and all keys and values are id texts.
Status CheckLabels(const Labels& labels);

// `above` over `below`: a key of both has the value of `above`.
void OverlayLabels(const Labels& above, Labels& below);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_ENROLMENT_LABELS_H_
