#ifndef FLOTILLA_FLEETCTL_CONTEXT_CONTEXT_H_
#define FLOTILLA_FLEETCTL_CONTEXT_CONTEXT_H_

#include <filesystem>
#include <string>

#include "base/status.h"
#include "flotilla/config/v1/fleetctl.pb.h"

namespace flotilla::fleetctl {

// The file of contexts. Every call reads it anew and writes it whole.
class ContextStore {
 public:
  explicit ContextStore(std::filesystem::path file);

  // An absent file is an empty one. INVALID_ARGUMENT names file, line and column.
  StatusOr<config::v1::ContextFile> Read() const;
  // The one with this name, or the current one for "". NOT_FOUND says how to make it.
  StatusOr<config::v1::Context> Find(const std::string& name) const;
  // Adds or replaces; the first context becomes the current one.
  Status Put(const config::v1::Context& context) const;
  // Where the file is; what belongs to it is kept beside it.
  std::filesystem::path folder() const { return file_.parent_path(); }
  // NOT_FOUND.
  Status Use(const std::string& name) const;

 private:
  Status Write(const config::v1::ContextFile& contexts) const;

  std::filesystem::path file_;
};

// Operator folder of a controller on this machine (flotilla-controller init makes it) and the
// addresses in listeners.json beside it. NOT_FOUND names what is missing.
StatusOr<config::v1::Context> ContextFromFolder(const std::string& name,
                                                const std::filesystem::path& folder);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_CONTEXT_CONTEXT_H_
