#include "security/x509/operator_role.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace flotilla::security {
namespace {

constexpr std::array<std::pair<OperatorRole, std::string_view>, 4> kNames = {{
    {OperatorRole::kViewer, "viewer"},
    {OperatorRole::kOperator, "operator"},
    {OperatorRole::kReleaseManager, "release-manager"},
    {OperatorRole::kAdmin, "admin"},
}};

}  // namespace

std::string OperatorRoleName(OperatorRole role) {
  for (const auto& [known, name] : kNames) {
    if (known == role) {
      return std::string(name);
    }
  }
  return "none";
}

StatusOr<OperatorRole> ParseOperatorRole(std::string_view name) {
  for (const auto& [role, known] : kNames) {
    if (known == name) {
      return role;
    }
  }
  return InvalidArgument("'" + std::string(name) +
                         "' is no role: viewer, operator, release-manager or admin");
}

}  // namespace flotilla::security
