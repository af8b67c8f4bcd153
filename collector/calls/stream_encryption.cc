#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "collector/calls/call_streams.h"
#include "collector/secure/crypto_attribute.h"
#include "common/base/absl_string.h"

namespace callbraid::collector {
namespace {

using Media = store::v1::SdpMedia;

// Less of a stream in clear than this is given up with what follows, which has
// no key: parties that agree on keys in the media begin so.
constexpr int64_t kBriefNs = 5 * EvidencePolicy::kSecond;
// What SDP says so shortly before a stream ends is of what follows it.
constexpr int64_t kLastWordsNs = EvidencePolicy::kSecond;

// The kind of line that tells of `stream`.
std::string_view KindOf(const CallStream& stream) {
  return stream.codec.kind.empty() ? std::string_view("audio")
                                   : std::string_view(stream.codec.kind);
}

// The lines of that kind of one side's newest SDP before `by_ns` (aligned); if
// there is none, of the first after that. Empty if this side's SDP was not
// seen.
std::vector<const Media*> LinesOf(const CallLeg& leg, std::string_view kind,
                                  bool from_initiator, int64_t by_ns,
                                  const SensorClocks& clocks) {
  std::vector<const Media*> best;
  const Node* best_node = nullptr;
  int64_t best_ns = 0;
  for (const Node* node : leg.nodes) {
    for (const Media& media : node->dialog().media()) {
      if (media.from_initiator() != from_initiator || media.kind() != kind) {
        continue;
      }
      const int64_t at = clocks.Align(node->sensor(), media.time_ns());
      if (node == best_node && at == best_ns) {
        best.push_back(&media);
        continue;
      }
      const bool better = best.empty()       ? true
                          : best_ns <= by_ns ? at <= by_ns && at > best_ns
                                             : at < best_ns;
      if (!better) continue;
      best = {&media};
      best_node = node;
      best_ns = at;
    }
  }
  return best;
}

// What both sides say of the stream's line. Null if that side's SDP was not
// seen.
struct Line {
  const Media* sender = nullptr;
  const Media* receiver = nullptr;

  // One that is refused has port 0 (RFC 3264, section 6).
  bool IsRefused() const {
    return (sender != nullptr && sender->rtp().port() == 0) ||
           (receiver != nullptr && receiver->rtp().port() == 0);
  }
  bool Names(const CallStream& stream) const {
    return (receiver != nullptr &&
            EndAt(stream, *receiver) == LineEnd::kDestination) ||
           (sender != nullptr && EndAt(stream, *sender) == LineEnd::kSource);
  }
};

// By the SDP of `leg` at that time: the line that names the stream's endpoints,
// else the first that neither side refused.
Line LineAt(const CallStream& stream, const CallLeg& leg, int64_t by_ns,
            const SensorClocks& clocks) {
  const bool initiator_sends =
      stream.from_initiator.value_or(stream.side != v1::SIDE_CALLEE);
  const auto sender =
      LinesOf(leg, KindOf(stream), initiator_sends, by_ns, clocks);
  const auto receiver =
      LinesOf(leg, KindOf(stream), !initiator_sends, by_ns, clocks);
  const auto at = [](const std::vector<const Media*>& lines, size_t i) {
    return i < lines.size() ? lines[i] : nullptr;
  };
  std::optional<Line> first;
  for (size_t i = 0; i < std::max(sender.size(), receiver.size()); ++i) {
    const Line line = {at(sender, i), at(receiver, i)};
    if (line.IsRefused()) continue;
    if (line.Names(stream)) return line;
    if (!first) first = line;
  }
  return first.value_or(Line{at(sender, 0), at(receiver, 0)});
}

// The suite that the two agreed on: that of the answer, which has one; else the
// first that is known here. Empty if neither side names any.
std::string SuiteOf(const Media* sender, const Media* receiver) {
  const Media* named = nullptr;
  for (const Media* line : {sender, receiver}) {
    if (line == nullptr || line->crypto_suites().empty()) continue;
    if (named == nullptr ||
        line->crypto_suites_size() < named->crypto_suites_size()) {
      named = line;
    }
  }
  if (named == nullptr) return "";
  for (const std::string& suite : named->crypto_suites()) {
    if (FindSuite(suite) != nullptr) return suite;
  }
  return named->crypto_suites(0);
}

// Bytes of the tag that SRTP adds to a payload (RFC 3711, 7714): 4 with ZRTP's
// and SDES' short one, 10, 16.
bool IsTagSize(uint32_t bytes) {
  return bytes == 4 || bytes == 10 || bytes == 16;
}

// Whether most packets of that type are longer by just a tag than what is in
// them. Of those that began in clear (ZRTP) all but a few must be: with the
// others their payload is not heard.
bool IsTagged(const store::v1::PayloadTypeUse& use) {
  constexpr uint32_t kSureLead = 8;
  const auto is_tagged = [&use](uint32_t bytes) {
    return bytes >= use.timestamp_step() &&
           IsTagSize(bytes - use.timestamp_step());
  };
  if (use.timestamp_step_lead() < kSureLead || use.timestamp_step() == 0) {
    return false;
  }
  if (use.usual_size_lead() == 0) return is_tagged(use.payload_size());
  return is_tagged(use.usual_size()) &&
         (is_tagged(use.payload_size()) ||
          uint64_t{10} * use.usual_size_lead() >= uint64_t{9} * use.packets());
}

// G.711 and G.722 have a byte for each unit of the timestamp. A payload that is
// longer by just a tag is SRTP that no SDP told of: keyed by ZRTP in the media,
// or in signalling that was not seen.
bool HasTag(const CallStream& stream) {
  const StreamCodec& codec = stream.codec;
  const auto is = [&codec](const char* name) {
    return absl::EqualsIgnoreCase(codec.name, name);
  };
  if (!is("PCMU") && !is("PCMA") && !is("G722")) return false;
  if (codec.redundant) return false;
  bool any = false;
  for (const StreamSighting& sighting : stream.sightings) {
    for (const auto& use : sighting.node->rtp().payload_types()) {
      if (use.payload_type() != codec.payload_type) continue;
      if (!IsTagged(use)) return false;
      any = true;
    }
  }
  return any;
}

// What DTLS agreed on, on the flow of the stream itself (RFC 5764); not
// encrypted if no handshake was seen there.
StreamEncryption ByDtls(const CallStream& stream) {
  std::map<std::string_view, uint32_t> suites;  // With the size of their tag.
  uint32_t unknown_profile = 0;
  bool any = false;
  for (const StreamSighting& sighting : stream.sightings) {
    for (const auto& agreed : sighting.node->rtp().dtls_srtp()) {
      any = true;
      const SrtpSuite* suite = FindSuiteOfProfile(agreed.profile());
      if (suite == nullptr) {
        unknown_profile = std::max(unknown_profile, agreed.profile());
      } else if (agreed.has_key()) {
        suites.emplace(suite->name, suite->tag_bytes);
      }
    }
  }
  if (!any) return {};
  if (suites.size() == 1) {
    const auto& [suite, tag_bytes] = *suites.begin();
    return {true, true, absl::StrCat("DTLS-SRTP, ", ToAbsl(suite)), tag_bytes};
  }
  // Which of them DTLS 1.3 does not say in clear.
  if (!suites.empty()) return {true, true, "DTLS-SRTP"};
  if (unknown_profile == 0) return {true, false, "no key (DTLS-SRTP)"};
  return {true, false,
          absl::StrCat("no key (DTLS-SRTP, profile ", unknown_profile,
                       " is not supported)")};
}

StreamEncryption BySdp(const CallStream& stream, const CallLeg* leg,
                       const SensorClocks& clocks,
                       const EvidencePolicy& policy) {
  Line line;
  if (leg != nullptr) {
    line = LineAt(stream, *leg, stream.start_ns + policy.media_before_sdp_ns,
                  clocks);
  }
  const auto [sender, receiver] = line;
  const auto both = [sender = sender, receiver = receiver](auto&& says) {
    return sender != nullptr && receiver != nullptr && says(*sender) &&
           says(*receiver);
  };
  const auto either = [sender = sender, receiver = receiver](auto&& says) {
    return (sender != nullptr && says(*sender)) ||
           (receiver != nullptr && says(*receiver));
  };
  // What is only offered (RFC 8643) holds if the other side takes it.
  if (either(
          [](const Media& m) { return m.encrypted() && !m.best_effort(); }) ||
      both([](const Media& m) { return m.encrypted(); })) {
    const std::string suite = SuiteOf(sender, receiver);
    if (suite.empty()) {
      const bool dtls =
          either([](const Media& m) { return m.has_fingerprint(); });
      return {true, false, dtls ? "no key (DTLS-SRTP)" : "no key (SRTP)"};
    }
    const SrtpSuite* known = FindSuite(suite);
    if (known == nullptr) {
      return {true, false,
              absl::StrCat("no key (SDES, ", suite, " is not supported)")};
    }
    if (sender == nullptr || sender->crypto_suites().empty()) {
      return {true, false,
              absl::StrCat("no key (SDES, ", suite,
                           ": the SDP of the sender was not seen)"),
              static_cast<uint32_t>(known->tag_bytes)};
    }
    return {true, true, absl::StrCat("SDES, ", suite),
            static_cast<uint32_t>(known->tag_bytes)};
  }
  if (both([](const Media& m) { return m.has_zrtp_hash(); })) {
    return {true, false, "no key (ZRTP)"};
  }
  if (HasTag(stream)) {
    return {true, false, "no key (SRTP by the size of its packets)"};
  }
  return {};
}

// When both sides agreed by SDP to encrypt a stream that was in clear (RTP/AVP
// to RTP/SAVP); 0: never.
int64_t TurnedBySdp(const CallStream& stream, const CallLeg& leg,
                    const SensorClocks& clocks, const EvidencePolicy& policy) {
  std::set<int64_t> times;
  for (const Node* node : leg.nodes) {
    for (const Media& media : node->dialog().media()) {
      if (!media.encrypted()) continue;
      const int64_t at = clocks.Align(node->sensor(), media.time_ns());
      if (at > stream.start_ns + policy.media_before_sdp_ns &&
          at < stream.end_ns - kLastWordsNs) {
        times.insert(at);
      }
    }
  }
  for (const int64_t at : times) {
    const Line line = LineAt(stream, leg, at, clocks);
    if (line.sender != nullptr && line.receiver != nullptr &&
        line.sender->encrypted() && line.receiver->encrypted() &&
        line.Names(stream)) {
      return at;
    }
  }
  return 0;
}

// When ZRTP confirmed the keys of the stream; 0: never.
int64_t SecuredByZrtp(const CallStream& stream, const SensorClocks& clocks) {
  int64_t first_ns = 0;
  for (const StreamSighting& sighting : stream.sightings) {
    const int64_t time_ns = sighting.node->rtp().zrtp_secure_ns();
    // From outside: a time beyond this (2116) is nonsense.
    if (time_ns <= 0 || time_ns > int64_t{1} << 62) continue;
    const int64_t at = clocks.Align(sighting.node->sensor(), time_ns);
    if (first_ns == 0 || at < first_ns) first_ns = at;
  }
  return first_ns;
}

// Of a stream that begins in clear: what follows.
StreamEncryption Later(const CallStream& stream, const CallLeg* leg,
                       const SensorClocks& clocks,
                       const EvidencePolicy& policy) {
  const int64_t secured_ns = SecuredByZrtp(stream, clocks);
  if (secured_ns != 0 && secured_ns < stream.start_ns + kBriefNs) {
    return {true, false, "no key (ZRTP)"};
  }
  StreamEncryption encryption;
  if (secured_ns != 0 && secured_ns < stream.end_ns) {
    encryption.turned_ns = secured_ns;
    encryption.words = "ZRTP";
  } else if (leg != nullptr) {
    encryption.turned_ns = TurnedBySdp(stream, *leg, clocks, policy);
    if (encryption.turned_ns != 0) encryption.words = "SDP";
  }
  return encryption;
}

}  // namespace

void FindEncryption(const std::vector<CallLeg>& legs,
                    const SensorClocks& clocks, const EvidencePolicy& policy,
                    std::vector<CallStream>& streams) {
  for (CallStream& stream : streams) {
    if (stream.first().is_udptl) continue;
    const CallLeg* leg = stream.leg ? &legs[*stream.leg] : nullptr;
    stream.encryption = ByDtls(stream);
    if (stream.encryption.has_key) continue;
    // Who offers both in SDP may have taken its keys.
    StreamEncryption by_sdp = BySdp(stream, leg, clocks, policy);
    if (by_sdp.has_key || !stream.encryption.encrypted) {
      stream.encryption = std::move(by_sdp);
    }
    if (!stream.encryption.encrypted) {
      stream.encryption = Later(stream, leg, clocks, policy);
    }
  }
}

}  // namespace callbraid::collector
