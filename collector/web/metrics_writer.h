#ifndef CALLBRAID_COLLECTOR_WEB_METRICS_WRITER_H_
#define CALLBRAID_COLLECTOR_WEB_METRICS_WRITER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace callbraid::collector {

using MetricLabels = std::vector<std::pair<const char*, std::string_view>>;

enum class MetricKind { kGauge, kCounter };

// One metric in Prometheus' text format, at the end of `out`: its head, then a
// line for each set of labels. Nothing at all without a line.
class Metric {
 public:
  Metric(std::string& out, const char* name, MetricKind kind, const char* help)
      : out_(out), name_(name), kind_(kind), help_(help) {}

  template <typename Number>
  void Add(const MetricLabels& labels, Number value) {
    if (!std::exchange(begun_, true)) {
      absl::StrAppend(
          &out_, "# HELP ", name_, " ", help_, "\n# TYPE ", name_,
          kind_ == MetricKind::kCounter ? " counter\n" : " gauge\n");
    }
    absl::StrAppend(&out_, name_);
    char before = '{';
    for (const auto& [label, text] : labels) {
      out_ += std::exchange(before, ',');
      absl::StrAppend(&out_, label, "=\"");
      AppendEscaped(text);
      out_ += '"';
    }
    absl::StrAppend(&out_, labels.empty() ? " " : "} ", value, "\n");
  }

 private:
  void AppendEscaped(std::string_view text) {
    for (const char character : text) {
      if (character == '\n') {
        out_ += "\\n";
        continue;
      }
      if (character == '\\' || character == '"') out_ += '\\';
      out_ += character;
    }
  }

  std::string& out_;
  const char* const name_;
  const MetricKind kind_;
  const char* const help_;
  bool begun_ = false;
};

inline double MetricSeconds(int64_t ns) {
  return static_cast<double>(ns) / 1e9;
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_METRICS_WRITER_H_
