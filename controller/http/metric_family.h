// Prometheus families and their samples, for the files that fill them.
#ifndef FLOTILLA_CONTROLLER_HTTP_METRIC_FAMILY_H_
#define FLOTILLA_CONTROLLER_HTTP_METRIC_FAMILY_H_

#include <cstddef>
#include <string>
#include <vector>

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>

namespace flotilla::http {

using Labels = std::vector<prometheus::ClientMetric::Label>;

prometheus::MetricFamily Family(std::string name, std::string help, prometheus::MetricType type);
prometheus::MetricFamily Gauge(std::string name, std::string help);

// A counter's or a gauge's, as the family is.
void AddSample(prometheus::MetricFamily& family, const Labels& labels, double value);

// An enum's value as a label: "LIVENESS_ONLINE" without its prefix of nine characters is "online".
std::string EnumLabel(const std::string& name, std::size_t prefix_length);

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_METRIC_FAMILY_H_
