#ifndef CALLBRAID_COLLECTOR_CLOCKS_ROBUST_LINE_H_
#define CALLBRAID_COLLECTOR_CLOCKS_ROBUST_LINE_H_

#include <vector>

namespace callbraid::collector {

// The middle one of ascending values, the lower of two; there must be one.
double MedianOf(const std::vector<double>& sorted);

// Standard error of the median of ascending values.
double ErrorOfMedian(const std::vector<double>& sorted);

struct LinePoint {
  double x = 0;
  double y = 0;
};

// y = y0 + slope * x.
struct Line {
  double y0 = 0;
  double slope = 0;
  // Standard errors.
  double y0_error = 0;
  double slope_error = 0;

  // The slope is no matter of chance.
  bool significant() const { return slope_known && Beyond(slope); }
  bool slope_known = false;

 private:
  bool Beyond(double value) const {
    return value > 4 * slope_error || -value > 4 * slope_error;
  }
};

// The line through `points` that few wrong ones among them do not bend; with
// an insignificant slope, y0 is their median. A pure function of the points,
// whatever their order; without any, all is 0.
Line FitLine(std::vector<LinePoint> points);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CLOCKS_ROBUST_LINE_H_
