#include "collector/emodel/codec_impairment.h"

#include <limits>

#include "absl/strings/match.h"

namespace callbraid::collector {
namespace {

// Ie of narrowband codecs: ITU-T G.113, appendix I, table I.1; Bpl: table I.3
// of editions up to 2007, for packets of 10 ms (G.711), 20 ms (G.729A, GSM-EFR)
// and 30 ms (G.723.1). The edition of 09/2024 has the same Ie and no Bpl.
constexpr char kG113[] = "G.113 appendix I";
// No Bpl in G.113: 10.0 of GSM-EFR, the least that it has for a codec with
// concealment.
constexpr char kG113NoBpl[] = "Ie: G.113 appendix I; Bpl: assumed";
constexpr double kLeastBpl = 10.0;

// AMR is not in G.113. Its mode of 12.2 kbit/s is GSM-EFR (3GPP TS 26.071),
// which is. The Ie of the others are worked out from the tolerable delays in
// table 3 of "Controlling Voice Quality" in Telektronikk 2/3.2001: Idd of G.107
// at that delay and Ie leave R = 70. Of G.726, G.729, G.723.1 and GSM-EFR,
// which are in that table too, this gives the values of G.113 to within 0.2.
constexpr char kAmr[] =
    "Ie: by delays in Telektronikk 2/3.2001; Bpl: that of GSM-EFR";

// RFC 3951 says of iLBC: better than G.729A without loss, and well above it
// with. No measured values: Ie of G.729, Bpl of G.711 with concealment.
constexpr char kIlbc[] = "assumed: Ie of G.729, Bpl of G.711";

// Ie,WB: G.113 (09/2024), appendix IV, table IV.1, heard with one ear (a
// handset). 23.85 kbit/s is worse than 23.05 there.
// Bpl,WB: table IV.4 has three modes of AMR-WB, heard with both ears; it has
// none for one ear. The others get that of the nearest mode.
constexpr char kG113Wideband[] = "Ie: G.113 appendix IV; Bpl: for two ears";
constexpr char kG113WidebandNoBpl[] = "Ie: G.113 appendix IV; Bpl: assumed";
constexpr double kBpl1265 = 4.3;
constexpr double kBpl2305 = 4.6;
constexpr double kBpl2385 = 4.9;

// Opus is not in G.113 on this scale. Values measured by M. Al-Ahmadi and
// others (Opus_emodel.js, 2021): wideband up to 15 kbit/s; above, the
// superwideband ones at variable rate, less the 19 by which G.113 says that Ie
// of the fullband scale exceeds Ie,WB. Bpl: at random loss.
constexpr char kOpus[] = "provisional: Al-Ahmadi 2021, not standardized";

constexpr double kAnyRate = std::numeric_limits<double>::infinity();

struct Entry {
  const char* name;
  // The first entry holds that the payload does not exceed, in bit/s. Payloads
  // are some bits and up to a byte more than the frames in them.
  double up_to;
  CodecImpairment impairment;
};

constexpr Entry Narrow(const char* name, double up_to, double ie, double bpl,
                       const char* source) {
  return {name, up_to, {ie, bpl, false, source != kG113, source}};
}
constexpr Entry Wide(const char* name, double up_to, double ie, double bpl,
                     const char* source) {
  return {name, up_to, {ie, bpl, true, true, source}};
}

constexpr Entry kTable[] = {
    Narrow("PCMU", kAnyRate, 0, 25.1, kG113),
    Narrow("PCMA", kAnyRate, 0, 25.1, kG113),
    Narrow("G726-40", kAnyRate, 2, kLeastBpl, kG113NoBpl),
    Narrow("G726-32", kAnyRate, 7, kLeastBpl, kG113NoBpl),
    Narrow("G726-24", kAnyRate, 25, kLeastBpl, kG113NoBpl),
    Narrow("G726-16", kAnyRate, 50, kLeastBpl, kG113NoBpl),
    Narrow("G721", kAnyRate, 7, kLeastBpl, kG113NoBpl),
    Narrow("G728", 14'400, 20, kLeastBpl, kG113NoBpl),
    Narrow("G728", kAnyRate, 7, kLeastBpl, kG113NoBpl),
    // RTP does not tell G.729 (Ie 10) from G.729A, which phones use.
    Narrow("G729", kAnyRate, 11, 19.0, kG113),
    // 5.3 kbit/s is 20 bytes in 30 ms, 6.3 kbit/s 24.
    Narrow("G723", 5'900, 19, 16.1, kG113),
    Narrow("G723", kAnyRate, 15, 16.1, kG113),
    Narrow("GSM", kAnyRate, 20, kLeastBpl, kG113NoBpl),
    Narrow("GSM-HR-08", kAnyRate, 23, kLeastBpl, kG113NoBpl),
    Narrow("GSM-EFR", kAnyRate, 5, 10.0, kG113),
    Narrow("iLBC", kAnyRate, 10, 25.1, kIlbc),
    // 14, 15, 16 or 17, 18 or 19, 20 or 21, 22, 27 or 28, 32 or 33 bytes in 20
    // ms (RFC 4867, bandwidth-efficient or octet-aligned).
    Narrow("AMR", 5'600, 21, 10.0, kAmr),
    Narrow("AMR", 6'200, 20, 10.0, kAmr),
    Narrow("AMR", 7'000, 17, 10.0, kAmr),
    Narrow("AMR", 7'800, 14, 10.0, kAmr),
    Narrow("AMR", 8'600, 12, 10.0, kAmr),
    Narrow("AMR", 9'600, 10, 10.0, kAmr),
    Narrow("AMR", 11'800, 6, 10.0, kAmr),
    Narrow("AMR", kAnyRate, 5, 10.0, kAmr),
    // 64 kbit/s, which is all that RFC 3551 has; Bpl: the highest of AMR-WB.
    Wide("G722", kAnyRate, 13, kBpl2385, kG113WidebandNoBpl),
    // 18 or 19, 24 or 25, 33 or 34, 37 or 38, 41 or 42, 47 or 48, 51 or 52, 59
    // or 60, 61 or 62 bytes in 20 ms.
    Wide("AMR-WB", 8'400, 41, kBpl1265, kG113WidebandNoBpl),
    Wide("AMR-WB", 11'600, 26, kBpl1265, kG113WidebandNoBpl),
    Wide("AMR-WB", 14'200, 13, kBpl1265, kG113Wideband),
    Wide("AMR-WB", 15'800, 10, kBpl1265, kG113WidebandNoBpl),
    Wide("AMR-WB", 17'800, 7, kBpl1265, kG113WidebandNoBpl),
    Wide("AMR-WB", 19'800, 5, kBpl2305, kG113WidebandNoBpl),
    Wide("AMR-WB", 22'200, 3, kBpl2305, kG113WidebandNoBpl),
    Wide("AMR-WB", 24'200, 1, kBpl2305, kG113Wideband),
    Wide("AMR-WB", kAnyRate, 8, kBpl2385, kG113Wideband),
    Wide("opus", 11'500, 28.4, 23.9, kOpus),
    Wide("opus", 12'500, 23.3, 22.2, kOpus),
    Wide("opus", 15'500, 20.0, 19.5, kOpus),
    Wide("opus", 17'500, 11.2, 11.8, kOpus),
    Wide("opus", 20'500, 4.8, 10.7, kOpus),
    Wide("opus", 26'500, 1.2, 10.5, kOpus),
    Wide("opus", kAnyRate, 0, 10.4, kOpus),
};

// Bpl of G.711 where losses are silence (G.113, table I.3).
constexpr double kBplOfSilence = 4.3;

}  // namespace

std::optional<CodecImpairment> ImpairmentOf(std::string_view name,
                                            double bits_per_second,
                                            bool conceals) {
  constexpr std::string_view kOtherPacking = "AAL2-";
  if (name.starts_with(kOtherPacking)) name.remove_prefix(kOtherPacking.size());
  // A rate that is not known is taken for the highest.
  const double rate = bits_per_second > 0 ? bits_per_second : kAnyRate;
  for (const Entry& entry : kTable) {
    if (rate > entry.up_to ||
        !absl::EqualsIgnoreCase(absl::string_view(name.data(), name.size()),
                                entry.name)) {
      continue;
    }
    CodecImpairment impairment = entry.impairment;
    if (!conceals && absl::StartsWithIgnoreCase(entry.name, "PCM")) {
      impairment.bpl = kBplOfSilence;
    }
    return impairment;
  }
  return std::nullopt;
}

}  // namespace callbraid::collector
