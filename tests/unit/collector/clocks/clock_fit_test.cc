#include "collector/clocks/clock_fit.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <random>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kUs = 1000;
constexpr int64_t kMs = 1000 * kUs;
constexpr int64_t kSecond = 1000 * kMs;
constexpr int64_t kEpoch = 1'700'000'000 * kSecond;

// What the second clock shows minus what the first does, at a true time.
using Difference = std::function<int64_t(int64_t)>;

Difference Constant(int64_t offset_ns) {
  return [offset_ns](int64_t) { return offset_ns; };
}

struct Way {
  int64_t delay_ns = 0;
  int64_t jitter_ns = 0;
  int64_t start_ns = kEpoch;
  int64_t end_ns = kEpoch + 15 * kSecond;
  int64_t step_ns = 400 * kMs;
};

// The first clock is true.
LagGroup Travel(const Way& way, bool toward_second,
                const Difference& difference, uint64_t seed) {
  std::mt19937_64 random(seed);
  LagGroup group;
  for (int64_t sent = way.start_ns; sent < way.end_ns; sent += way.step_ns) {
    const int64_t took =
        way.delay_ns +
        (way.jitter_ns == 0
             ? 0
             : static_cast<int64_t>(random() %
                                    static_cast<uint64_t>(way.jitter_ns)));
    const int64_t first = toward_second ? sent : sent + took;
    const int64_t second = toward_second ? sent + took : sent;
    group.points.push_back({first, second + difference(second) - first});
  }
  return group;
}

std::vector<LagGroup> BothWays(const Way& way, const Difference& difference,
                               uint64_t seed = 1) {
  std::vector<LagGroup> groups = {Travel(way, true, difference, seed),
                                  Travel(way, false, difference, seed + 1000)};
  groups[0].reverse = 1;
  groups[1].reverse = 0;
  return groups;
}

void ExpectWithin(const ClockPiece& piece, int64_t true_ns, int64_t at_ns,
                  int64_t limit_ns) {
  const int64_t error = std::abs(piece.At(at_ns) - true_ns);
  EXPECT_LE(error, limit_ns);
  EXPECT_LE(error, piece.uncertainty_ns);
}

TEST(FitClocks, NeedsAPoint) {
  EXPECT_FALSE(FitClocks({}));
  EXPECT_FALSE(FitClocks({LagGroup()}));
}

TEST(FitClocks, FindsTheOffsetWhereBothDirectionsAreSeen) {
  for (const int64_t offset :
       {int64_t{0}, 3 * kSecond, -3 * kSecond, 2112 * kSecond}) {
    const auto fit = FitClocks(BothWays(
        {.delay_ns = 2 * kMs, .jitter_ns = 300 * kUs}, Constant(offset)));
    ASSERT_TRUE(fit);
    EXPECT_TRUE(fit->both_ways);
    ASSERT_EQ(fit->pieces.size(), 1u);
    ExpectWithin(fit->pieces[0], offset, kEpoch, 200 * kUs);
    EXPECT_LT(fit->pieces[0].uncertainty_ns, 3 * kMs);
    EXPECT_EQ(fit->pieces[0].drift_ppm, 0);
  }
}

TEST(FitClocks, StatesAnUncertaintyThatHoldsHoweverUnevenTheWays) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const int64_t there = static_cast<int64_t>(seed % 7) * 4 * kMs;
    const int64_t back = static_cast<int64_t>(seed % 5) * 6 * kMs;
    std::vector<LagGroup> groups = {
        Travel({.delay_ns = there, .jitter_ns = 5 * kMs}, true,
               Constant(kSecond), seed),
        Travel({.delay_ns = back, .jitter_ns = 5 * kMs}, false,
               Constant(kSecond), seed + 1000)};
    groups[0].reverse = 1;
    groups[1].reverse = 0;
    const auto fit = FitClocks(groups);
    ASSERT_TRUE(fit);
    ExpectWithin(fit->pieces[0], kSecond, kEpoch, 20 * kMs);
  }
}

TEST(FitClocks, FindsTheDrift) {
  const Difference drifting = [](int64_t time) {
    return 5 * kSecond + (time - kEpoch) / 5000;  // 200 ppm
  };
  const auto fit =
      FitClocks(BothWays({.delay_ns = kMs, .jitter_ns = 100 * kUs}, drifting));
  ASSERT_TRUE(fit);
  ASSERT_EQ(fit->pieces.size(), 1u);
  const ClockPiece& piece = fit->pieces[0];
  EXPECT_NEAR(piece.drift_ppm, 200, 15);
  EXPECT_LE(std::abs(piece.drift_ppm - 200), piece.drift_uncertainty_ppm);
  for (const int64_t at :
       {kEpoch, kEpoch + 8 * kSecond, kEpoch + 15 * kSecond}) {
    ExpectWithin(piece, drifting(at), at, 500 * kUs);
  }
}

TEST(FitClocks, MeasuresDriftFromCallToCall) {
  const Difference drifting = [](int64_t time) {
    return (time - kEpoch) / 100'000;  // 10 ppm
  };
  std::vector<LagGroup> groups;
  for (int call = 0; call < 5; ++call) {
    const int64_t start = kEpoch + call * 300 * kSecond;
    auto both = BothWays({.delay_ns = kMs,
                          .jitter_ns = 300 * kUs,
                          .start_ns = start,
                          .end_ns = start + 6 * kSecond},
                         drifting, 10 + static_cast<uint64_t>(call));
    both[0].reverse = groups.size() + 1;
    both[1].reverse = groups.size();
    groups.insert(groups.end(), both.begin(), both.end());
  }
  const auto fit = FitClocks(groups);
  ASSERT_TRUE(fit);
  ASSERT_EQ(fit->pieces.size(), 1u);
  EXPECT_NEAR(fit->pieces[0].drift_ppm, 10, 1);
}

TEST(FitClocks, SeesAStepOfEitherClock) {
  for (const int64_t size :
       {kSecond, -kSecond, 2112 * kSecond, -2112 * kSecond, -150 * kMs}) {
    const int64_t when = kEpoch + 7 * kSecond;
    const Difference stepping = [&](int64_t time) {
      return time < when ? 40 * kMs : 40 * kMs + size;
    };
    const auto second_set = FitClocks(
        BothWays({.delay_ns = kMs, .jitter_ns = 200 * kUs}, stepping));
    ASSERT_TRUE(second_set);
    ASSERT_EQ(second_set->pieces.size(), 2u) << size;
    ExpectWithin(second_set->pieces[0], 40 * kMs, kEpoch, 500 * kUs);
    ExpectWithin(second_set->pieces[1], 40 * kMs + size, kEpoch, 500 * kUs);
    EXPECT_NEAR(static_cast<double>(second_set->pieces[1].from_ns - when), 0,
                5e8);
    ASSERT_EQ(second_set->sets.size(), 1u);
    EXPECT_NEAR(static_cast<double>(second_set->sets[0].change_ns - size), 0,
                1e6);
    EXPECT_NEAR(static_cast<double>(second_set->sets[0].time_ns - when), 0,
                1e9);

    // The other way round.
    auto turned = BothWays({.delay_ns = kMs, .jitter_ns = 200 * kUs}, stepping);
    for (LagGroup& group : turned) {
      for (LagPoint& point : group.points) {
        point = {point.time_ns + point.lag_ns, -point.lag_ns};
      }
    }
    const auto first_set = FitClocks(turned);
    ASSERT_TRUE(first_set);
    ASSERT_EQ(first_set->pieces.size(), 2u) << size;
    // Raw times of two seconds after the beginning and before the end.
    const int64_t early = kEpoch + 2 * kSecond + 40 * kMs;
    const int64_t late = kEpoch + 13 * kSecond + 40 * kMs + size;
    ExpectWithin(first_set->PieceAt(early), -40 * kMs, early, 500 * kUs);
    ExpectWithin(first_set->PieceAt(late), -40 * kMs - size, late, 500 * kUs);
    ASSERT_EQ(first_set->sets.size(), 1u);
    EXPECT_NEAR(static_cast<double>(first_set->sets[0].change_ns + size), 0,
                1e6);
  }
}

TEST(FitClocks, TakesNoJitterForAStep) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const auto fit = FitClocks(BothWays(
        {.delay_ns = 30 * kMs, .jitter_ns = 60 * kMs}, Constant(0), seed));
    ASSERT_TRUE(fit);
    EXPECT_EQ(fit->pieces.size(), 1u) << seed;
    ExpectWithin(fit->pieces[0], 0, kEpoch, 60 * kMs);
  }
}

TEST(FitClocks, IsNotBentByAFewWrongPoints) {
  auto groups =
      BothWays({.delay_ns = kMs, .jitter_ns = 100 * kUs}, Constant(kSecond));
  groups[0].points[3].lag_ns += 500 * kMs;
  groups[1].points[20].lag_ns -= 40 * kSecond;
  const auto fit = FitClocks(groups);
  ASSERT_TRUE(fit);
  ASSERT_EQ(fit->pieces.size(), 1u);
  ExpectWithin(fit->pieces[0], kSecond, kEpoch, 300 * kUs);
}

TEST(FitClocks, BelievesMessagesOfBothDirections) {
  LagGroup sip;
  sip.mixed = true;
  sip.points = {{kEpoch, kSecond + 2 * kMs},
                {kEpoch + 5 * kMs, kSecond - kMs},
                {kEpoch + 9 * kSecond, kSecond + 2 * kMs},
                {kEpoch + 9 * kSecond + kMs, kSecond - kMs}};
  const auto fit = FitClocks({sip});
  ASSERT_TRUE(fit);
  EXPECT_TRUE(fit->both_ways);
  ExpectWithin(fit->pieces[0], kSecond, kEpoch, 2 * kMs);
}

TEST(FitClocks, SaysWhenOnlyOneDirectionWasSeen) {
  const auto fit =
      FitClocks({Travel({.delay_ns = 40 * kMs}, true, Constant(kSecond), 1)});
  ASSERT_TRUE(fit);
  EXPECT_FALSE(fit->both_ways);
  ExpectWithin(fit->pieces[0], kSecond, kEpoch, 40 * kMs);
}

TEST(FitClocks, PrefersTheShortestWay) {
  auto groups = BothWays({.delay_ns = 200 * kUs}, Constant(kSecond));
  // Through something that is slow one way only.
  groups.push_back(Travel({.delay_ns = 90 * kMs}, true, Constant(kSecond), 7));
  groups.push_back(Travel({.delay_ns = 0}, false, Constant(kSecond), 8));
  groups[2].reverse = 3;
  groups[3].reverse = 2;
  const auto fit = FitClocks(groups);
  ASSERT_TRUE(fit);
  ExpectWithin(fit->pieces[0], kSecond, kEpoch, kMs);
}

TEST(FitClocks, DoesNotDependOnTheOrderOfPointsAndGroups) {
  std::mt19937_64 random(3);
  const Difference stepping = [](int64_t time) {
    return (time - kEpoch) / 5000 + (time < kEpoch + 7 * kSecond ? 0 : kSecond);
  };
  const auto groups =
      BothWays({.delay_ns = 3 * kMs, .jitter_ns = kMs}, stepping);
  const auto expected = FitClocks(groups);
  for (int round = 0; round < 10; ++round) {
    auto shuffled = groups;
    std::swap(shuffled[0], shuffled[1]);
    shuffled[0].reverse = 1;
    shuffled[1].reverse = 0;
    for (LagGroup& group : shuffled) {
      std::shuffle(group.points.begin(), group.points.end(), random);
    }
    const auto fit = FitClocks(shuffled);
    ASSERT_EQ(fit->pieces.size(), expected->pieces.size());
    for (size_t i = 0; i < fit->pieces.size(); ++i) {
      EXPECT_EQ(fit->pieces[i].offset_ns, expected->pieces[i].offset_ns);
      EXPECT_EQ(fit->pieces[i].drift_ppm, expected->pieces[i].drift_ppm);
      EXPECT_EQ(fit->pieces[i].uncertainty_ns,
                expected->pieces[i].uncertainty_ns);
    }
  }
}

}  // namespace
}  // namespace callbraid::collector
