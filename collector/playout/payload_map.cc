#include "collector/playout/payload_map.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "collector/codecs/find_codec.h"
#include "common/net/endpoint.h"
#include "common/sip/encoding.h"
#include "common/sip/sdp.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kAlways = std::numeric_limits<int64_t>::min();
constexpr int64_t kNoEnd = std::numeric_limits<int64_t>::max();
constexpr std::string_view kAudio = "audio";

PayloadMeaning MeaningOf(CodecFormat format, int64_t from_ns) {
  PayloadMeaning meaning;
  meaning.from_ns = from_ns;
  FoundCodec found = FindCodec(format);
  meaning.codec = found.codec;
  meaning.missing = std::move(found.missing);
  meaning.comfort_noise = absl::EqualsIgnoreCase(format.name, "CN");
  meaning.silent = meaning.comfort_noise ||
                   absl::EqualsIgnoreCase(format.name, "telephone-event");
  meaning.inaudible = CarriesNoAudio(format.name);
  meaning.clock_rate = format.clock_rate;
  meaning.name = std::move(format.name);
  return meaning;
}

CodecFormat FormatOf(const store::v1::SdpCodec& codec) {
  return {codec.name(), codec.clock_rate(), codec.channels(), codec.fmtp()};
}

// What `codec` stands for beside the others of its media line.
PayloadMeaning MeaningIn(const std::vector<store::v1::SdpCodec>& line,
                         const store::v1::SdpCodec& codec, int64_t from_ns) {
  const auto carried = CarriedByRedundantAudio(codec.name(), codec.fmtp());
  if (!carried) return MeaningOf(FormatOf(codec), from_ns);
  CodecFormat format = StaticFormatOf(*carried);
  for (const store::v1::SdpCodec& other : line) {
    if (other.payload_type() == *carried && &other != &codec) {
      format = FormatOf(other);
    }
  }
  PayloadMeaning meaning = MeaningOf(std::move(format), from_ns);
  meaning.redundant = true;
  return meaning;
}

// The same of a line that is not audio's.
PayloadMeaning MeaningInOther(const store::v1::SdpCodec& codec,
                              int64_t from_ns) {
  PayloadMeaning meaning = MeaningOf(FormatOf(codec), from_ns);
  meaning.codec = nullptr;
  meaning.inaudible = true;
  return meaning;
}

// Without SDP.
PayloadMeaning DefaultMeaning(uint8_t type, const v1::Stream& stream) {
  CodecFormat format = StaticFormatOf(type);
  if (format.name.empty() && stream.payload_type() == type) {
    format.name = stream.codec();
    format.clock_rate = stream.clock_rate();
  }
  return MeaningOf(std::move(format), kAlways);
}

// Calls `visit` with where `stream` goes, as each capture point saw it, or
// comes from; true if that says so of any.
template <typename Visit>
bool AnyDestination(const v1::Stream& stream, Visit visit) {
  return visit(stream.destination()) ||
         std::any_of(stream.observations().begin(), stream.observations().end(),
                     [&visit](const v1::StreamObservation& seen) {
                       return visit(seen.destination());
                     });
}
template <typename Visit>
bool AnySource(const v1::Stream& stream, Visit visit) {
  return visit(stream.source()) ||
         std::any_of(stream.observations().begin(), stream.observations().end(),
                     [&visit](const v1::StreamObservation& seen) {
                       return visit(seen.source());
                     });
}

// A kind that all agree on.
class OneKind {
 public:
  void Add(const std::string& kind) {
    // A fax, which is no RTP, goes on where audio was.
    if (kind.empty() || kind == "image") return;
    if (!kind_) kind_ = kind;
    if (*kind_ != kind) differs_ = true;
  }
  // Empty if there is none.
  std::string Get() const { return differs_ ? "" : kind_.value_or(""); }

 private:
  std::optional<std::string> kind_;
  bool differs_ = false;
};

PayloadMeaning Encrypted(PayloadMeaning meaning) {
  if (meaning.codec == nullptr) return meaning;
  meaning.codec = nullptr;
  meaning.missing = absl::StrCat(meaning.name, " in SRTP");
  return meaning;
}

// What `meanings` are where the stretch from `from_ns` until before `until_ns`
// is encrypted.
std::vector<PayloadMeaning> WithEncrypted(
    const std::vector<PayloadMeaning>& meanings, int64_t from_ns,
    int64_t until_ns) {
  std::vector<PayloadMeaning> changed;
  // The last before either end, or the first of all.
  const PayloadMeaning* at_begin = &meanings.front();
  const PayloadMeaning* at_end = &meanings.front();
  for (const PayloadMeaning& meaning : meanings) {
    if (meaning.from_ns <= from_ns) at_begin = &meaning;
    if (meaning.from_ns <= until_ns) at_end = &meaning;
    if (meaning.from_ns < from_ns) changed.push_back(meaning);
  }
  if (changed.empty()) {
    changed.push_back(*at_begin);
    changed.back().from_ns = kAlways;
  }
  changed.push_back(Encrypted(*at_begin));
  changed.back().from_ns = from_ns;
  for (const PayloadMeaning& meaning : meanings) {
    if (meaning.from_ns <= from_ns || meaning.from_ns >= until_ns) continue;
    changed.push_back(Encrypted(meaning));
  }
  if (until_ns == kNoEnd) return changed;
  changed.push_back(*at_end);
  changed.back().from_ns = until_ns;
  for (const PayloadMeaning& meaning : meanings) {
    if (meaning.from_ns > until_ns) changed.push_back(meaning);
  }
  return changed;
}

}  // namespace

const PayloadMeaning& StreamPayloads::At(uint8_t payload_type,
                                         int64_t time_ns) const {
  const auto& meanings = meanings_[payload_type & 0x7f];
  size_t i = meanings.size() - 1;
  while (i > 0 && meanings[i].from_ns > time_ns) --i;
  return meanings[i];
}

void StreamPayloads::Replace(const Codec& codec, const Codec& other) {
  for (auto& meanings : meanings_) {
    for (PayloadMeaning& meaning : meanings) {
      if (meaning.codec == &codec) meaning.codec = &other;
    }
  }
}

void StreamPayloads::EncryptFrom(int64_t time_ns) {
  for (auto& meanings : meanings_) {
    meanings = WithEncrypted(meanings, time_ns, kNoEnd);
  }
}

void PayloadMap::Add(const std::string& leg_id,
                     const store::v1::DialogObservation& dialog,
                     int64_t offset_ns) {
  for (const store::v1::SdpMedia& media : dialog.media()) {
    const auto receiver = FromProto(media.rtp());
    Line& line = lines_.emplace_back();
    line.time_ns = media.time_ns() + offset_ns;
    line.leg_id = leg_id;
    if (receiver) line.receiver = receiver->ToString();
    line.kind = media.kind();
    line.from_initiator = media.from_initiator();
    line.encrypted = media.encrypted();
    line.codecs.assign(media.codecs().begin(), media.codecs().end());
  }
}

// By the lines that name its ends, by the codec that it is said to have; what
// nothing is known of is audio.
std::string PayloadMap::KindOf(const v1::Stream& stream) const {
  OneKind by_destination;
  OneKind by_source;
  OneKind by_codec;
  for (const Line& line : lines_) {
    const auto is_receiver = [&line](const std::string& end) {
      return !line.receiver.empty() && line.receiver == end;
    };
    if (AnyDestination(stream, is_receiver)) by_destination.Add(line.kind);
    if (AnySource(stream, is_receiver)) by_source.Add(line.kind);
    if (line.leg_id != stream.leg_id()) continue;
    for (const store::v1::SdpCodec& codec : line.codecs) {
      if (codec.payload_type() == stream.payload_type() &&
          codec.name() == stream.codec()) {
        by_codec.Add(line.kind);
      }
    }
  }
  for (const OneKind& kind : {by_destination, by_source}) {
    if (!kind.Get().empty()) return kind.Get();
  }
  if (IsVideoEncoding(stream.codec())) return "video";
  return by_codec.Get().empty() ? std::string(kAudio) : by_codec.Get();
}

// Where both sides' newest SDP, of which one names an end of the stream, says
// so.
std::vector<PayloadMap::Stretch> PayloadMap::EncryptedIn(
    const v1::Stream& stream, const std::string& kind) const {
  if (stream.encrypted() || stream.leg_id().empty()) return {};
  std::vector<const Line*> lines;
  bool any = false;
  for (const Line& line : lines_) {
    if (line.leg_id != stream.leg_id() || line.kind != kind) continue;
    lines.push_back(&line);
    any = any || line.encrypted;
  }
  if (!any) return {};
  std::stable_sort(
      lines.begin(), lines.end(),
      [](const Line* a, const Line* b) { return a->time_ns < b->time_ns; });
  // Of the responder and the initiator.
  struct Side {
    bool encrypted = false;
    bool names_stream = false;
    int64_t time_ns = kAlways;
  };
  Side sides[2];
  std::vector<Stretch> stretches;
  for (const Line* line : lines) {
    const auto is_receiver = [line](const std::string& end) {
      return !line->receiver.empty() && line->receiver == end;
    };
    const bool names_stream =
        AnyDestination(stream, is_receiver) || AnySource(stream, is_receiver);
    Side& side = sides[line->from_initiator ? 1 : 0];
    // Of one SDP the line that is the stream's counts.
    if (side.time_ns == line->time_ns && side.names_stream && !names_stream) {
      continue;
    }
    side = {line->encrypted, names_stream, line->time_ns};
    const bool open = !stretches.empty() && stretches.back().second == kNoEnd;
    const bool encrypted = sides[0].encrypted && sides[1].encrypted &&
                           (sides[0].names_stream || sides[1].names_stream);
    if (encrypted && !open) stretches.emplace_back(line->time_ns, kNoEnd);
    if (!encrypted && open) stretches.back().second = line->time_ns;
  }
  return stretches;
}

StreamPayloads PayloadMap::For(const v1::Stream& stream) const {
  const std::string kind = KindOf(stream);
  // 0 is best. Behind NAT the receiver's SDP may be known by the destination
  // that one of the capture points saw.
  const auto rank = [&stream](const Line& line) {
    const auto is_receiver = [&line](const std::string& end) {
      return !line.receiver.empty() && line.receiver == end;
    };
    if (AnyDestination(stream, is_receiver)) return 0;
    return !stream.leg_id().empty() && line.leg_id == stream.leg_id() ? 1 : 2;
  };
  StreamPayloads payloads;
  std::array<int, 128> best;
  best.fill(3);
  for (const Line& line : lines_) {
    if (!line.kind.empty() && line.kind != kind) continue;
    const int line_rank = rank(line);
    for (const store::v1::SdpCodec& codec : line.codecs) {
      if (codec.payload_type() >= 128 || codec.name().empty()) continue;
      const uint32_t type = codec.payload_type();
      if (line_rank > best[type]) continue;
      if (line_rank < best[type]) payloads.meanings_[type].clear();
      best[type] = line_rank;
      payloads.meanings_[type].push_back(
          kind == kAudio ? MeaningIn(line.codecs, codec, line.time_ns)
                         : MeaningInOther(codec, line.time_ns));
    }
  }
  const std::vector<Stretch> encrypted = EncryptedIn(stream, kind);
  for (size_t type = 0; type < 128; ++type) {
    auto& meanings = payloads.meanings_[type];
    if (meanings.empty()) {
      meanings.push_back(DefaultMeaning(static_cast<uint8_t>(type), stream));
      meanings.back().inaudible |= kind != kAudio;
    }
    std::sort(meanings.begin(), meanings.end(),
              [](const PayloadMeaning& a, const PayloadMeaning& b) {
                return std::tie(a.from_ns, a.name) <
                       std::tie(b.from_ns, b.name);
              });
    for (const auto& [from_ns, until_ns] : encrypted) {
      meanings = WithEncrypted(meanings, from_ns, until_ns);
    }
  }
  return payloads;
}

}  // namespace callbraid::collector
