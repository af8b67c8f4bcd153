// Frames that are not as they were on the wire: put together by an offload,
// without checksums, cut by the capture.
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "collector/doctor/verdict.h"
#include "collector/doctor/words.h"

namespace callbraid::collector {
namespace {

// Checksums are looked at in samples: single ones may be chance.
constexpr uint64_t kEnoughChecksums = 3;

std::string OffloadsOn(const v1::InterfaceState& interface) {
  if (interface.gro() && interface.lro()) return "GRO and LRO are on";
  if (interface.gro()) return "GRO is on";
  return interface.lro() ? "LRO is on" : "";
}

void JudgeMerged(const PointFacts& point, Verdicts& verdicts) {
  const v1::TrafficCensus& census = point.window.census();
  if (census.oversize_frames() == 0) return;
  v1::Verdict verdict =
      AboutPoint(point, v1::VERDICT_KIND_MERGED_FRAMES, v1::SEVERITY_WARNING);
  verdict.set_text(absl::StrCat(
      Counted(census.oversize_frames(), "frame"), " of up to ",
      Counted(census.longest_frame(), "byte"),
      census.oversize_frames() == 1 ? " was" : " were",
      " captured, more than Ethernet carries: an offload (GRO, LRO, TSO) "
      "put packets together before they were captured. Times of single packets "
      "are lost, and what is longer than capture.snaplen is cut."));
  AddEvidence("frames longer than 1,522 bytes",
              static_cast<double>(census.oversize_frames()), "frames", verdict);
  AddEvidence("longest", census.longest_frame(), "bytes", verdict);
  const std::string offloads = OffloadsOn(point.window.interface());
  if (!offloads.empty()) AddEvidence("interface", offloads, verdict);
  verdict.set_cure(absl::StrCat(
      point.is_live() ? "Turn receive offloads off on the capture interface."
                      : "Turn offloads off on the machine that captures, and "
                        "capture again.",
      " (If the network has jumbo frames, all is well.)"));
  verdict.add_commands(absl::StrCat("ethtool -K ", InterfaceForShell(point),
                                    " gro off lro off"));
  verdicts.push_back(std::move(verdict));
}

void JudgeChecksums(const PointFacts& point, Verdicts& verdicts) {
  const v1::TrafficCensus& census = point.window.census();
  const uint64_t checked = census.checksums_checked();
  if (census.checksums_partial() >= kEnoughChecksums) {
    v1::Verdict verdict = AboutPoint(point, v1::VERDICT_KIND_PARTIAL_CHECKSUMS,
                                     v1::SEVERITY_NOTE);
    verdict.set_text(absl::StrCat(
        PercentText(census.checksums_partial(), checked),
        " of the UDP checksums that were looked at are partial: these packets "
        "never went over a wire, but come from a host on the same machine that "
        "leaves checksums to its NIC. Nothing is dropped for it; other tools "
        "will call them wrong."));
    AddEvidence("partial", static_cast<double>(census.checksums_partial()),
                "datagrams", verdict);
    AddEvidence("looked at", static_cast<double>(checked), "datagrams",
                verdict);
    verdict.set_cure(
        "Nothing needs to be done. To see true checksums, turn transmit "
        "checksumming off where the packets are sent.");
    verdict.add_commands("ethtool -K <interface of the sender> tx off");
    verdicts.push_back(std::move(verdict));
  }
  if (census.checksums_bad() >= kEnoughChecksums &&
      census.checksums_bad() * 100 >= checked) {
    v1::Verdict verdict =
        AboutPoint(point, v1::VERDICT_KIND_BAD_CHECKSUMS, v1::SEVERITY_WARNING);
    verdict.set_text(absl::StrCat(
        PercentText(census.checksums_bad(), checked),
        " of the UDP checksums that were looked at are wrong: frames are "
        "damaged on the way into this capture point. They are used as they "
        "are."));
    AddEvidence("wrong", static_cast<double>(census.checksums_bad()),
                "datagrams", verdict);
    AddEvidence("looked at", static_cast<double>(checked), "datagrams",
                verdict);
    verdict.set_cure(
        "See to cable, duplex and transceiver of the SPAN link; if the switch "
        "rewrites addresses in mirrored frames, mirror before it does.");
    verdicts.push_back(std::move(verdict));
  }
}

void JudgeCut(const PointFacts& point, Verdicts& verdicts) {
  const v1::TrafficCensus& census = point.window.census();
  if (census.truncated_frames() == 0) return;
  v1::Verdict verdict =
      AboutPoint(point, v1::VERDICT_KIND_FRAMES_CUT, v1::SEVERITY_PROBLEM);
  verdict.set_text(absl::StrCat(
      Counted(census.truncated_frames(), "frame"),
      census.truncated_frames() == 1 ? " was" : " were",
      " cut by the capture (snaplen); the longest had ",
      Counted(census.longest_truncated_frame(), "byte"),
      ". Long SIP messages lose their SDP, and speech loses its end."));
  AddEvidence("frames cut", static_cast<double>(census.truncated_frames()),
              "frames", verdict);
  AddEvidence("captured", static_cast<double>(point.window.packets()), "frames",
              verdict);
  AddEvidence("longest of them", census.longest_truncated_frame(), "bytes",
              verdict);
  if (point.point.snaplen() > 0) {
    AddEvidence("capture.snaplen", point.point.snaplen(), "bytes", verdict);
  }
  if (point.is_live()) {
    verdict.set_cure(
        "Let the sensor keep whole frames, and turn receive offloads off.");
    verdict.add_commands("capture: {snaplen: 2048}");
    verdict.add_commands(absl::StrCat("ethtool -K ", InterfaceForShell(point),
                                      " gro off lro off"));
  } else {
    verdict.set_cure("Capture the file again with whole frames.");
    verdict.add_commands("tcpdump -s 0 -w FILE");
  }
  verdicts.push_back(std::move(verdict));
}

}  // namespace

Verdicts JudgeFrames(const Facts& facts) {
  Verdicts verdicts;
  for (const PointFacts& point : facts.points) {
    if (!point.has_report) continue;
    JudgeMerged(point, verdicts);
    JudgeChecksums(point, verdicts);
    JudgeCut(point, verdicts);
  }
  return verdicts;
}

}  // namespace callbraid::collector
