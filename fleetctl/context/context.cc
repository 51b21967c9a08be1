#include "fleetctl/context/context.h"

#include <filesystem>
#include <string>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "base/config/yaml.h"
#include "base/config/yaml_file.h"
#include "base/file.h"
#include "base/os_durable_fs.h"
#include "base/strong_id.h"

namespace flotilla::fleetctl {
namespace {

constexpr std::uint64_t kMaxFileBytes = 1U << 20U;

StatusOr<std::string> AddressIn(const boost::json::object& listeners, const char* name) {
  const boost::json::value* value = listeners.if_contains(name);
  if (value == nullptr || !value->is_string()) {
    return NotFound(std::string("listeners.json names no '") + name + "' listener");
  }
  return std::string(value->as_string());
}

Status CheckFile(const std::string& file) {
  return Annotate(FileSize(file).status(), "context");
}

}  // namespace

ContextStore::ContextStore(std::filesystem::path file) : file_(std::move(file)) {}

StatusOr<config::v1::ContextFile> ContextStore::Read() const {
  config::v1::ContextFile contexts;
  const Status read = config::ReadYamlFile(file_, "fleetctl context set makes it", contexts);
  if (!read.ok() && read.code() != StatusCode::kNotFound) {
    return read;
  }
  return contexts;
}

StatusOr<config::v1::Context> ContextStore::Find(const std::string& name) const {
  FLOTILLA_ASSIGN_OR_RETURN(const config::v1::ContextFile contexts, Read());
  const std::string& wanted = name.empty() ? contexts.current() : name;
  for (const config::v1::Context& context : contexts.contexts()) {
    if (context.name() == wanted) {
      return context;
    }
  }
  return NotFound((wanted.empty() ? std::string("no context is chosen")
                                  : "there is no context '" + wanted + "'") +
                  ": make one with fleetctl context set NAME --from STATE_DIR/operator");
}

Status ContextStore::Put(const config::v1::Context& context) const {
  FLOTILLA_RETURN_IF_ERROR(CheckIdText(context.name(), "context name"));
  FLOTILLA_RETURN_IF_ERROR(CheckFile(context.ca()));
  FLOTILLA_RETURN_IF_ERROR(CheckFile(context.certificate()));
  FLOTILLA_RETURN_IF_ERROR(CheckFile(context.key()));
  FLOTILLA_ASSIGN_OR_RETURN(config::v1::ContextFile contexts, Read());
  config::v1::Context* place = nullptr;
  for (config::v1::Context& known : *contexts.mutable_contexts()) {
    place = known.name() == context.name() ? &known : place;
  }
  *(place != nullptr ? place : contexts.add_contexts()) = context;
  if (contexts.current().empty()) {
    contexts.set_current(context.name());
  }
  return Write(contexts);
}

Status ContextStore::Use(const std::string& name) const {
  FLOTILLA_RETURN_IF_ERROR(Find(name).status());
  FLOTILLA_ASSIGN_OR_RETURN(config::v1::ContextFile contexts, Read());
  contexts.set_current(name);
  return Write(contexts);
}

Status ContextStore::Write(const config::v1::ContextFile& contexts) const {
  OsDurableFs fs;
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, file_.parent_path()));
  return DurableWrite(fs, file_, AsBytes(config::WriteYaml(contexts)));
}

StatusOr<config::v1::Context> ContextFromFolder(const std::string& name,
                                                const std::filesystem::path& folder) {
  const std::filesystem::path absolute = std::filesystem::absolute(folder).lexically_normal();
  const auto listeners_file = absolute.parent_path() / "listeners.json";
  const StatusOr<Bytes> text = ReadFile(listeners_file, kMaxFileBytes);
  if (!text.ok()) {
    return Annotate(text.status(), "--from takes STATE_DIR/operator of a controller that has run");
  }
  boost::system::error_code error;
  const boost::json::value listeners = boost::json::parse(ToText(*text), error);
  if (error || !listeners.is_object()) {
    return InvalidArgument(listeners_file.string() +
                           " is not the file that flotilla-controller writes");
  }
  config::v1::Context context;
  context.set_name(name);
  FLOTILLA_ASSIGN_OR_RETURN(*context.mutable_operator_address(),
                            AddressIn(listeners.as_object(), "operator"));
  FLOTILLA_ASSIGN_OR_RETURN(*context.mutable_dashboard_address(),
                            AddressIn(listeners.as_object(), "dashboard"));
  context.set_ca((absolute / "ca.crt").string());
  context.set_certificate((absolute / "operator.crt").string());
  context.set_key((absolute / "operator.key").string());
  return context;
}

}  // namespace flotilla::fleetctl
