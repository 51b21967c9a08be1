// Somebody who has the controller's whole disk: its online keys, its server certificate, its CA.
#ifndef FLOTILLA_TESTS_E2E_SUPPORT_THIEF_H_
#define FLOTILLA_TESTS_E2E_SUPPORT_THIEF_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "flotilla/v1/session.pb.h"
#include "flotilla/v1/update.pb.h"

#include "base/bytes.h"
#include "base/time.h"
#include "security/tuf/repository.h"
#include "tests/e2e/support/site.h"

namespace flotilla::e2e {

// Says to devices what it likes, with the stolen certificate, and hears what they answer. The files
// come from the real artifact host, whose folder it may write to.
class Thief {
 public:
  explicit Thief(const Site& site);
  ~Thief();
  Thief(const Thief&) = delete;
  Thief& operator=(const Thief&) = delete;

  // "127.0.0.1:PORT" of its device listener.
  std::string address() const;

  // A new try with this release on every device, now and at each Hello.
  void Assign(v1::Assignment assignment);
  // Attests this time instead of the real one; absent: it attests nothing.
  void Attest(std::optional<Time> at);

  // The last report; empty state when there is none yet.
  v1::UpdateReport LastReport() const;
  // The newest condition that a device told.
  v1::Condition LastCondition() const;
  int sessions() const;

  // Loads a metadata file, edits it, signs with `key` unless that is empty, and puts it back.
  static void Rewrite(const std::filesystem::path& file,
                      const std::function<void(tuf::Draft&)>& edit,
                      const std::filesystem::path& key);
  std::filesystem::path Timestamp() const { return site_.metadata_dir() / "timestamp.json"; }
  // The newest file of a role: "12.snapshot.json".
  std::filesystem::path Newest(const std::string& role) const;
  std::filesystem::path OnlineKey(const std::string& role) const;

 private:
  struct Impl;
  const Site& site_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::e2e

#endif  // FLOTILLA_TESTS_E2E_SUPPORT_THIEF_H_
