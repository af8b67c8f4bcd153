// Calls whose voice or signalling cannot be read.
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "collector/doctor/verdict.h"
#include "collector/doctor/words.h"

namespace callbraid::collector {
namespace {

void JudgeMediaOf(const std::string& site, const Facts& facts,
                  Verdicts& verdicts) {
  uint64_t calls = 0;
  uint64_t encrypted = 0;
  v1::Verdict verdict =
      AboutSite(site, v1::VERDICT_KIND_ENCRYPTED_MEDIA, v1::SEVERITY_NOTE);
  for (const CallFacts& call : facts.calls) {
    if (call.sites.count(site) == 0 || call.call.streams().empty()) continue;
    ++calls;
    if (!call.HasFlag(v1::CALL_FLAG_ENCRYPTED)) continue;
    ++encrypted;
    AddCall(call.call, verdict);
  }
  if (encrypted == 0) return;
  uint64_t handshakes = 0;
  for (const PointFacts& point : facts.points) {
    if (point.site != site) continue;
    handshakes += point.window.census().dtls_handshakes();
  }
  verdict.set_text(absl::StrCat(
      Part(encrypted, calls, "call", "with media is", "with media are"),
      " encrypted (SRTP), and no keys are known here: metadata only. "
      "Who called whom, times, loss and jitter are right; there "
      "is nothing to listen to."));
  AddEvidence("encrypted calls", static_cast<double>(encrypted), "calls",
              verdict);
  AddEvidence("calls with media", static_cast<double>(calls), "calls", verdict);
  if (handshakes > 0) {
    AddEvidence("DTLS handshakes", static_cast<double>(handshakes), "datagrams",
                verdict);
  }
  const char* inside =
      "let the PBX speak plain RTP on the inside, or put a sensor where it "
      "does.";
  verdict.set_cure(absl::StrCat(
      "If these calls are to be recorded, ",
      handshakes == 0 ? ""
                      : "give the sensor the key log of the PBX or gateway "
                        "(decrypt.key_logs), ",
      inside));
  verdicts.push_back(std::move(verdict));
}

void JudgeSignallingAt(const PointFacts& point, Verdicts& verdicts) {
  const v1::TrafficCensus& census = point.window.census();
  if (census.sip_tls_segments() == 0) return;
  // Where the sensor has keys, it is about the connections that it has none
  // for.
  const uint64_t unread = census.tls_connections_without_key();
  if (unread == 0 && census.tls_connections_with_key() > 0) return;
  const bool is_all = census.sip_messages() == 0;
  v1::Verdict verdict =
      AboutPoint(point, v1::VERDICT_KIND_ENCRYPTED_SIGNALLING,
                 is_all ? v1::SEVERITY_WARNING : v1::SEVERITY_NOTE);
  verdict.set_text(absl::StrCat(
      is_all ? "All signalling here is encrypted (SIP over TLS, port 5061): "
             : "Some signalling here is encrypted (SIP over TLS, port 5061): ",
      "who called whom cannot be read, and its media appear as calls without "
      "signalling."));
  AddEvidence("TLS on port 5061",
              static_cast<double>(census.sip_tls_segments()), "segments",
              verdict);
  AddEvidence("SIP that was read", static_cast<double>(census.sip_messages()),
              "messages", verdict);
  if (census.tls_connections() > 0) {
    AddEvidence("TLS connections with a key",
                static_cast<double>(census.tls_connections_with_key()),
                "connections", verdict);
    AddEvidence("TLS connections without a key", static_cast<double>(unread),
                "connections", verdict);
  }
  verdict.set_cure(
      "Give the sensor the key logs of the PBX or proxy (decrypt.key_logs), "
      "let "
      "phones and PBX signal by UDP or TCP on the inside, or put a sensor "
      "where they do (between PBX and trunk, for one).");
  verdicts.push_back(std::move(verdict));
}

}  // namespace

Verdicts JudgeEncryption(const Facts& facts) {
  Verdicts verdicts;
  std::set<std::string> sites;
  for (const PointFacts& point : facts.points) {
    if (!point.has_report) continue;
    sites.insert(point.site);
    JudgeSignallingAt(point, verdicts);
  }
  for (const std::string& site : sites) JudgeMediaOf(site, facts, verdicts);
  return verdicts;
}

}  // namespace callbraid::collector
