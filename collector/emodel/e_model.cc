#include "collector/emodel/e_model.h"

#include <algorithm>
#include <cmath>

// Numbers in parentheses are equations of ITU-T G.107 (06/2015), and of G.107.1
// (06/2019) where it says so.

namespace callbraid::collector {
namespace {

// Noise floor at the receiving side, dBm0p: Nfor of G.107, 7.2; of G.107.1,
// table 1.
constexpr double kNoiseFloor = -64;
constexpr double kNoiseFloorWideband = -96;

// Ro of G.107.1 (7-2).
constexpr double kBestWideband = 129;
// How many times longer the scale of G.107.1 is than that of G.107: in (7-13)
// and.
constexpr double kScaleWideband = 1.29;

double FromDb(double db) { return std::pow(10, db / 10); }
double ToDb(double power) { return 10 * std::log10(power); }

// (1 + x^n)^(1/n): how the curves of the standard bend from one line to
// another.
double Bend(double x, double n) { return std::pow(1 + std::pow(x, n), 1 / n); }

// No: all sources of noise at the 0 dBr point (7-3 to 7-7).
double Noise(const EModelInput& in, double floor) {
  const double olr = in.slr + in.rlr;
  const double over = in.ps - olr - in.ds - 14;
  const double sending = in.ps - in.slr - in.ds - 100 + 0.004 * over * over;
  const double room = in.pr + ToDb(1 + FromDb(10 - in.lstr));
  const double receiving = in.rlr - 121 + room + 0.008 * std::pow(room - 35, 2);
  return ToDb(FromDb(in.nc) + FromDb(sending) + FromDb(receiving) +
              FromDb(floor + in.rlr));
}

// Ist: sidetone that is too loud or too faint (7-11, 7-12).
double Sidetone(const EModelInput& in) {
  const double stmro =
      -ToDb(FromDb(-in.stmr) + std::exp(-in.t / 4) * FromDb(-in.telr));
  return 12 * Bend((stmro - 13) / 6, 8) - 28 * Bend((stmro + 1) / 19.4, 35) -
         13 * Bend((stmro - 3) / 33, 13) + 29;
}

// Iolr: too low a loudness rating, which is too loud (7-9, 7-10).
double Loudness(const EModelInput& in, double no) {
  const double xolr = in.slr + in.rlr + 0.2 * (64 + no - in.rlr);
  return 20 * (Bend(xolr / 8, 8) - xolr / 8);
}

// Iq: quantizing distortion (7-13 to 7-17).
double Quantizing(const EModelInput& in, double ro) {
  const double q = 37 - 1.5 * ToDb(std::max(1.0, in.qdu));
  const double g = 1.07 + 0.258 * q + 0.0602 * q * q;
  const double y = (ro - 100) / 15 + 46 / 8.4 - g / 9;
  const double z = 46.0 / 30 - g / 40;
  return 15 * std::log10(1 + std::pow(10, y) + std::pow(10, z));
}

// TERV without the terms of either band: what is left of the talker's echo.
double EchoLoudness(const EModelInput& in) {
  return in.telr - 40 * std::log10((1 + in.t / 10) / (1 + in.t / 150)) +
         6 * std::exp(-0.3 * in.t * in.t);
}

// (7-19) from Roe and Re, and its like.
double EchoImpairment(double roe, double re, double t) {
  const double half = (roe - re) / 2;
  return (half + std::sqrt(half * half + 100) - 1) * (1 - std::exp(-t));
}

// Idte (7-19 to 7-24).
double TalkerEcho(const EModelInput& in, double no, double ist) {
  // Echo this early is sidetone.
  double echo = 0;
  if (in.t >= 1) {
    const double terv = EchoLoudness(in) + (in.stmr < 9 ? ist / 2 : 0);
    echo = EchoImpairment(-1.5 * (no - in.rlr), 80 + 2.5 * (terv - 14), in.t);
  }
  return in.stmr > 20 ? std::hypot(echo, ist) : echo;
}

// G.107.1 (7-5 to 7-10).
double TalkerEchoWideband(const EModelInput& in, double no) {
  const double k = in.t < 100 ? 0.08 * in.t + 10 : 18;
  const double re = 80 + 3 * (EchoLoudness(in) + k - 14);
  return EchoImpairment(-1.5 * (no - in.rlr), re, in.t);
}

// Idle (7-25, 7-26).
double ListenerEcho(const EModelInput& in, double ro) {
  const double rle = 10.5 * (in.wepl + 7) * std::pow(in.tr + 1, -0.25);
  const double half = (ro - rle) / 2;
  return half + std::sqrt(half * half + 169);
}

// Idd (7-27, 7-28).
double AbsoluteDelay(const EModelInput& in) {
  if (in.ta <= in.mt) return 0;
  const double x = std::log2(in.ta / in.mt);
  return 25 * (Bend(x, 6 * in.st) - 3 * Bend(x / 3, 6 * in.st) + 2);
}

void Sum(double a, EModelRating& rating) {
  rating.r = rating.ro - rating.is - rating.idte - rating.idle - rating.idd -
             rating.ie_eff + a;
}

// (B-4). The curve falls below 1 between 0 and 6.5.
double Mos(double r) {
  if (r <= 0) return 1;
  if (r >= 100) return 4.5;
  return std::max(1.0, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6);
}

}  // namespace

EModelRating RateNarrowband(const EModelInput& input) {
  EModelRating rating;
  const double no = Noise(input, kNoiseFloor);
  rating.ro = 15 - 1.5 * (input.slr + no);  // (7-2)
  const double ist = Sidetone(input);
  rating.is = Loudness(input, no) + ist + Quantizing(input, rating.ro);
  rating.idte = TalkerEcho(input, no, ist);
  rating.idle = ListenerEcho(input, rating.ro);
  rating.idd = AbsoluteDelay(input);
  rating.ie_eff =
      EffectiveImpairment(input.ie, input.bpl, input.ppl, input.burst_r);
  Sum(input.a, rating);
  return rating;
}

EModelRating RateWideband(const EModelInput& input) {
  EModelRating rating;
  rating.ro = kBestWideband;
  rating.idte = TalkerEchoWideband(input, Noise(input, kNoiseFloorWideband));
  rating.idle = ListenerEcho(input, rating.ro);        // G.107.1 (7-11, 7-12).
  rating.idd = kScaleWideband * AbsoluteDelay(input);  // G.107.1 (7-13).
  // G.107.1 (7-15): the 95 is that of G.107.
  rating.ie_eff =
      EffectiveImpairment(input.ie, input.bpl, input.ppl, input.burst_r);
  Sum(input.a, rating);
  return rating;
}

// (7-29)
double EffectiveImpairment(double ie, double bpl, double ppl, double burst_r) {
  const double lost = std::clamp(ppl, 0.0, 100.0);
  if (lost == 0) return ie;
  return ie + (95 - ie) * lost / (lost / std::max(1.0, burst_r) + bpl);
}

double MosOfNarrowband(double r) { return Mos(r); }
double MosOfWideband(double r) { return Mos(r / kScaleWideband); }

}  // namespace callbraid::collector
