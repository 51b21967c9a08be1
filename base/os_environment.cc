#include "base/os_environment.h"

#include <cstdlib>

namespace flotilla {

// NOLINTBEGIN(concurrency-mt-unsafe): the class says so
ScopedEnvironment::ScopedEnvironment(const std::string& name, const std::string& value) {
  if (value.empty()) {
    return;
  }
  name_ = name;
  if (const char* before = std::getenv(name.c_str()); before != nullptr) {
    before_ = before;
  }
  ::setenv(name.c_str(), value.c_str(), 1);
}

ScopedEnvironment::~ScopedEnvironment() {
  if (name_.empty()) {
    return;
  }
  if (before_.has_value()) {
    ::setenv(name_.c_str(), before_->c_str(), 1);
  } else {
    ::unsetenv(name_.c_str());
  }
}
// NOLINTEND(concurrency-mt-unsafe)

}  // namespace flotilla
