#ifndef FLOTILLA_BASE_OS_ENVIRONMENT_H_
#define FLOTILLA_BASE_OS_ENVIRONMENT_H_

#include <optional>
#include <string>

namespace flotilla {

// Sets a variable of the process's environment as long as it lives, for libraries that take an
// option in no other way. An empty value changes nothing. Not thread-safe: no other thread may read
// the environment while one of these is made or destroyed.
class ScopedEnvironment {
 public:
  ScopedEnvironment(const std::string& name, const std::string& value);
  ~ScopedEnvironment();
  ScopedEnvironment(const ScopedEnvironment&) = delete;
  ScopedEnvironment& operator=(const ScopedEnvironment&) = delete;

 private:
  std::string name_;  // empty: nothing was changed
  std::optional<std::string> before_;
};

}  // namespace flotilla

#endif  // FLOTILLA_BASE_OS_ENVIRONMENT_H_
