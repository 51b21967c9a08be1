#include "controller/enrolment/labels.h"

#include "base/strong_id.h"

namespace flotilla::controller {

Status CheckLabels(const Labels& labels) {
  if (labels.size() > kMaxLabels) {
    return InvalidArgument("at most 32 labels");
  }
  for (const auto& [key, value] : labels) {
    FLOTILLA_RETURN_IF_ERROR(CheckIdText(key, "label"));
    FLOTILLA_RETURN_IF_ERROR(CheckIdText(value, "value of label " + key));
  }
  return OkStatus();
}

void OverlayLabels(const Labels& above, Labels& below) {
  for (const auto& [key, value] : above) {
    below[key] = value;
  }
}

}  // namespace flotilla::controller
