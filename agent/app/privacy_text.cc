#include "agent/app/privacy_text.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "agent/app/state_lock.h"
#include "agent/health/health_paths.h"
#include "agent/health/owners_rules.h"
#include "agent/health/sent_log.h"
#include "agent/health/spool.h"
#include "base/digest.h"
#include "base/file.h"
#include "security/key_file.h"
#include "security/sha256.h"
#include "telemetry/dp/budget.h"
#include "telemetry/dp/ledger_book.h"
#include "telemetry/dp/ledger_record.h"
#include "telemetry/schema/registry.h"

namespace flotilla::agent {
namespace {

constexpr std::uint64_t kMaxLedgerBytes = std::uint64_t{16} << 20U;
constexpr std::uint64_t kMaxStatusBytes = std::uint64_t{1} << 20U;

std::string EpsilonText(std::uint64_t nano_epsilon) {
  std::ostringstream text;
  text.precision(4);
  text << static_cast<double>(nano_epsilon) / static_cast<double>(dp::kNanoEpsilon);
  return text.str();
}

std::string MetricName(std::uint32_t id) {
  const schema::Metric* const metric = schema::FindMetric(id);
  return metric == nullptr ? std::string("unknown") : std::string(metric->name);
}

std::string SwitchesText(const config::v1::PrivateHealth& health, const OwnersRules& rules) {
  if (health.off()) {
    return "switches: all metrics are off\n";
  }
  std::string off;
  for (const schema::Metric& metric : schema::AllMetrics()) {
    if (!rules.switches.IsOn(metric.id)) {
      absl::StrAppend(&off, off.empty() ? "" : ", ", std::string(metric.name));
    }
  }
  return absl::StrCat(
      "switches: ", off.empty() ? std::string("all metrics are on") : absl::StrCat("off are ", off),
      "\ndemonstrations: ", rules.demo == DemoTasks::kAnswer ? "answered\n" : "not answered\n");
}

std::string HelperText(const std::string& file) {
  if (file.empty()) {
    return "helper: none is pinned (health.helper_identity); nothing is reported\n";
  }
  const StatusOr<security::PublicKey> key = security::LoadPublicKey(file);
  return absl::StrCat(
      "helper: ",
      key.ok() ? absl::StrCat("SHA-256 of its identity key ",
                              security::Sha256(key->spki_der()).ToHex(), ", from ", file)
               : absl::StrCat("unreadable, nothing is reported: ", MessageOf(key.status())),
      "\n");
}

struct LedgerView {
  dp::LedgerBook book;
  bool there = false;
  bool intact = false;
};

LedgerView ReadTheLedger(const std::filesystem::path& state_dir) {
  LedgerView view;
  const StatusOr<Bytes> bytes = ReadFile(LedgerPath(state_dir), kMaxLedgerBytes);
  view.there = bytes.ok();
  if (bytes.ok()) {
    dp::LedgerContent content = dp::ReadLedger(*bytes);
    view.intact = content.intact;
    view.book = dp::LedgerBook(std::move(content.records));
  }
  return view;
}

// When the first of what counts now does not count any more.
std::optional<Time> FreesAt(const dp::LedgerBook& book, Time now) {
  std::optional<Time> first;
  for (const dp::LedgerRecord& record : book.records()) {
    const Time free = record.stamp + dp::kBudgetWindow;
    if (free > now && (!first.has_value() || free < *first)) {
      first = free;
    }
  }
  return first;
}

std::string BudgetText(const LedgerView& view, Time now) {
  if (!view.there) {
    return "budget: no ledger. A device that was enrolled before it had one reports nothing for 90 "
           "days from the first start of its agent with a verified time\n";
  }
  if (!view.intact) {
    return "budget: the ledger is damaged; that counts as all spent, for 90 days\n";
  }
  std::string text =
      absl::StrCat("budget: epsilon ", EpsilonText(view.book.RemainingNanoEpsilon(now)), " of ",
                   EpsilonText(dp::kCapNanoEpsilon), " is left in these 90 days\n");
  if (const std::optional<Time> free = FreesAt(view.book, now); free.has_value()) {
    absl::StrAppend(&text, "more is free from: ", UtcText(*free), "\n");
  }
  const bool lost =
      std::any_of(view.book.records().begin(), view.book.records().end(), [&](const auto& record) {
        return record.kind == dp::LedgerRecordKind::kLost && record.stamp + dp::kBudgetWindow > now;
      });
  if (lost) {
    text +=
        "the ledger was missing or damaged once (as on a device enrolled before it had one): "
        "until then nothing is reported\n";
  }
  return text;
}

std::string WaitingText(const std::filesystem::path& state_dir, ShowBytes bytes) {
  const std::vector<SpoolEntry> entries = ReadSpool(SpoolDir(state_dir));
  std::string text = absl::StrCat("sealed reports that wait: ", entries.size(), "\n");
  for (const SpoolEntry& entry : entries) {
    absl::StrAppend(&text, "  ", MetricName(entry.metric), " window ", UtcText(entry.window_start),
                    " ", DurationText(entry.window), ", ", entry.upload.size(),
                    " bytes, goes out at ", UtcText(entry.send_at), "\n");
    if (bytes == ShowBytes::kAll) {
      absl::StrAppend(&text, "    ", HexEncode(entry.upload), "\n");
    }
  }
  return text;
}

std::string RecordText(const dp::LedgerRecord& record, Time now) {
  const bool counts = record.stamp + dp::kBudgetWindow > now;
  const std::string what = record.kind == dp::LedgerRecordKind::kLost
                               ? std::string("earlier records were lost: the whole budget")
                               : absl::StrCat(MetricName(record.charge.metric), ", epsilon ",
                                              EpsilonText(dp::TotalNanoEpsilon(record.charge.cost)),
                                              ", report ", HexEncode(record.charge.id));
  return absl::StrCat(UtcText(record.stamp), " ", what, counts ? "" : " (counts no more)", "\n");
}

}  // namespace

StatusOr<std::string> PrivacyText(const config::v1::AgentConfig& config, ShowBytes bytes,
                                  Time now) {
  const std::filesystem::path state_dir = config.state_dir();
  FLOTILLA_ASSIGN_OR_RETURN(const OwnersRules rules, OwnersRulesOf(config.health()));
  std::string text = absl::StrCat(SwitchesText(config.health(), rules),
                                  HelperText(config.health().helper_identity()),
                                  BudgetText(ReadTheLedger(state_dir), now));
  const StatusOr<Bytes> status = ReadFile(HealthStatusPath(state_dir), kMaxStatusBytes);
  if (status.ok()) {
    absl::StrAppend(&text, "\n", IsStateLocked(state_dir) ? "" : "(as the agent left it) ",
                    "what this device would say:\n", ToText(*status));
  } else {
    text += "\nno agent has measured anything here yet\n";
  }
  const std::string sent = ReadSentLog(SentLogPath(state_dir));
  absl::StrAppend(&text, "\n", WaitingText(state_dir, bytes), "\nsent, oldest first:\n",
                  sent.empty() ? "nothing\n" : sent);
  return text;
}

std::string LedgerText(const std::filesystem::path& state_dir, Time now) {
  const LedgerView view = ReadTheLedger(state_dir);
  std::string text;
  for (const dp::LedgerRecord& record : view.book.records()) {
    text += RecordText(record, now);
  }
  return absl::StrCat(text, BudgetText(view, now));
}

}  // namespace flotilla::agent
