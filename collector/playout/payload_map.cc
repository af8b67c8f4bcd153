#include "collector/playout/payload_map.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "collector/codecs/find_codec.h"
#include "common/net/endpoint.h"
#include "common/sip/sdp.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kAlways = std::numeric_limits<int64_t>::min();

PayloadMeaning MeaningOf(CodecFormat format, int64_t from_ns) {
  PayloadMeaning meaning;
  meaning.from_ns = from_ns;
  FoundCodec found = FindCodec(format);
  meaning.codec = found.codec;
  meaning.missing = std::move(found.missing);
  meaning.comfort_noise = absl::EqualsIgnoreCase(format.name, "CN");
  meaning.silent = meaning.comfort_noise ||
                   absl::EqualsIgnoreCase(format.name, "telephone-event");
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

// Without SDP.
PayloadMeaning DefaultMeaning(uint8_t type, const v1::Stream& stream) {
  CodecFormat format = StaticFormatOf(type);
  if (format.name.empty() && stream.payload_type() == type) {
    format.name = stream.codec();
    format.clock_rate = stream.clock_rate();
  }
  return MeaningOf(std::move(format), kAlways);
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

void PayloadMap::Add(const std::string& leg_id,
                     const store::v1::DialogObservation& dialog,
                     int64_t offset_ns) {
  for (const store::v1::SdpMedia& media : dialog.media()) {
    const auto receiver = FromProto(media.rtp());
    Line& line = lines_.emplace_back();
    line.time_ns = media.time_ns() + offset_ns;
    line.leg_id = leg_id;
    if (receiver) line.receiver = receiver->ToString();
    line.codecs.assign(media.codecs().begin(), media.codecs().end());
  }
}

StreamPayloads PayloadMap::For(const v1::Stream& stream) const {
  // 0 is best. Behind NAT the receiver's SDP may be known by the destination
  // that one of the capture points saw.
  const auto rank = [&stream](const Line& line) {
    if (!line.receiver.empty()) {
      if (line.receiver == stream.destination()) return 0;
      for (const v1::StreamObservation& seen : stream.observations()) {
        if (line.receiver == seen.destination()) return 0;
      }
    }
    return !stream.leg_id().empty() && line.leg_id == stream.leg_id() ? 1 : 2;
  };
  StreamPayloads payloads;
  std::array<int, 128> best;
  best.fill(3);
  for (const Line& line : lines_) {
    const int line_rank = rank(line);
    for (const store::v1::SdpCodec& codec : line.codecs) {
      if (codec.payload_type() >= 128 || codec.name().empty()) continue;
      const uint32_t type = codec.payload_type();
      if (line_rank > best[type]) continue;
      if (line_rank < best[type]) payloads.meanings_[type].clear();
      best[type] = line_rank;
      payloads.meanings_[type].push_back(
          MeaningIn(line.codecs, codec, line.time_ns));
    }
  }
  for (size_t type = 0; type < 128; ++type) {
    auto& meanings = payloads.meanings_[type];
    if (meanings.empty()) {
      meanings.push_back(DefaultMeaning(static_cast<uint8_t>(type), stream));
    }
    std::sort(meanings.begin(), meanings.end(),
              [](const PayloadMeaning& a, const PayloadMeaning& b) {
                return std::tie(a.from_ns, a.name) <
                       std::tie(b.from_ns, b.name);
              });
  }
  return payloads;
}

}  // namespace callbraid::collector
