#include "common/sip/sdp.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "absl/strings/match.h"
#include "common/base/absl_string.h"

namespace callbraid {
namespace {

constexpr size_t kMaxMediaLines = 32;
constexpr size_t kMaxPayloads = 64;
constexpr size_t kMaxCryptoLines = 16;
constexpr size_t kMaxCryptoBytes = 1024;
constexpr size_t kMaxCandidates = 8;

std::string_view TakeLine(std::string_view& text) {
  const size_t end = text.find_first_of("\r\n");
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end);
  while (!text.empty() && (text.front() == '\r' || text.front() == '\n')) {
    text.remove_prefix(1);
  }
  return line;
}

std::string_view TakeWord(std::string_view& text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  const size_t end = text.find(' ');
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end);
  return word;
}

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

template <typename T>
bool ParseNumber(std::string_view text, T& number) {
  const auto result =
      std::from_chars(text.data(), text.data() + text.size(), number);
  return result.ec == std::errc();
}

std::optional<SdpDirection> ParseDirection(std::string_view attribute) {
  if (attribute == "sendrecv") return SdpDirection::kSendRecv;
  if (attribute == "sendonly") return SdpDirection::kSendOnly;
  if (attribute == "recvonly") return SdpDirection::kRecvOnly;
  if (attribute == "inactive") return SdpDirection::kInactive;
  return std::nullopt;
}

// c=IN IP4 224.2.1.1/127/3. Names are not looked up.
IpAddress ParseConnection(std::string_view value) {
  TakeWord(value);
  TakeWord(value);
  const std::string_view address = TakeWord(value);
  return IpAddress::Parse(address.substr(0, address.find('/')))
      .value_or(IpAddress());
}

struct Scope {
  IpAddress address;
  SdpDirection direction = SdpDirection::kSendRecv;
  bool has_fingerprint = false;
  bool has_zrtp_hash = false;
};

// The state of parsing one media line.
struct Open {
  SdpMediaLine line;
  std::optional<uint16_t> rtcp_port;
  std::optional<IpAddress> rtcp_address;
  bool rtcp_mux = false;
};

// m=audio 49170/2 RTP/AVP 0 8 101
std::optional<Open> ParseMedia(std::string_view value, const Scope& session) {
  Open open;
  open.line.kind = TakeWord(value);
  const std::string_view port = TakeWord(value);
  if (!ParseNumber(port, open.line.rtp.port)) return std::nullopt;
  open.line.protocol = TakeWord(value);
  open.line.rtp.address = session.address;
  open.line.direction = session.direction;
  open.line.has_fingerprint = session.has_fingerprint;
  open.line.has_zrtp_hash = session.has_zrtp_hash;
  open.line.encrypted =
      session.has_fingerprint ||
      open.line.protocol.find("SAVP") != std::string_view::npos;
  if (open.line.protocol.find("RTP/") == std::string::npos) return open;
  while (!value.empty() && open.line.payloads.size() < kMaxPayloads) {
    SdpPayload payload;
    if (!ParseNumber(TakeWord(value), payload.type) || payload.type > 127) {
      continue;
    }
    const StaticPayload known = StaticPayloadOf(payload.type);
    payload.name = known.name;
    payload.clock_rate = known.clock_rate;
    open.line.payloads.push_back(std::move(payload));
  }
  return open;
}

SdpPayload* FindPayload(SdpMediaLine& line, std::string_view type) {
  uint8_t number = 0;
  if (!ParseNumber(type, number)) return nullptr;
  for (SdpPayload& payload : line.payloads) {
    if (payload.type == number) return &payload;
  }
  return nullptr;
}

// a=rtpmap:97 opus/48000/2
void ParseRtpMap(std::string_view value, SdpMediaLine& line) {
  SdpPayload* payload = FindPayload(line, TakeWord(value));
  if (payload == nullptr) return;
  std::string_view encoding = TakeWord(value);
  const size_t slash = encoding.find('/');
  payload->name = encoding.substr(0, slash);
  payload->clock_rate = 0;
  payload->channels = 1;
  if (slash == std::string_view::npos) return;
  encoding.remove_prefix(slash + 1);
  ParseNumber(encoding, payload->clock_rate);
  const size_t second = encoding.find('/');
  if (second != std::string_view::npos) {
    ParseNumber(encoding.substr(second + 1), payload->channels);
  }
}

// a=candidate:1 1 UDP 2130706431 10.0.1.1 8998 typ host
//
// What follows is which type it is, and where a relay or a NAT saw it.
void ParseCandidate(std::string_view value, SdpMediaLine& line) {
  TakeWord(value);  // The foundation.
  const std::string_view component = TakeWord(value);
  const std::string_view transport = TakeWord(value);
  TakeWord(value);  // The priority.
  // Of names, such as those of mDNS, nothing is known here.
  const auto address = IpAddress::Parse(TakeWord(value));
  Endpoint endpoint;
  if (component != "1" || !absl::EqualsIgnoreCase(ToAbsl(transport), "udp") ||
      !address || address->is_unspecified() ||
      !ParseNumber(TakeWord(value), endpoint.port) || endpoint.port == 0) {
    return;
  }
  endpoint.address = *address;
  std::vector<Endpoint>& all = line.candidates;
  if (all.size() < kMaxCandidates &&
      std::find(all.begin(), all.end(), endpoint) == all.end()) {
    all.push_back(endpoint);
  }
}

void ParseMediaAttribute(std::string_view attribute, Open& open) {
  SdpMediaLine& line = open.line;
  if (const auto direction = ParseDirection(attribute)) {
    line.direction = *direction;
  } else if (TakePrefix(attribute, "rtpmap:")) {
    ParseRtpMap(attribute, line);
  } else if (TakePrefix(attribute, "fmtp:")) {
    SdpPayload* payload = FindPayload(line, TakeWord(attribute));
    if (payload != nullptr && !attribute.empty()) {
      payload->fmtp = attribute.substr(1);
    }
  } else if (TakePrefix(attribute, "ptime:")) {
    ParseNumber(attribute, line.ptime_ms);
  } else if (attribute == "rtcp-mux") {
    open.rtcp_mux = true;
  } else if (TakePrefix(attribute, "rtcp:")) {
    uint16_t port = 0;
    if (!ParseNumber(TakeWord(attribute), port)) return;
    open.rtcp_port = port;
    if (!attribute.empty()) open.rtcp_address = ParseConnection(attribute);
  } else if (TakePrefix(attribute, "crypto:")) {
    line.encrypted = true;
    if (line.crypto.size() < kMaxCryptoLines &&
        attribute.size() <= kMaxCryptoBytes) {
      line.crypto.emplace_back(attribute);
    }
  } else if (TakePrefix(attribute, "fingerprint:")) {
    line.encrypted = true;
    line.has_fingerprint = true;
  } else if (TakePrefix(attribute, "zrtp-hash:")) {
    line.has_zrtp_hash = true;
  } else if (TakePrefix(attribute, "candidate:")) {
    ParseCandidate(attribute, line);
  }
}

void Close(std::optional<Open>& open, Sdp& sdp) {
  if (!open) return;
  SdpMediaLine& line = open->line;
  std::erase(line.candidates, line.rtp);
  line.rtcp = line.rtp;
  if (open->rtcp_address && !open->rtcp_address->is_unspecified()) {
    line.rtcp.address = *open->rtcp_address;
  }
  if (!open->rtcp_mux && line.rtp.port != 0) {
    line.rtcp.port =
        open->rtcp_port.value_or(static_cast<uint16_t>(line.rtp.port + 1));
  }
  if (sdp.media.size() < kMaxMediaLines) sdp.media.push_back(std::move(line));
  open.reset();
}

}  // namespace

std::optional<Sdp> ParseSdp(std::string_view text) {
  Sdp sdp;
  Scope session;
  std::optional<Open> open;
  bool has_version = false;
  while (!text.empty()) {
    std::string_view line = TakeLine(text);
    if (line.size() < 2 || line[1] != '=') continue;
    const char type = line[0];
    const std::string_view value = line.substr(2);
    if (type == 'v') {
      has_version = true;
    } else if (type == 'o') {
      sdp.origin = value;
    } else if (type == 'c') {
      (open ? open->line.rtp.address : session.address) =
          ParseConnection(value);
    } else if (type == 'm') {
      Close(open, sdp);
      open = ParseMedia(value, session);
    } else if (type == 'a' && open) {
      ParseMediaAttribute(value, *open);
    } else if (type == 'a') {
      session.direction = ParseDirection(value).value_or(session.direction);
      if (value.substr(0, 12) == "fingerprint:") session.has_fingerprint = true;
      if (value.substr(0, 10) == "zrtp-hash:") session.has_zrtp_hash = true;
    }
  }
  Close(open, sdp);
  if (!has_version || sdp.media.empty()) return std::nullopt;
  return sdp;
}

StaticPayload StaticPayloadOf(uint8_t payload_type) {
  switch (payload_type) {
    case 0:
      return {"PCMU", 8000};
    case 2:
      return {"G726-32", 8000};  // Until RFC 3551, and still is to some.
    case 3:
      return {"GSM", 8000};
    case 4:
      return {"G723", 8000};
    case 5:
      return {"DVI4", 8000};
    case 6:
      return {"DVI4", 16000};
    case 7:
      return {"LPC", 8000};
    case 8:
      return {"PCMA", 8000};
    case 9:
      return {"G722", 8000};  // Sic: RFC 3551, section 4.5.2.
    case 10:
      return {"L16", 44100};
    case 11:
      return {"L16", 44100};
    case 12:
      return {"QCELP", 8000};
    case 13:
      return {"CN", 8000};
    case 14:
      return {"MPA", 90000};
    case 15:
      return {"G728", 8000};
    case 16:
      return {"DVI4", 11025};
    case 17:
      return {"DVI4", 22050};
    case 18:
      return {"G729", 8000};
    case 19:
      return {"CN", 8000};  // Reserved since, still sent by old gear.
    case 25:
      return {"CelB", 90000};
    case 26:
      return {"JPEG", 90000};
    case 28:
      return {"nv", 90000};
    case 31:
      return {"H261", 90000};
    case 32:
      return {"MPV", 90000};
    case 33:
      return {"MP2T", 90000};
    case 34:
      return {"H263", 90000};
    default:
      return {"", 0};
  }
}

std::optional<uint8_t> CarriedByRedundantAudio(std::string_view name,
                                               std::string_view fmtp) {
  constexpr uint8_t kLastType = 127;
  uint8_t type = 0;
  const auto [end, error] =
      std::from_chars(fmtp.data(), fmtp.data() + fmtp.size(), type);
  if (!absl::EqualsIgnoreCase(ToAbsl(name), "red") || error != std::errc() ||
      type > kLastType) {
    return std::nullopt;
  }
  return type;
}

}  // namespace callbraid
