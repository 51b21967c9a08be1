#include "controller/rollout/sim/sim_summary.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace flotilla::rollout {
namespace {

constexpr double kPercent = 100;
constexpr double kTail = 0.95;

SimFigure FigureOf(std::vector<double> values) {
  if (values.empty()) {
    return {};
  }
  std::sort(values.begin(), values.end());
  const auto count = static_cast<double>(values.size());
  const auto rank = static_cast<std::size_t>(std::ceil(kTail * count));
  return {std::accumulate(values.begin(), values.end(), 0.0) / count, values[rank - 1]};
}

}  // namespace

double SimSummary::Share(SimEnd end) const {
  const auto found = ends.find(end);
  return runs == 0 || found == ends.end() ? 0 : kPercent * found->second / runs;
}

SimSummary Summarise(const std::vector<SimResult>& results) {
  SimSummary summary;
  summary.runs = static_cast<std::uint32_t>(results.size());
  std::vector<double> exposed;
  std::vector<double> took;
  for (const SimResult& result : results) {
    ++summary.ends[result.end];
    ++summary.causes[result.cause];
    exposed.push_back(result.exposed);
    took.push_back(absl::ToDoubleHours(result.took));
    summary.reports += result.reports;
  }
  summary.exposed = FigureOf(std::move(exposed));
  summary.took = FigureOf(std::move(took));
  return summary;
}

}  // namespace flotilla::rollout
