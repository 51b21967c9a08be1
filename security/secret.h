// Passphrases and PINs: kept in memory that is wiped, asked for only when a key needs them.
#ifndef FLOTILLA_SECURITY_SECRET_H_
#define FLOTILLA_SECURITY_SECRET_H_

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace flotilla::security {

// A text that is overwritten when it is destroyed, assigned to or moved from. Never logged.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view text) : bytes_(text.begin(), text.end()) {}
  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.bytes_.clear(); }
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { Wipe(); }

  std::string_view view() const { return {bytes_.data(), bytes_.size()}; }
  bool empty() const { return bytes_.empty(); }

 private:
  void Wipe();

  std::vector<char> bytes_;
};

enum class SecretKind { kUnspecified = 0, kPassphrase, kPin };

struct SecretQuestion {
  SecretKind kind = SecretKind::kUnspecified;
  std::string holder;   // whose: "root.pem", "token flotilla"
  bool is_new = false;  // for a key that is being made: a person types it twice
};

// Port: where a passphrase or PIN comes from when a key asks for it: a terminal, a file, a file
// descriptor. One thread at a time. Blocking.
class SecretSource {
 public:
  virtual ~SecretSource() = default;
  // FAILED_PRECONDITION: nobody can be asked here; CANCELLED: the person gave up.
  virtual StatusOr<Secret> Get(const SecretQuestion& question) = 0;

 protected:
  SecretSource() = default;
  SecretSource(const SecretSource&) = default;
  SecretSource& operator=(const SecretSource&) = default;
};

// The first line of a file, at most 4 KiB. NOT_FOUND; INVALID_ARGUMENT: the line is empty.
StatusOr<Secret> ReadSecretFile(const std::filesystem::path& path);
// The first line that comes out of an open descriptor, which stays open. As above.
StatusOr<Secret> ReadSecretFd(int fd, const std::string& name);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_SECRET_H_
