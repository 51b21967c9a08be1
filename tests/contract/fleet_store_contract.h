// What every FleetStore (controller/storage/fleet_store.h) keeps; the suites that are run on each
// of them are in fleet_store_contract.cc.
#ifndef FLOTILLA_TESTS_CONTRACT_FLEET_STORE_CONTRACT_H_
#define FLOTILLA_TESTS_CONTRACT_FLEET_STORE_CONTRACT_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "controller/storage/fleet_store.h"

namespace flotilla::controller {

// A store and the way to open it again after the process ended.
class StoreSubject {
 public:
  virtual ~StoreSubject() = default;
  virtual FleetStore& store() = 0;
  virtual void Reopen() = 0;

 protected:
  StoreSubject() = default;
  StoreSubject(const StoreSubject&) = default;
  StoreSubject& operator=(const StoreSubject&) = default;
};

struct StoreKind {
  const char* name;
  // Null: this kind cannot be had here, and its tests do not run.
  std::function<std::unique_ptr<StoreSubject>()> make;
};

inline std::string NameOf(const testing::TestParamInfo<StoreKind>& kind) {
  return kind.param.name;
}

class FleetStoreContract : public testing::TestWithParam<StoreKind> {
 protected:
  FleetStoreContract() : subject_(GetParam().make()) {}
  void SetUp() override {
    if (subject_ == nullptr) {
      GTEST_SKIP() << "LEFT OUT: " << GetParam().name;
    }
  }
  FleetStore& store() { return subject_->store(); }
  FleetSnapshot LoadAgain() {
    subject_->Reopen();
    auto snapshot = store().Load();
    EXPECT_TRUE(snapshot.ok()) << snapshot.status();
    return snapshot.ok() ? *std::move(snapshot) : FleetSnapshot();
  }

  std::unique_ptr<StoreSubject> subject_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_CONTRACT_FLEET_STORE_CONTRACT_H_
