#ifndef FLOTILLA_OTA_VERIFIED_H_
#define FLOTILLA_OTA_VERIFIED_H_

#include <utility>

namespace flotilla::ota {

// A value that came out of signed metadata. Only ReleaseVerifier (ota/steps/verify_release.h) can
// make one, so a step that takes a Verified<T> cannot be called with anything else.
template <typename T>
class Verified {
 public:
  const T& operator*() const { return value_; }
  const T* operator->() const { return &value_; }

 private:
  friend class ReleaseVerifier;
  explicit Verified(T value) : value_(std::move(value)) {}

  T value_;
};

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_VERIFIED_H_
