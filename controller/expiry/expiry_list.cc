#include "controller/expiry/expiry_list.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "controller/fleet/proto_time.h"

namespace flotilla::controller {
namespace {

constexpr int kMaxItems = 1000;
constexpr std::size_t kMaxDevices = 100;
constexpr Duration kDay = absl::Hours(24);

v1::Expiry Item(v1::ExpiryKind kind, const std::string& name, Time expires_at,
                const std::string& next_step) {
  v1::Expiry item;
  item.set_kind(kind);
  item.set_name(name);
  *item.mutable_expires_at() = ToProto(expires_at);
  item.set_next_step(next_step);
  return item;
}

std::string RoleStep(const RoleExpiry& role, Time now) {
  if (role.life != absl::ZeroDuration()) {
    // Made anew at half of its life: with a quarter left, that has failed for long.
    return role.expires_at - now < role.life / 4 ? "The controller should have signed it anew: see "
                                                   "catalogue.refresh_failed in its log."
                                                 : "";
  }
  if (role.role == "root") {
    return "Sign a new root: fleetctl root edit, sign, publish (docs/runbooks/).";
  }
  return "Its key holders sign it anew with a later end (docs/runbooks/).";
}

std::string OwnStep(v1::ExpiryKind kind) {
  return kind == v1::EXPIRY_KIND_CA
             ? "Rotate the operator CA while both are trusted (docs/runbooks/)."
             : "Run flotilla-controller init again, then restart the controller.";
}

std::string DeviceStep(Time expires_at, Time now) {
  if (expires_at - now >= 3 * kDay) {
    return "";
  }
  return "It should have renewed by itself: look whether it is there (fleetctl device why).";
}

void AddDevices(const FleetState& fleet, Time now, v1::ListExpiryResponse& list) {
  std::vector<std::pair<Time, std::string>> soonest;
  for (const auto& [id, device] : fleet.devices()) {
    const v1::Device& record = device.record;
    if (!record.has_certificate_expires_at() || record.revoked() || record.decommissioned()) {
      continue;
    }
    const Time end = FromProto(record.certificate_expires_at());
    const Duration left = end - now;
    list.set_devices_in_3_days(list.devices_in_3_days() + (left <= 3 * kDay ? 1U : 0U));
    list.set_devices_in_14_days(list.devices_in_14_days() + (left <= 14 * kDay ? 1U : 0U));
    list.set_devices_in_30_days(list.devices_in_30_days() + (left <= 30 * kDay ? 1U : 0U));
    soonest.emplace_back(end, id);
  }
  const std::size_t kept = std::min(soonest.size(), kMaxDevices);
  std::partial_sort(soonest.begin(), soonest.begin() + static_cast<std::ptrdiff_t>(kept),
                    soonest.end());
  soonest.resize(kept);
  for (const auto& [end, id] : soonest) {
    *list.add_items() = Item(v1::EXPIRY_KIND_DEVICE_CERTIFICATE, id, end, DeviceStep(end, now));
  }
}

// Of a person with several certificates the last one to end is what matters.
void AddOperators(const FleetState& fleet, v1::ListExpiryResponse& list) {
  std::map<std::string, Time> latest;
  for (const auto& [serial, record] : fleet.operators()) {
    if (!record.revoked() && !fleet.IsRevoked(serial)) {
      Time& end = latest.try_emplace(record.name(), absl::InfinitePast()).first->second;
      end = std::max(end, FromProto(record.expires_at()));
    }
  }
  for (const auto& [name, end] : latest) {
    *list.add_items() = Item(v1::EXPIRY_KIND_OPERATOR_CERTIFICATE, name, end,
                             "An admin gives another: fleetctl operator add " + name + " --renew.");
  }
}

// Tokens are meant to end: nobody has to do anything.
void AddTokens(const FleetState& fleet, Time now, v1::ListExpiryResponse& list) {
  for (const auto& [id, stored] : fleet.tokens()) {
    const v1::EnrolmentToken& token = stored.token;
    const Time end = FromProto(token.expires_at());
    if (!token.revoked() && token.uses() < token.max_uses() && end > now) {
      *list.add_items() = Item(v1::EXPIRY_KIND_TOKEN, id, end, "");
    }
  }
}

}  // namespace

v1::ListExpiryResponse MakeExpiryList(const std::vector<RoleExpiry>& roles,
                                      const std::vector<OwnCertificate>& own,
                                      const FleetState& fleet, Time now) {
  v1::ListExpiryResponse list;
  for (const RoleExpiry& role : roles) {
    *list.add_items() = Item(v1::EXPIRY_KIND_ROLE, role.role, role.expires_at, RoleStep(role, now));
  }
  for (const OwnCertificate& one : own) {
    *list.add_items() = Item(one.kind, one.name, one.expires_at, OwnStep(one.kind));
  }
  AddOperators(fleet, list);
  AddDevices(fleet, now, list);
  AddTokens(fleet, now, list);
  auto& items = *list.mutable_items();
  std::stable_sort(items.begin(), items.end(), [](const v1::Expiry& a, const v1::Expiry& b) {
    return FromProto(a.expires_at()) < FromProto(b.expires_at());
  });
  if (items.size() > kMaxItems) {
    items.DeleteSubrange(kMaxItems, items.size() - kMaxItems);
  }
  return list;
}

v1::ListExpiryResponse EndingWithin(const v1::ListExpiryResponse& all, Duration within, Time now) {
  v1::ListExpiryResponse list = all;
  auto& items = *list.mutable_items();
  items.erase(std::remove_if(items.begin(), items.end(),
                             [&](const v1::Expiry& item) {
                               return FromProto(item.expires_at()) - now > within;
                             }),
              items.end());
  return list;
}

int ExpiryBandOf(Duration left) {
  for (const int days : kExpiryBands) {
    if (left <= days * kDay) {
      return days;
    }
  }
  return 0;
}

std::string ExpiryKindName(v1::ExpiryKind kind) {
  switch (kind) {
    case v1::EXPIRY_KIND_ROLE:
      return "role";
    case v1::EXPIRY_KIND_CA:
      return "ca";
    case v1::EXPIRY_KIND_SERVER_CERTIFICATE:
      return "server";
    case v1::EXPIRY_KIND_OPERATOR_CERTIFICATE:
      return "operator";
    case v1::EXPIRY_KIND_DEVICE_CERTIFICATE:
      return "device";
    case v1::EXPIRY_KIND_TOKEN:
      return "token";
    default:
      return "unknown";
  }
}

}  // namespace flotilla::controller
