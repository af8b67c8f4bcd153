#include "collector/clocks/robust_line.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace callbraid::collector {
namespace {

// A slope needs as many points.
constexpr size_t kMinPoints = 4;
// Of a normal distribution: standard deviation over median deviation, and error
// of the median over that of the mean.
constexpr double kDeviationOfMedian = 1.4826;
constexpr double kErrorOfMedian = 1.2533;
// Points that lie this many deviations off are wrong.
constexpr double kOutlier = 4;
// Clocks count in steps: what looks exact is exact to this only.
constexpr double kLeastDeviation = 500;

double DeviationOf(const std::vector<double>& values, double centre) {
  std::vector<double> distances;
  distances.reserve(values.size());
  for (const double value : values)
    distances.push_back(std::abs(value - centre));
  std::sort(distances.begin(), distances.end());
  return std::max(kLeastDeviation, kDeviationOfMedian * MedianOf(distances));
}

std::vector<double> ResidualsOf(const std::vector<LinePoint>& points,
                                const Line& line) {
  std::vector<double> residuals;
  residuals.reserve(points.size());
  for (const LinePoint& point : points) {
    residuals.push_back(point.y - line.y0 - line.slope * point.x);
  }
  return residuals;
}

// Least squares.
Line Plain(const std::vector<LinePoint>& points) {
  const auto count = static_cast<double>(points.size());
  double mean_x = 0;
  double mean_y = 0;
  for (const LinePoint& point : points) {
    mean_x += point.x / count;
    mean_y += point.y / count;
  }
  double xx = 0;
  double xy = 0;
  for (const LinePoint& point : points) {
    xx += (point.x - mean_x) * (point.x - mean_x);
    xy += (point.x - mean_x) * (point.y - mean_y);
  }
  Line line;
  line.y0 = mean_y;
  if (points.size() < kMinPoints || xx <= 0) return line;
  line.slope = xy / xx;
  line.y0 = mean_y - line.slope * mean_x;
  const double deviation = DeviationOf(ResidualsOf(points, line), 0);
  line.slope_error = deviation / std::sqrt(xx);
  line.y0_error =
      std::sqrt(deviation * deviation / count +
                line.slope_error * line.slope_error * mean_x * mean_x);
  line.slope_known = true;
  return line;
}

std::vector<LinePoint> WithoutOutliers(const std::vector<LinePoint>& points,
                                       const Line& line) {
  std::vector<double> residuals = ResidualsOf(points, line);
  std::vector<double> sorted = residuals;
  std::sort(sorted.begin(), sorted.end());
  const double centre = MedianOf(sorted);
  const double limit = kOutlier * DeviationOf(residuals, centre);
  std::vector<LinePoint> kept;
  for (size_t i = 0; i < points.size(); ++i) {
    if (std::abs(residuals[i] - centre) <= limit) kept.push_back(points[i]);
  }
  return kept;
}

}  // namespace

double MedianOf(const std::vector<double>& sorted) {
  return sorted[(sorted.size() - 1) / 2];
}

double ErrorOfMedian(const std::vector<double>& sorted) {
  return kErrorOfMedian * DeviationOf(sorted, MedianOf(sorted)) /
         std::sqrt(static_cast<double>(sorted.size()));
}

Line FitLine(std::vector<LinePoint> points) {
  if (points.empty()) return {};
  // Sums of doubles depend on their order.
  std::sort(points.begin(), points.end(),
            [](const LinePoint& a, const LinePoint& b) {
              return std::tie(a.x, a.y) < std::tie(b.x, b.y);
            });
  Line line = Plain(points);
  for (int round = 0; round < 2; ++round) {
    line = Plain(WithoutOutliers(points, line));
  }
  if (line.significant()) return line;
  std::vector<double> values;
  for (const LinePoint& point : points) values.push_back(point.y);
  std::sort(values.begin(), values.end());
  line.y0 = MedianOf(values);
  line.y0_error = ErrorOfMedian(values);
  if (!line.slope_known) {
    // Quartz is better than this.
    line.slope_error = 200'000;
    line.slope = 0;
  }
  return line;
}

}  // namespace callbraid::collector
