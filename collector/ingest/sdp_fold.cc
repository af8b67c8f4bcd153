#include "collector/ingest/sdp_fold.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "collector/ingest/dialog_fold_links.h"
#include "collector/store/tokens.h"
#include "common/bytes/utf8.h"
#include "common/net/endpoint.h"
#include "common/sip/sdp.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxNameBytes = 32;
constexpr size_t kMaxFmtpBytes = 256;
constexpr size_t kMaxSuiteBytes = 64;
constexpr int kMaxCodecs = 32;

const char* DirectionName(SdpDirection direction) {
  switch (direction) {
    case SdpDirection::kSendRecv:
      return "sendrecv";
    case SdpDirection::kSendOnly:
      return "sendonly";
    case SdpDirection::kRecvOnly:
      return "recvonly";
    case SdpDirection::kInactive:
      return "inactive";
  }
  return "";
}

// The second word of a=crypto. A key comes after it, or in its place where the
// line is malformed: all names of suites have a '_', no base64 has.
std::string_view SuiteOf(std::string_view crypto) {
  constexpr std::string_view kSpace = " \t";
  size_t begin = crypto.find_first_of(kSpace);
  if (begin != std::string_view::npos) {
    begin = crypto.find_first_not_of(kSpace, begin);
  }
  if (begin == std::string_view::npos) return {};
  crypto = crypto.substr(begin);
  crypto = crypto.substr(0, crypto.find_first_of(kSpace));
  const bool is_name =
      crypto.find('_') != std::string_view::npos &&
      std::all_of(crypto.begin(), crypto.end(), [](unsigned char c) {
        return absl::ascii_isalnum(c) || c == '_' || c == '-';
      });
  return is_name ? crypto : std::string_view();
}

void AddEncryption(const SdpMediaLine& line, store::v1::SdpMedia& media) {
  media.set_encrypted(line.encrypted);
  for (const std::string& crypto : line.crypto) {
    media.add_crypto_suites(
        std::string(SuiteOf(crypto).substr(0, kMaxSuiteBytes)));
  }
  media.set_has_fingerprint(line.has_fingerprint);
  media.set_has_zrtp_hash(line.has_zrtp_hash);
  media.set_best_effort(line.encrypted &&
                        line.protocol.find("SAVP") == std::string::npos);
}

store::v1::SdpMedia ToMedia(const SdpMediaLine& line, int64_t time_ns,
                            bool from_initiator) {
  store::v1::SdpMedia media;
  media.set_time_ns(time_ns);
  media.set_from_initiator(from_initiator);
  *media.mutable_rtp() = ToProto(line.rtp);
  *media.mutable_rtcp() = ToProto(line.rtcp);
  for (const Endpoint& candidate : line.candidates) {
    *media.add_candidates() = ToProto(candidate);
  }
  media.set_kind(ToUtf8(line.kind, kMaxNameBytes));
  media.set_direction(DirectionName(line.direction));
  AddEncryption(line, media);
  for (const SdpPayload& payload : line.payloads) {
    if (media.codecs_size() == kMaxCodecs) break;
    store::v1::SdpCodec& codec = *media.add_codecs();
    codec.set_payload_type(payload.type);
    codec.set_name(ToUtf8(payload.name, kMaxNameBytes));
    codec.set_clock_rate(payload.clock_rate);
    codec.set_channels(payload.channels);
    codec.set_fmtp(ToUtf8(payload.fmtp, kMaxFmtpBytes));
  }
  return media;
}

bool SameButTime(store::v1::SdpMedia a, const store::v1::SdpMedia& b) {
  a.set_time_ns(b.time_ns());
  return a.SerializeAsString() == b.SerializeAsString();
}

// Whether `lines` are what this side stated last: a retransmission, or the same
// SDP again to refresh the session.
bool IsRestatement(const std::vector<store::v1::SdpMedia>& lines,
                   const store::v1::DialogObservation& dialog) {
  int at = dialog.media_size();
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    do {
      if (--at < 0) return false;
    } while (dialog.media(at).from_initiator() != line->from_initiator());
    if (!SameButTime(dialog.media(at), *line)) return false;
  }
  return true;
}

}  // namespace

void FoldSdp(std::string_view sdp, int64_t time_ns, bool from_initiator,
             std::string_view site, store::v1::DialogObservation& dialog,
             std::vector<Token>& tokens) {
  if (sdp.empty()) return;
  const auto parsed = ParseSdp(sdp);
  if (!parsed) return;
  if (dialog.method() == "INVITE") {
    FoldOrigin(parsed->origin, {time_ns, from_initiator, site}, dialog, tokens);
  }
  FoldMediaLines(parsed->media, time_ns, from_initiator, site, dialog, tokens);
}

void FoldMediaLines(const std::vector<SdpMediaLine>& lines, int64_t time_ns,
                    bool from_initiator, std::string_view site,
                    store::v1::DialogObservation& dialog,
                    std::vector<Token>& tokens) {
  std::vector<store::v1::SdpMedia> stated;
  for (const SdpMediaLine& line : lines) {
    stated.push_back(ToMedia(line, time_ns, from_initiator));
  }
  if (IsRestatement(stated, dialog)) return;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (dialog.media_size() == kMaxMediaLines) return;
    const SdpMediaLine& line = lines[i];
    // "image": fax by T.38.
    const bool is_media =
        line.kind == "audio" || line.kind == "video" || line.kind == "image";
    if (is_media && line.rtp.port != 0) {
      if (!line.rtp.address.is_unspecified()) {
        tokens.push_back(EndpointToken(site, line.rtp));
      }
      for (const Endpoint& candidate : line.candidates) {
        tokens.push_back(EndpointToken(site, candidate));
      }
    }
    *dialog.add_media() = std::move(stated[i]);
  }
}

}  // namespace callbraid::collector
