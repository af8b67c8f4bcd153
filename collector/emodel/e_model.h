#ifndef CALLBRAID_COLLECTOR_EMODEL_E_MODEL_H_
#define CALLBRAID_COLLECTOR_EMODEL_E_MODEL_H_

namespace callbraid::collector {

// What a connection is like, in the terms of ITU-T G.107 (06/2015): names,
// units and defaults are those of its table 3, and mT and sT those of table 1.
// Levels and ratings in dB, noise in dBm0p, room noise in dB(A), times in
// milliseconds, losses in per cent.
struct EModelInput {
  double slr = 8;      // Send loudness rating.
  double rlr = 2;      // Receive loudness rating.
  double stmr = 15;    // Sidetone masking rating.
  double lstr = 18;    // Listener sidetone rating.
  double ds = 3;       // D-value of the telephone, sending side.
  double telr = 65;    // Talker echo loudness rating.
  double wepl = 110;   // Weighted echo path loss.
  double t = 0;        // Mean one-way delay of the echo path.
  double tr = 0;       // Round-trip delay in the four-wire loop.
  double ta = 0;       // Absolute delay from mouth to ear, free of echo.
  double qdu = 1;      // Quantizing distortion units.
  double ie = 0;       // Equipment impairment factor; wideband: Ie,WB.
  double bpl = 4.3;    // Packet-loss robustness factor; wideband: Bpl,WB.
  double ppl = 0;      // Random packet-loss probability, 0 to 100.
  double burst_r = 1;  // Burst ratio; below 1 is taken for 1.
  double nc = -70;     // Circuit noise, referred to the 0 dBr point.
  double ps = 35;      // Room noise, sending side.
  double pr = 35;      // Room noise, receiving side.
  double a = 0;        // Advantage factor.
  double mt = 100;     // Minimum perceivable delay.
  double st = 1;       // Delay sensitivity.
};

// R and what it is made of: r = ro - is - idte - idle - idd - ie_eff + a.
struct EModelRating {
  double r = 0;
  double ro = 0;
  double is = 0;
  double idte = 0;
  double idle = 0;
  double idd = 0;
  double ie_eff = 0;
};

// ITU-T G.107 (06/2015). R is 93.2 with all defaults. Not clamped.
EModelRating RateNarrowband(const EModelInput& input);

// ITU-T G.107.1 (06/2019): R is 129 without any impairment. Loudness, noise and
// sidetone count only in so far as echo does. The standard has no BurstR; it
// counts here as in G.107, which is an assumption.
EModelRating RateWideband(const EModelInput& input);

// Ie,eff (G.107, section 7.5), the same for both.
double EffectiveImpairment(double ie, double bpl, double ppl, double burst_r);

// Mean opinion score, 1 to 4.5 (G.107, annex B; G.107.1, annex A).
double MosOfNarrowband(double r);
double MosOfWideband(double r);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EMODEL_E_MODEL_H_
