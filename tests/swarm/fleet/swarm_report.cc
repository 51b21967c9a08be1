#include "tests/swarm/fleet/swarm_report.h"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "absl/strings/str_format.h"

namespace flotilla::swarm {
namespace {

namespace json = boost::json;

void Merge(WaveOffers& into, const WaveOffers& from) {
  const Duration first = std::min(into.first, from.first);
  const auto shift = [&](Duration was) {
    return static_cast<float>(absl::ToDoubleMilliseconds(was - first));
  };
  for (float& after : into.after_ms) {
    after += shift(into.first);
  }
  for (const float after : from.after_ms) {
    into.after_ms.push_back(after + shift(from.first));
  }
  into.first = first;
}

json::object QuantilesJson(std::vector<float>& samples) {
  const Quantiles quantiles = QuantilesOf(samples);
  return {{"count", quantiles.count},
          {"p50", quantiles.p50_ms},
          {"p99", quantiles.p99_ms},
          {"last", quantiles.last_ms}};
}

json::object LedgerJson(const LedgerAnswer& answer) {
  return {{"devices", answer.devices},
          {"checked", answer.checked},
          {"lost", answer.lost},
          {"doubled", answer.doubled},
          {"altered", answer.altered},
          {"examples", json::array(answer.examples.begin(), answer.examples.end())}};
}

std::string Line(const char* name, std::vector<float>& samples) {
  const Quantiles quantiles = QuantilesOf(samples);
  return absl::StrFormat("%-28s %8d   p50 %.1f ms   p99 %.1f ms   last %.1f ms\n", name,
                         quantiles.count, quantiles.p50_ms, quantiles.p99_ms, quantiles.last_ms);
}

}  // namespace

void SwarmReport::Add(SwarmStats& stats, Duration started) {
  live += stats.live();
  ups += stats.ups();
  resumed += stats.resumed();
  last_up_s = std::max(last_up_s, absl::ToDoubleSeconds(stats.last_up() - started));
  offers += stats.offers();
  reports_sent += stats.reports_sent();
  reports_again += stats.reports_again();
  reports_acked += stats.acked();
  wrong += stats.wrong_count();
  wrongs.insert(wrongs.end(), stats.wrongs().begin(), stats.wrongs().end());
  for (const auto& [text, count] : stats.ends()) {
    ends[text] += count;
  }
  for (const auto& [key, offered] : stats.waves()) {
    const auto [found, fresh] = waves.try_emplace(key, offered);
    if (!fresh) {
      Merge(found->second, offered);
    }
  }
  ack_ms.insert(ack_ms.end(), stats.ack_ms().begin(), stats.ack_ms().end());
  away_ms.insert(away_ms.end(), stats.away_ms().begin(), stats.away_ms().end());
}

bool SwarmReport::clean() const {
  return wrong == 0 && (!ledger.has_value() ||
                        (ledger->lost == 0 && ledger->doubled == 0 && ledger->altered == 0));
}

std::string ReportJson(SwarmReport& report) {
  json::array waves;
  for (auto& [key, offered] : report.waves) {
    json::object wave = QuantilesJson(offered.after_ms);
    wave["rollout"] = key.first;
    wave["wave"] = key.second;
    waves.push_back(std::move(wave));
  }
  json::object ends;
  for (const auto& [text, count] : report.ends) {
    ends[text] = count;
  }
  json::object all{{"devices", report.devices},
                   {"live", report.live},
                   {"sessions", report.ups},
                   {"resumed", report.resumed},
                   {"last_up_s", report.last_up_s},
                   {"offers", report.offers},
                   {"reports_made", report.reports_made},
                   {"reports_sent", report.reports_sent},
                   {"reports_again", report.reports_again},
                   {"reports_acked", report.reports_acked},
                   {"reports_waiting", report.reports_waiting},
                   {"wrong", report.wrong},
                   {"wrongs", json::array(report.wrongs.begin(), report.wrongs.end())},
                   {"ack_ms", QuantilesJson(report.ack_ms)},
                   {"away_ms", QuantilesJson(report.away_ms)},
                   {"waves", std::move(waves)},
                   {"ends", std::move(ends)}};
  if (report.ledger.has_value()) {
    all["ledger"] = LedgerJson(*report.ledger);
  }
  return json::serialize(all);
}

std::string ReportText(SwarmReport& report) {
  std::string text = absl::StrFormat(
      "devices %d, live at the end %d, sessions opened %d (%d resumed), the last %.1f s after the "
      "start\noffers %d, reports made %d, sent %d (%d of them again), acknowledged %d, waiting "
      "%d\n",
      report.devices, report.live, report.ups, report.resumed, report.last_up_s, report.offers,
      report.reports_made, report.reports_sent, report.reports_again, report.reports_acked,
      report.reports_waiting);
  text += Line("report to its durable ack", report.ack_ms);
  text += Line("away from loss to session", report.away_ms);
  for (auto& [key, offered] : report.waves) {
    text += Line(absl::StrFormat("%s wave %d", key.first, key.second).c_str(), offered.after_ms);
  }
  for (const auto& [end, count] : report.ends) {
    text += absl::StrFormat("%8d x %s\n", count, end);
  }
  for (const std::string& wrong : report.wrongs) {
    text += absl::StrFormat("WRONG: %s\n", wrong);
  }
  if (report.ledger.has_value()) {
    const LedgerAnswer& answer = *report.ledger;
    text += absl::StrFormat(
        "ledger: %d reports of %d devices checked, %d lost, %d doubled, "
        "%d altered\n",
        answer.checked, answer.devices, answer.lost, answer.doubled, answer.altered);
    for (const std::string& example : answer.examples) {
      text += absl::StrFormat("  %s\n", example);
    }
  }
  return text;
}

}  // namespace flotilla::swarm
