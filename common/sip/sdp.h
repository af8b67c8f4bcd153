#ifndef CALLBRAID_COMMON_SIP_SDP_H_
#define CALLBRAID_COMMON_SIP_SDP_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/net/endpoint.h"

namespace callbraid {

struct SdpPayload {
  uint8_t type = 0;
  std::string name;  // As written: "PCMU"; of static types too (RFC 3551).
  uint32_t clock_rate = 0;
  uint32_t channels = 1;
  std::string fmtp;
};

enum class SdpDirection { kSendRecv, kSendOnly, kRecvOnly, kInactive };

// One m= line (RFC 4566 / 8866) with what the session level adds to it.
struct SdpMediaLine {
  std::string kind;      // "audio", "video", "image"...
  std::string protocol;  // "RTP/AVP", "RTP/SAVP", "udptl"...
  // Where this side wants to receive. Port 0: the line is refused. A name
  // instead of an address leaves 0.0.0.0.
  Endpoint rtp;
  // By a=rtcp (RFC 3605) or rtp port + 1; the RTP port with a=rtcp-mux.
  Endpoint rtcp;
  // Where ICE may receive RTP besides (a=candidate, RFC 8839, section 5.1):
  // component 1 over UDP, addresses that are written as such; at most 8, each
  // once, without `rtp`.
  std::vector<Endpoint> candidates;
  SdpDirection direction = SdpDirection::kSendRecv;
  std::vector<SdpPayload> payloads;
  uint32_t ptime_ms = 0;
  // a=crypto (RFC 4568), a=fingerprint (RFC 5763), or an SAVP profile.
  bool encrypted = false;
  // What follows "a=crypto:", at most 16. These are secrets.
  std::vector<std::string> crypto;
  bool has_fingerprint = false;  // Of DTLS.
  bool has_zrtp_hash = false;    // RFC 6189, section 8.
};

struct Sdp {
  std::string origin;               // The o= line, passed on by many B2BUAs.
  std::vector<SdpMediaLine> media;  // At most 32.
};

// Returns nullopt unless there is a v= and an m= line. Lines that make no sense
// are skipped; a cut-off end is tolerated.
std::optional<Sdp> ParseSdp(std::string_view text);

// Encoding name and clock rate of a static payload type (RFC 3551, section 6);
// name is empty for dynamic and unassigned types.
struct StaticPayload {
  std::string_view name;
  uint32_t clock_rate;
};
StaticPayload StaticPayloadOf(uint8_t payload_type);

// The payload type of what redundant audio is of, by its a=rtpmap "red" and
// a=fmtp "96/96" (RFC 2198, section 5); nullopt of other encodings.
std::optional<uint8_t> CarriedByRedundantAudio(std::string_view name,
                                               std::string_view fmtp);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_SIP_SDP_H_
