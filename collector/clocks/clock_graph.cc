#include "collector/clocks/clock_graph.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace callbraid::collector {
namespace {

int64_t UncertaintyOf(const ClockFit& fit) {
  int64_t most = 0;
  for (const ClockPiece& piece : fit.pieces) {
    most = std::max(most, piece.uncertainty_ns);
  }
  return most;
}

// From a first clock to a second, and on to a third.
ClockFit Chain(const ClockFit& first, const ClockFit& second) {
  std::vector<int64_t> begins;
  for (const ClockPiece& piece : first.pieces) begins.push_back(piece.from_ns);
  for (size_t i = 1; i < second.pieces.size(); ++i) {
    const int64_t begin = second.pieces[i].from_ns;
    begins.push_back(begin - first.At(begin - first.At(begin)));
  }
  std::sort(begins.begin(), begins.end());
  begins.erase(std::unique(begins.begin(), begins.end()), begins.end());
  ClockFit chain;
  chain.points = std::min(first.points, second.points);
  chain.both_ways = first.both_ways && second.both_ways;
  chain.sets = first.sets;
  for (const int64_t begin : begins) {
    const ClockPiece& near = first.PieceAt(begin);
    ClockPiece piece = near;
    piece.from_ns = begin;
    // Within this piece, so that it is the right one of the second.
    const int64_t inside = std::max(begin, near.reference_ns);
    const ClockPiece& far = second.PieceAt(inside + near.At(inside));
    const int64_t between_ns = near.reference_ns + near.offset_ns;
    piece.offset_ns += far.At(between_ns);
    piece.uncertainty_ns += far.uncertainty_ns;
    piece.drift_ppm += far.drift_ppm;
    piece.drift_uncertainty_ppm += far.drift_uncertainty_ppm;
    chain.pieces.push_back(piece);
  }
  return chain;
}

}  // namespace

std::map<std::string, ClockFit> ConnectClocks(const ClockFits& fits,
                                              const std::string& reference) {
  std::map<std::string, ClockFit> clocks;
  ClockFit& own = clocks[reference];
  own.both_ways = true;
  own.pieces.emplace_back();
  for (;;) {
    // The next is the one that is off by least.
    std::optional<ClockFit> best;
    std::string best_sensor;
    for (const auto& [pair, fit] : fits) {
      const auto near = clocks.find(pair.second);
      if (near == clocks.end() || clocks.count(pair.first) != 0) continue;
      const bool direct = pair.second == reference;
      ClockFit chain = direct ? fit : Chain(fit, near->second);
      if (best && UncertaintyOf(*best) <= UncertaintyOf(chain)) continue;
      best = std::move(chain);
      best_sensor = pair.first;
    }
    if (!best) return clocks;
    clocks[best_sensor] = *std::move(best);
  }
}

}  // namespace callbraid::collector
