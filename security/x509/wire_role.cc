#include "security/x509/wire_role.h"

#include <array>
#include <utility>

namespace flotilla::security {
namespace {

constexpr std::array<std::pair<OperatorRole, v1::OperatorRole>, 4> kPairs = {{
    {OperatorRole::kViewer, v1::OPERATOR_ROLE_VIEWER},
    {OperatorRole::kOperator, v1::OPERATOR_ROLE_OPERATOR},
    {OperatorRole::kReleaseManager, v1::OPERATOR_ROLE_RELEASE_MANAGER},
    {OperatorRole::kAdmin, v1::OPERATOR_ROLE_ADMIN},
}};

}  // namespace

v1::OperatorRole ToWire(OperatorRole role) {
  for (const auto& [own, wire] : kPairs) {
    if (own == role) {
      return wire;
    }
  }
  return v1::OPERATOR_ROLE_UNSPECIFIED;
}

OperatorRole FromWire(v1::OperatorRole role) {
  for (const auto& [own, wire] : kPairs) {
    if (wire == role) {
      return own;
    }
  }
  return OperatorRole::kUnspecified;
}

}  // namespace flotilla::security
