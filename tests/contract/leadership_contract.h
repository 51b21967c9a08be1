// What every Leadership (controller/replica/leadership.h) keeps; the suite is in
// leadership_contract.cc.
#ifndef FLOTILLA_TESTS_CONTRACT_LEADERSHIP_CONTRACT_H_
#define FLOTILLA_TESTS_CONTRACT_LEADERSHIP_CONTRACT_H_

#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "controller/replica/leadership.h"

namespace flotilla::controller {

// A database that nobody has used, and two replicas on it.
class LeadershipSubject {
 public:
  virtual ~LeadershipSubject() = default;
  virtual Leadership& first() = 0;
  virtual Leadership& second() = 0;
  // Whoever leads loses his connection, and knows nothing of it.
  virtual void CutLeader() = 0;

 protected:
  LeadershipSubject() = default;
  LeadershipSubject(const LeadershipSubject&) = default;
  LeadershipSubject& operator=(const LeadershipSubject&) = default;
};

struct LeadershipKind {
  const char* name;
  // Null: this kind cannot be had here, and its tests do not run.
  std::function<std::unique_ptr<LeadershipSubject>()> make;
};

inline std::string NameOfLeadership(const testing::TestParamInfo<LeadershipKind>& kind) {
  return kind.param.name;
}

class LeadershipContract : public testing::TestWithParam<LeadershipKind> {
 protected:
  LeadershipContract() : subject_(GetParam().make()) {}
  void SetUp() override {
    if (subject_ == nullptr) {
      GTEST_SKIP() << "LEFT OUT: " << GetParam().name;
    }
  }
  // The lead, once the server has seen that nobody has it any more.
  static LeaderTerm TakeOver(Leadership& leadership);

  std::unique_ptr<LeadershipSubject> subject_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_CONTRACT_LEADERSHIP_CONTRACT_H_
