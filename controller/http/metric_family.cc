#include "controller/http/metric_family.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"

namespace flotilla::http {

prometheus::MetricFamily Family(std::string name, std::string help, prometheus::MetricType type) {
  prometheus::MetricFamily family;
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = type;
  return family;
}

prometheus::MetricFamily Gauge(std::string name, std::string help) {
  return Family(std::move(name), std::move(help), prometheus::MetricType::Gauge);
}

void AddSample(prometheus::MetricFamily& family, const Labels& labels, double value) {
  prometheus::ClientMetric metric;
  metric.label = labels;
  if (family.type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  family.metric.push_back(std::move(metric));
}

std::string EnumLabel(const std::string& name, std::size_t prefix_length) {
  return absl::AsciiStrToLower(name.substr(std::min(prefix_length, name.size())));
}

}  // namespace flotilla::http
