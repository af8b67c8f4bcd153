#include "collector/clocks/clock_fit.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <tuple>
#include <utility>

#include "collector/clocks/clock_steps.h"
#include "collector/clocks/robust_line.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kUs = 1000;
constexpr int64_t kMs = 1000 * kUs;

// What a single direction leaves open: the delay on the way.
constexpr int64_t kOneWayUncertaintyNs = 100 * kMs;
// Times are stamped by interrupts and written by mirrors: a few points prove no
// more than this.
constexpr int64_t kFewPointsNs = 500 * kUs;
constexpr size_t kFewPoints = 4;
constexpr int64_t kLeastUncertaintyNs = 5 * kUs;
// Conversations that are hardly worse than the best count, too.
constexpr int64_t kHardlyWorseNs = 50 * kUs;

// A group's points within one piece.
struct Part {
  std::vector<LagPoint> points;
  std::optional<size_t> reverse;
  bool mixed = false;
};

// Parts that show the offset together: both directions between two parties, or
// a part of which nothing tells the direction.
struct Conversation {
  std::vector<const Part*> parts;
  bool both_ways = false;
  double middle_ns = 0;
  // By how much the middle may be off.
  double half_ns = 0;
  double uncertainty_ns = 0;
};

class PieceFit {
 public:
  explicit PieceFit(std::vector<Part> parts) : parts_(std::move(parts)) {
    std::vector<int64_t> times;
    std::vector<int64_t> lags;
    for (const Part& part : parts_) {
      for (const LagPoint& point : part.points) {
        times.push_back(point.time_ns);
        lags.push_back(point.lag_ns);
      }
    }
    reference_ns_ = Median(std::move(times));
    base_ns_ = Median(std::move(lags));
  }

  ClockPiece Fit(bool& both_ways);

 private:
  // Small numbers: seconds since the reference, ns above the base.
  LinePoint Reduced(const LagPoint& point) const {
    return {static_cast<double>(point.time_ns - reference_ns_) * 1e-9,
            static_cast<double>(point.lag_ns - base_ns_)};
  }
  std::vector<LinePoint> Reduced(const Part& part) const {
    std::vector<LinePoint> points;
    for (const LagPoint& point : part.points) points.push_back(Reduced(point));
    return points;
  }
  // Lags with the drift taken out.
  std::vector<double> Levelled(const Part& part) const;
  void FindDrift();
  void FindConversations();
  Conversation Meet(const Part& part, const Part& reverse) const;
  Conversation Alone(const Part& part) const;
  void KeepBest();
  std::vector<LinePoint> Centred() const;

  const std::vector<Part> parts_;
  int64_t reference_ns_ = 0;
  int64_t base_ns_ = 0;
  double drift_ = 0;  // ns per second
  std::vector<Conversation> conversations_;
};

std::vector<double> PieceFit::Levelled(const Part& part) const {
  std::vector<double> lags;
  for (const LinePoint& point : Reduced(part)) {
    lags.push_back(point.y - drift_ * point.x);
  }
  std::sort(lags.begin(), lags.end());
  return lags;
}

// From each part by itself: so the ways that parts took do not matter.
void PieceFit::FindDrift() {
  std::vector<LinePoint> centred;
  for (const Part& part : parts_) {
    if (part.mixed || part.points.size() < 3) continue;
    const std::vector<LinePoint> points = Reduced(part);
    LinePoint mean;
    for (const LinePoint& point : points) {
      mean.x += point.x / static_cast<double>(points.size());
      mean.y += point.y / static_cast<double>(points.size());
    }
    for (const LinePoint& point : points) {
      centred.push_back({point.x - mean.x, point.y - mean.y});
    }
  }
  const Line line = FitLine(std::move(centred));
  drift_ = line.significant() ? line.slope : 0;
}

Conversation PieceFit::Meet(const Part& part, const Part& reverse) const {
  const std::vector<double> there = Levelled(part);
  const std::vector<double> back = Levelled(reverse);
  Conversation met;
  met.parts = {&part, &reverse};
  met.both_ways = true;
  met.middle_ns = (MedianOf(there) + MedianOf(back)) / 2;
  met.half_ns = std::abs(MedianOf(there) - MedianOf(back)) / 2;
  const double noise = 3 * (ErrorOfMedian(there) + ErrorOfMedian(back)) / 2;
  const bool few = std::min(there.size(), back.size()) < kFewPoints;
  met.uncertainty_ns = met.half_ns + noise + (few ? kFewPointsNs : 0);
  return met;
}

Conversation PieceFit::Alone(const Part& part) const {
  const std::vector<double> lags = Levelled(part);
  Conversation alone;
  alone.parts = {&part};
  if (part.mixed && lags.size() > 1) {
    // A few messages: all of them. Of many, some were sent again.
    const size_t cut = lags.size() < 8 ? 0 : lags.size() / 8;
    const double low = lags[cut];
    const double high = lags[lags.size() - 1 - cut];
    alone.both_ways = true;
    alone.middle_ns = (low + high) / 2;
    alone.half_ns = (high - low) / 2;
    alone.uncertainty_ns = alone.half_ns + kFewPointsNs;
    return alone;
  }
  alone.middle_ns = MedianOf(lags);
  alone.half_ns = kOneWayUncertaintyNs;
  alone.uncertainty_ns = alone.half_ns;
  return alone;
}

void PieceFit::FindConversations() {
  for (size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    if (part.points.empty()) continue;
    const bool answered = part.reverse && !parts_[*part.reverse].points.empty();
    if (answered && *part.reverse < i) continue;
    conversations_.push_back(answered ? Meet(part, parts_[*part.reverse])
                                      : Alone(part));
  }
}

void PieceFit::KeepBest() {
  const auto both_ways = [](const Conversation& conversation) {
    return conversation.both_ways;
  };
  if (std::any_of(conversations_.begin(), conversations_.end(), both_ways)) {
    std::erase_if(conversations_, std::not_fn(both_ways));
  }
  const auto worse = [](const Conversation& a, const Conversation& b) {
    return a.uncertainty_ns < b.uncertainty_ns;
  };
  const double best =
      std::min_element(conversations_.begin(), conversations_.end(), worse)
          ->uncertainty_ns;
  std::erase_if(conversations_, [best](const Conversation& conversation) {
    return conversation.uncertainty_ns > 2 * best + kHardlyWorseNs;
  });
}

// The points of the best conversations, each moved by what its way took.
std::vector<LinePoint> PieceFit::Centred() const {
  std::vector<LinePoint> centred;
  for (const Conversation& conversation : conversations_) {
    for (const Part* part : conversation.parts) {
      const double way =
          part->mixed && part->points.size() > 1
              ? 0
              : MedianOf(Levelled(*part)) - conversation.middle_ns;
      for (const LinePoint& point : Reduced(*part)) {
        centred.push_back({point.x, point.y - way});
      }
    }
  }
  return centred;
}

ClockPiece PieceFit::Fit(bool& both_ways) {
  FindDrift();
  FindConversations();
  KeepBest();
  const Line line = FitLine(Centred());
  std::vector<double> halves;
  for (const Conversation& conversation : conversations_) {
    halves.push_back(conversation.uncertainty_ns);
    both_ways = both_ways && conversation.both_ways;
  }
  std::sort(halves.begin(), halves.end());
  ClockPiece piece;
  piece.reference_ns = reference_ns_;
  piece.offset_ns = base_ns_ + std::llround(line.y0);
  piece.uncertainty_ns =
      kLeastUncertaintyNs + std::llround(MedianOf(halves) + 3 * line.y0_error);
  piece.drift_ppm = line.significant() ? line.slope / kUs : 0;
  piece.drift_uncertainty_ppm =
      (line.significant() ? 0 : std::abs(line.slope) / kUs) +
      3 * line.slope_error / kUs;
  return piece;
}

// The parts of each group that lie in one stretch between two steps.
std::vector<std::vector<Part>> Cut(const std::vector<LagGroup>& groups,
                                   const StepCuts& cuts) {
  std::vector<std::vector<Part>> pieces(cuts.stretches());
  for (std::vector<Part>& parts : pieces) parts.resize(groups.size());
  for (size_t i = 0; i < groups.size(); ++i) {
    for (std::vector<Part>& parts : pieces) {
      parts[i].reverse = groups[i].reverse;
      parts[i].mixed = groups[i].mixed;
    }
    for (const LagPoint& point : groups[i].points) {
      pieces[cuts.StretchOf(point)][i].points.push_back(point);
    }
  }
  return pieces;
}

// A piece, and between which raw times of the first sensor its points lie.
struct Stretch {
  int64_t begin_ns = std::numeric_limits<int64_t>::max();
  int64_t end_ns = std::numeric_limits<int64_t>::min();
  ClockPiece piece;
};

Stretch RangeOf(const std::vector<Part>& parts) {
  Stretch stretch;
  for (const Part& part : parts) {
    for (const LagPoint& point : part.points) {
      stretch.begin_ns = std::min(stretch.begin_ns, point.time_ns);
      stretch.end_ns = std::max(stretch.end_ns, point.time_ns);
    }
  }
  return stretch;
}

std::vector<ClockPiece> ByRawTime(std::vector<Stretch> stretches) {
  std::sort(stretches.begin(), stretches.end(),
            [](const Stretch& a, const Stretch& b) {
              return std::pair(a.piece.reference_ns, a.begin_ns) <
                     std::pair(b.piece.reference_ns, b.begin_ns);
            });
  std::vector<ClockPiece> pieces;
  for (size_t i = 0; i < stretches.size(); ++i) {
    ClockPiece& piece = pieces.emplace_back(stretches[i].piece);
    if (i == 0) continue;
    const int64_t end = stretches[i - 1].end_ns;
    const int64_t begin = end + (stretches[i].begin_ns - end) / 2;
    piece.from_ns = std::max(begin, pieces[i - 1].from_ns + 1);
  }
  return pieces;
}

}  // namespace

int64_t ClockPiece::At(int64_t time_ns) const {
  // Beyond some hours the drift is another one.
  constexpr double kLongestS = 6 * 3600;
  const double away_s =
      std::clamp(static_cast<double>(time_ns - reference_ns) * 1e-9, -kLongestS,
                 kLongestS);
  return offset_ns + std::llround(drift_ppm * kUs * away_s);
}

const ClockPiece& ClockFit::PieceAt(int64_t time_ns) const {
  const auto next = std::upper_bound(pieces.begin(), pieces.end(), time_ns,
                                     [](int64_t time, const ClockPiece& piece) {
                                       return time < piece.from_ns;
                                     });
  return next == pieces.begin() ? pieces.front() : *(next - 1);
}

std::optional<ClockFit> FitClocks(std::vector<LagGroup> groups) {
  ClockFit fit;
  std::vector<LagPoint> all;
  for (LagGroup& group : groups) {
    std::sort(group.points.begin(), group.points.end(),
              [](const LagPoint& a, const LagPoint& b) {
                return std::tie(a.time_ns, a.lag_ns) <
                       std::tie(b.time_ns, b.lag_ns);
              });
    all.insert(all.end(), group.points.begin(), group.points.end());
  }
  if (all.empty()) return std::nullopt;
  fit.points = all.size();
  fit.both_ways = true;
  const StepCuts cuts = FindSteps(std::move(all));
  std::vector<Stretch> stretches;
  for (std::vector<Part>& parts : Cut(groups, cuts)) {
    const Stretch range = RangeOf(parts);
    // Points of one instant may all have gone to the stretch before.
    if (range.begin_ns > range.end_ns) continue;
    Stretch& stretch = stretches.emplace_back(range);
    stretch.piece = PieceFit(std::move(parts)).Fit(fit.both_ways);
    if (stretches.size() == 1) continue;
    const Stretch& before = *(stretches.end() - 2);
    fit.sets.push_back({stretch.begin_ns, stretch.piece.At(stretch.begin_ns) -
                                              before.piece.At(before.end_ns)});
  }
  fit.pieces = ByRawTime(std::move(stretches));
  return fit;
}

}  // namespace callbraid::collector
