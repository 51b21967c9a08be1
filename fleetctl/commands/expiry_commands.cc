#include "fleetctl/commands/expiry_commands.h"

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>

#include "base/os_clock.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/rpc/channel.h"
#include "flotilla/v1/admin.grpc.pb.h"

namespace flotilla::fleetctl {
namespace {

constexpr Duration kDay = absl::Hours(24);

Duration LeftOf(const v1::Expiry& item, Time now) {
  return absl::FromUnixSeconds(item.expires_at().seconds()) - now;
}

// "lapsed", "3d" (within 3 days), "14d", "30d", "" later.
std::string BandOf(Duration left) {
  if (left <= absl::ZeroDuration()) {
    return "lapsed";
  }
  for (const int days : {3, 14, 30}) {
    if (left <= days * kDay) {
      return std::to_string(days) + "d";
    }
  }
  return "";
}

std::string LeftCell(Duration left) {
  const bool past = left < absl::ZeroDuration();
  const Duration size = past ? -left : left;
  const std::string text = size >= 2 * kDay ? std::to_string(absl::ToInt64Hours(size) / 24) + " d"
                                            : std::to_string(absl::ToInt64Hours(size)) + " h";
  return past ? text + " ago" : text;
}

// Only what a person has to do something about counts.
int CodeOf(const v1::Expiry& item, Time now) {
  if (item.next_step().empty()) {
    return kExitOk;
  }
  const std::string band = BandOf(LeftOf(item, now));
  if (band == "lapsed" || band == "3d") {
    return kExitExpiresIn3Days;
  }
  if (band == "14d") {
    return kExitExpiresIn14Days;
  }
  return band == "30d" ? kExitExpiresIn30Days : kExitOk;
}

void Print(Cli& cli, const v1::ListExpiryResponse& list, Time now) {
  Table table({"BAND", "LEFT", "ENDS", "KIND", "NAME", "WHAT TO DO"});
  for (const v1::Expiry& item : list.items()) {
    const Duration left = LeftOf(item, now);
    table.Add({BandOf(left), LeftCell(left), TimeCell(item.expires_at()),
               ShortName(v1::ExpiryKind_Name(item.kind()), "EXPIRY_KIND_"), item.name(),
               item.next_step().empty() ? "nothing, by itself" : item.next_step()});
  }
  table.Print(cli.out());
  cli.out() << "device certificates that end within 30, 14, 3 days: " << list.devices_in_30_days()
            << ", " << list.devices_in_14_days() << ", " << list.devices_in_3_days() << "\n";
}

StatusOr<int> Expiry(Cli& cli, const std::string& within) {
  v1::ListExpiryRequest request;
  if (within != "all") {
    FLOTILLA_ASSIGN_OR_RETURN(const Duration span, ParseDurationText(within));
    request.mutable_within()->set_seconds(absl::ToInt64Seconds(span));
  }
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::ListExpiryResponse list,
      (Call<v1::SystemService>(cli, &v1::SystemService::Stub::ListExpiry, request)));
  const Time now = OsClock().Now();
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), list);
  } else {
    Print(cli, list, now);
  }
  int code = kExitOk;
  for (const v1::Expiry& item : list.items()) {
    code = std::max(code, CodeOf(item, now));
  }
  return code;
}

}  // namespace

void AddExpiryCommands(Cli& cli) {
  const auto within = std::make_shared<std::string>("30d");
  CLI::App& expiry = cli.AddCommand(
      cli.app(), "expiry",
      "Show what will lapse: signed roles, CA, certificates, tokens, soonest first.\n"
      "Exit codes for monitoring, of what a person has to do something about: 0 nothing, 30 within "
      "30 days,\n31 within 14 days, 32 within 3 days or past its end.",
      "fleetctl expiry\n  fleetctl expiry --within 14d -o json\n  fleetctl expiry --within all",
      [within](Cli& run) { return Expiry(run, *within); });
  expiry.add_option("--within", *within, "How far to look: 30d, 12h, or all")
      ->capture_default_str();
}

}  // namespace flotilla::fleetctl
