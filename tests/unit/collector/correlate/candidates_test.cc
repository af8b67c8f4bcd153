#include <string>
#include <vector>

#include "tests/unit/collector/correlate/apart.h"

// Look-ups that are cut because too many share a token: what comes out must not
// depend on who came last, nor on where one begins to look.

namespace callbraid::collector {
namespace {

using fakes::Dialog;
using fakes::kEpoch;
using fakes::kMs;
using fakes::Spot;
using scenes::Between;
using scenes::kUuidA;
using scenes::LegOf;
using scenes::With;
using store::v1::LINK_KIND_HEADER;
using store::v1::LINK_KIND_REPLACES;
using store::v1::LINK_KIND_SESSION_ID;

constexpr char kPbx[] = "10.0.0.9";
constexpr int64_t kHourMs = 3'600'000;
constexpr int kTooMany = 70;

class CandidatesTest : public scenes::ApartTest {
 protected:
  // When the window after the next one begins.
  static int64_t WindowAt(int64_t window_ms) {
    return 2 * window_ms - kEpoch / kMs % window_ms;
  }
  void Flood(const std::vector<Dialog>& dialogs) {
    std::vector<StoredObservation> seen;
    for (const Dialog& dialog : dialogs) seen.push_back(See(dialog, Spot()));
    braid_.Add(seen);
  }
  static Dialog Carry(const Dialog& leg) {
    return With(leg, LINK_KIND_SESSION_ID, kUuidA);
  }
};

TEST_F(CandidatesTest, NumbersAreWithdrawnByOneWhoseOwnLookUpIsCrowded) {
  const EvidencePolicy policy;
  const int64_t window_ms = (policy.bridge_setup_ns +
                             policy.clock_tolerance_ns + policy.hop_delay_ns) /
                            kMs;
  const int64_t start_ms = WindowAt(window_ms);
  const Dialog in = Between(
      LegOf("in", "10.0.1.1", kPbx, start_ms + window_ms - 500), "101", "1000");
  Dialog out = Between(
      LegOf("out", kPbx, "10.0.2.1", start_ms + window_ms - 400), "71", "1000");
  Dialog rival =
      Between(LegOf("rival", kPbx, "10.0.2.2", start_ms + window_ms + 100),
              "72", "1000");
  out.answer_ms = rival.answer_ms = in.answer_ms;
  out.end_ms = rival.end_ms = in.end_ms;
  const auto a = Add(in);
  const auto b = Add(out);
  // They are looked up by the rival, but not by the two.
  std::vector<Dialog> flood;
  for (int i = 0; i < kTooMany; ++i) {
    const std::string n = std::to_string(i);
    flood.push_back(Between(LegOf("flood" + n, "10.0.6." + n, kPbx,
                                  start_ms + 2 * window_ms + 100 + i),
                            "6" + std::to_string(1000 + i), "1000"));
  }
  Flood(flood);
  ExpectTogether(a, b);
  Add(rival);
  ExpectApart(a, b);
}

TEST_F(CandidatesTest, AValueIsWithdrawnByOneWhoseOwnLookUpIsCrowded) {
  const int64_t start_ms = WindowAt(kHourMs);
  const auto a = Add(
      Carry(Between(LegOf("in", "10.0.1.1", kPbx, start_ms + 100), "1", "2")));
  const auto b = Add(
      Carry(Between(LegOf("out", kPbx, "10.0.2.1", start_ms + 200), "3", "4")));
  std::vector<Dialog> flood;
  for (int i = 0; i < kTooMany; ++i) {
    const std::string n = std::to_string(i);
    flood.push_back(Carry(LegOf("flood" + n, "10.0.6." + n, "10.0.7.7",
                                start_ms + 2 * kHourMs + i)));
  }
  Flood(flood);
  ExpectTogether(a, b);
  Add(Carry(
      Between(LegOf("later", "10.0.1.2", kPbx, start_ms + kHourMs), "5", "6")));
  ExpectApart(a, b);
}

TEST_F(CandidatesTest, WhoFindsAndIsNotFoundIsNoCandidate) {
  // What it replaces is named by too many; it shares a value with that, but of
  // those that carry it there are too many in its own hour.
  const int64_t start_ms = WindowAt(kHourMs);
  Dialog named = Carry(LegOf("named", "10.0.1.1", "10.0.1.2", start_ms + 100));
  named.end_ms = start_ms + 2 * kHourMs;
  Dialog pickup =
      Carry(LegOf("pickup", "10.0.1.3", "10.0.1.1", start_ms + kHourMs + 100));
  pickup.links.push_back(scenes::NamingToInitiator(LINK_KIND_REPLACES, named));
  std::vector<Dialog> flood;
  for (int i = 0; i < kTooMany; ++i) {
    const std::string n = std::to_string(i);
    const Dialog later = LegOf("flood" + n, "10.0.6." + n, "10.0.7.7",
                               start_ms + 2 * kHourMs + i);
    flood.push_back(With(Carry(later), LINK_KIND_HEADER, "named"));
  }
  Flood(flood);
  const auto a = Add(pickup);
  const auto b = Add(named);
  ExpectApart(a, b);
}

}  // namespace
}  // namespace callbraid::collector
