#include "controller/health/health_board.h"

namespace flotilla::controller {
namespace {

bool Fits(const std::string& wanted, const std::string& there) {
  return wanted.empty() || wanted == there;
}

// A task may be named by the first digits of its id, as the table shows them.
bool Begins(const std::string& wanted, const std::string& id) {
  return id.compare(0, wanted.size(), wanted) == 0;
}

}  // namespace

v1::ListHealthResponse SelectHealth(const HealthPicture& picture,
                                    const v1::ListHealthRequest& request) {
  v1::ListHealthResponse response;
  for (const v1::HealthResult& result : picture.results) {
    const v1::HealthTask& task = result.task();
    if (Fits(request.metric(), task.metric()) && Fits(request.line(), task.line()) &&
        Begins(request.task_id(), task.id())) {
      *response.add_results() = result;
    }
  }
  if (response.results().empty()) {
    response.set_reason(picture.results.empty() ? picture.reason
                                                : "nothing of this kind is collected");
  }
  if (!picture.leader_identity.empty()) {
    response.set_promise(kHealthPromise);
  }
  return response;
}

HealthPicture PictureWithoutHelper() {
  HealthPicture picture;
  picture.reason =
      "this fleet has no helper: private health needs a second party that runs flotilla-aggregator "
      "(controller.yaml, health_helper); operational state and device condition are there all the "
      "same";
  return picture;
}

}  // namespace flotilla::controller
