#ifndef FLOTILLA_TESTS_PROPERTY_HISTORY_WATCH_H_
#define FLOTILLA_TESTS_PROPERTY_HISTORY_WATCH_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "controller/rollout/rollout_book.h"

namespace flotilla::rollout {

// Looks at a book after every step of a history and says which promise is broken.
class HistoryWatch {
 public:
  // Empty: none is.
  std::string Check(const RolloutBook& book);
  // What was offered and counted before does not bind what a person may do next.
  void Forget() { last_.clear(); }

 private:
  using Rows = std::vector<v1::RolloutDevice>;
  struct Last {
    v1::Rollout rollout;
    std::map<std::string, v1::RolloutDevice> rows;
  };

  static std::string CheckCounters(const v1::Rollout& rollout, const Rows& rows);
  static std::string CheckOffers(const v1::Rollout& rollout, const Rows& rows, const Last& last);
  static std::string CheckTerminal(const v1::Rollout& rollout, const Rows& rows, const Last& last);
  static std::string CheckPromotion(const v1::Rollout& rollout, const Last& last);
  static std::string CheckOneRollout(const RolloutBook& book);

  std::map<std::string, Last> last_;
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_TESTS_PROPERTY_HISTORY_WATCH_H_
