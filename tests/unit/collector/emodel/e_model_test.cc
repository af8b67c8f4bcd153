#include "collector/emodel/e_model.h"

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

// Published: G.107, section 7.7, and its table B.1.
TEST(EModel, IsRightWithAllDefaults) {
  const EModelRating rating = RateNarrowband({});
  EXPECT_NEAR(rating.r, 93.2, 0.05);
  EXPECT_NEAR(MosOfNarrowband(rating.r), 4.41, 0.005);
  // Ro and Is that other implementations state, which were checked against the
  // calculator of the ITU.
  EXPECT_NEAR(rating.ro, 15 - 1.5 * (8 - 61.17921438624169), 1e-9);
  EXPECT_NEAR(rating.is, 1.41356808, 1e-6);
  EXPECT_NEAR(rating.idle, 0.15, 0.01);
  EXPECT_EQ(rating.idte, 0);
  EXPECT_EQ(rating.idd, 0);
}

// G.107, annex B: what the bounds of the categories of users' satisfaction are.
TEST(EModel, MapsRToMosAsPublished) {
  EXPECT_NEAR(MosOfNarrowband(90), 4.34, 0.005);
  EXPECT_NEAR(MosOfNarrowband(80), 4.03, 0.007);
  EXPECT_NEAR(MosOfNarrowband(70), 3.60, 0.005);
  EXPECT_NEAR(MosOfNarrowband(60), 3.10, 0.005);
  EXPECT_NEAR(MosOfNarrowband(50), 2.58, 0.007);
  EXPECT_EQ(MosOfNarrowband(-5), 1);
  EXPECT_EQ(MosOfNarrowband(3), 1);
  EXPECT_EQ(MosOfNarrowband(100), 4.5);
  EXPECT_EQ(MosOfNarrowband(120), 4.5);
}

TEST(EModel, MosNeverFallsAsRGrows) {
  double before = 0;
  double before_wideband = 0;
  for (double r = -10; r <= 140; r += 0.25) {
    EXPECT_GE(MosOfNarrowband(r), before) << r;
    EXPECT_GE(MosOfWideband(r), before_wideband) << r;
    before = MosOfNarrowband(r);
    before_wideband = MosOfWideband(r);
  }
}

EModelRating AtDelay(double ms) {
  EModelInput input;
  input.t = ms;
  input.ta = ms;
  input.tr = 2 * ms;
  return RateNarrowband(input);
}

// The delays at which a connection without echo comes down to R = 70, as
// published for codecs whose Ie is known (Telektronikk 2/3.2001, table 3).
TEST(EModel, DelayCostsWhatIsPublished) {
  struct Published {
    double ms;
    double ie;
  };
  for (const Published& codec : {Published{400, 0},
                                 {375, 2},
                                 {322, 7},
                                 {294, 10},
                                 {251, 15},
                                 {219, 19},
                                 {342, 5}}) {
    EModelInput input;
    input.ta = codec.ms;
    input.ie = codec.ie;
    // Theirs begins at 94: Ro less Is without the other impairments.
    const EModelRating rating = RateNarrowband(input);
    EXPECT_NEAR(94 - rating.idd - rating.ie_eff, 70, 0.2) << codec.ms << " ms";
  }
}

TEST(EModel, DelayCountsFromWhereItIsPerceived) {
  EXPECT_EQ(AtDelay(100).idd, 0);
  EXPECT_GT(AtDelay(101).idd, 0);
  double before = AtDelay(1).r;
  for (double ms = 10; ms < 1000; ms += 10) {
    EXPECT_LE(AtDelay(ms).r, before) << ms;
    before = AtDelay(ms).r;
  }
}

TEST(EModel, EchoIsHeardAsItIsLouder) {
  EModelInput loud;
  loud.t = loud.ta = 150;
  loud.telr = 45;
  EModelInput faint = loud;
  faint.telr = 65;
  EXPECT_GT(RateNarrowband(loud).idte, RateNarrowband(faint).idte + 10);
}

TEST(EModel, SidetoneBeyondItsBoundsCounts) {
  EModelInput input;
  input.stmr = 25;
  input.t = 50;
  EModelInput usual = input;
  usual.stmr = 15;
  EXPECT_GT(RateNarrowband(input).idte, RateNarrowband(usual).idte);
}

// G.729A with voice activity detection, as in table I.3 of G.113: Ie,eff of
// random loss, from 11 at none to 26 at 4 %... and 95 where all is lost.
TEST(EModel, LossCostsByCodec) {
  EXPECT_EQ(EffectiveImpairment(11, 19, 0, 1), 11);
  EXPECT_NEAR(EffectiveImpairment(11, 19, 1, 1), 15.2, 0.01);
  EXPECT_NEAR(EffectiveImpairment(11, 19, 4, 1), 25.6, 0.1);
  EXPECT_NEAR(EffectiveImpairment(0, 25.1, 2, 1), 7.01, 0.01);
  EXPECT_NEAR(EffectiveImpairment(0, 4.3, 2, 1), 30.16, 0.01);
  // Bursts are worse; a ratio below 1 is no better than random.
  EXPECT_NEAR(EffectiveImpairment(0, 4.3, 2, 2), 35.85, 0.01);
  EXPECT_EQ(EffectiveImpairment(0, 4.3, 2, 0.2),
            EffectiveImpairment(0, 4.3, 2, 1));
  EXPECT_EQ(EffectiveImpairment(0, 4.3, 200, 1),
            EffectiveImpairment(0, 4.3, 100, 1));
}

TEST(EModel, RNeverGrowsWithLoss) {
  for (const double burst_r : {1.0, 2.0, 8.0}) {
    double before = 200;
    double before_wideband = 200;
    for (double ppl = 0; ppl <= 100; ppl += 0.5) {
      EModelInput input;
      input.ie = 5;
      input.ppl = ppl;
      input.burst_r = burst_r;
      EXPECT_LT(RateNarrowband(input).r, before) << ppl;
      EXPECT_LT(RateWideband(input).r, before_wideband) << ppl;
      before = RateNarrowband(input).r;
      before_wideband = RateWideband(input).r;
    }
  }
}

// What another implementation of G.107.1 states for these.
TEST(WidebandEModel, AgreesWithAnotherImplementation) {
  const EModelRating clean = RateWideband({});
  EXPECT_NEAR(clean.idle, 0.153685, 1e-5);
  EXPECT_NEAR(clean.r, 128.846315, 1e-5);
  EXPECT_NEAR(MosOfWideband(clean.r), 4.499152, 1e-5);
  EModelInput delayed;
  delayed.ie = 5;
  delayed.t = delayed.ta = 150;
  delayed.tr = 300;
  const EModelRating rating = RateWideband(delayed);
  EXPECT_NEAR(rating.idte, 0.355448, 1e-5);
  EXPECT_NEAR(rating.idle, 1.012266, 1e-5);
  EXPECT_NEAR(rating.idd, 0.210955, 1e-5);
  EXPECT_NEAR(rating.r, 122.421331, 1e-5);
}

// And yet another one: Ie,WB of AMR-WB at 23.85, 12.65 and 6.6 kbit/s,
// and 12.65 at 2 % loss.
TEST(WidebandEModel, MapsRToMosAsPublished) {
  EXPECT_EQ(MosOfWideband(129), 4.5);
  EXPECT_NEAR(MosOfWideband(129 - 8), 4.4206, 1e-4);
  EXPECT_NEAR(MosOfWideband(129 - 13), 4.3371, 1e-4);
  EXPECT_NEAR(MosOfWideband(129 - 41), 3.5123, 1e-4);
  EXPECT_NEAR(EffectiveImpairment(20, 4.3, 2, 1), 43.8095, 1e-4);
  EXPECT_NEAR(MosOfWideband(129 - 43.8095), 3.4062, 1e-4);
}

}  // namespace
}  // namespace callbraid::collector
