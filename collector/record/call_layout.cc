#include "collector/record/call_layout.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "collector/secure/call_keys.h"
#include "collector/store/clock_offset.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::collector {
namespace {

// A time beyond this (2116) is nonsense.
constexpr int64_t kMaxTimeNs = int64_t{1} << 62;

constexpr size_t kMaxPayloadBytes = 65535;

// A stream with what the store knows of it.
struct StreamFacts {
  const v1::Stream* stream = nullptr;
  int channel = 0;
  // Distance of its leg from the speaking party.
  int distance = 0;
  std::vector<ObservationSource> sources;
  std::vector<store::v1::RtpObservation> observations;
};

// Nullopt if the observation is gone: retention may be ahead of the call.
absl::StatusOr<std::optional<StoredObservation>> Load(Store& store,
                                                      const std::string& hex) {
  const auto id = ObservationId::FromHex(hex);
  if (!id) return std::nullopt;
  auto stored = store.facts().GetObservation(*id);
  if (absl::IsNotFound(stored.status())) return std::nullopt;
  RETURN_IF_ERROR(stored.status());
  return std::optional(*std::move(stored));
}

// What the SDP of a call says.
struct CallSdp {
  PayloadMap payloads;
  CallKeys keys;
};

bool SaysEncrypted(const store::v1::DialogObservation& dialog) {
  return std::any_of(
      dialog.media().begin(), dialog.media().end(),
      [](const store::v1::SdpMedia& media) { return media.encrypted(); });
}

absl::StatusOr<CallSdp> ReadSdp(Store& store,
                                const store::v1::CallRecord& record) {
  CallSdp sdp;
  const bool any_encrypted = std::any_of(
      record.call().streams().begin(), record.call().streams().end(),
      [](const v1::Stream& stream) { return stream.encrypted(); });
  for (const v1::Leg& leg : record.call().legs()) {
    for (const v1::LegObservation& seen : leg.observations()) {
      ASSIGN_OR_RETURN(const auto stored, Load(store, seen.id()));
      if (!stored || !stored->observation.has_dialog()) continue;
      const store::v1::Observation& observation = stored->observation;
      const int64_t offset_ns =
          OffsetAt(record, seen.sensor(), observation.first_time_ns());
      sdp.payloads.Add(leg.id(), observation.dialog(), offset_ns);
      if (!any_encrypted || !SaysEncrypted(observation.dialog())) continue;
      RETURN_IF_ERROR(sdp.keys.Read(store, *ObservationId::FromHex(seen.id()),
                                    observation, leg.id(), offset_ns));
    }
  }
  return sdp;
}

absl::Status ReadFacts(Store& store, const store::v1::CallRecord& record,
                       StreamFacts& facts) {
  std::set<std::string> known;
  for (const v1::StreamObservation& seen : facts.stream->observations()) {
    if (!known.insert(seen.id()).second) continue;
    ASSIGN_OR_RETURN(auto stored, Load(store, seen.id()));
    if (!stored || !stored->observation.has_rtp()) continue;
    ObservationSource& source = facts.sources.emplace_back();
    source.id = *ObservationId::FromHex(seen.id());
    const auto& ranges = stored->tally.bucket_ranges_size() > 0
                             ? stored->tally.bucket_ranges()
                             : stored->observation.bucket_ranges();
    source.bucket_ranges.assign(ranges.begin(), ranges.end());
    const int64_t first_ns =
        std::clamp<int64_t>(stored->observation.first_time_ns(), 0, kMaxTimeNs);
    source.offset_ns = OffsetAt(record, seen.sensor(), first_ns);
    source.first_time_ns = first_ns + source.offset_ns;
    facts.observations.push_back(std::move(*stored->observation.mutable_rtp()));
  }
  return absl::OkStatus();
}

// The side that a stream without one is on: who was heard first is the caller;
// the other party is the callee.
class SideGuess {
 public:
  explicit SideGuess(const v1::Call& call) {
    for (const v1::Stream& stream : call.streams()) {
      if (stream.side() == v1::SIDE_CALLER) caller_.insert(stream.source());
      if (stream.side() == v1::SIDE_CALLEE) {
        callee_known_ = true;
        caller_.insert(stream.destination());
      }
    }
  }
  // Streams must come by start time.
  int ChannelOf(const v1::Stream& stream) {
    if (stream.side() == v1::SIDE_CALLER) return 0;
    if (stream.side() == v1::SIDE_CALLEE) return 1;
    if (caller_.empty() && !callee_known_) caller_.insert(stream.source());
    return caller_.count(stream.source()) > 0 ? 0 : 1;
  }

 private:
  std::set<std::string> caller_;
  bool callee_known_ = false;
};

std::string_view HostOf(std::string_view endpoint) {
  return endpoint.substr(0, endpoint.rfind(':'));
}

// How many legs lie between each leg and the caller: it follows one that ends
// at the host where it begins. Legs that do not follow each other are equally
// far: those of a conference all end at the focus, a transfer begins anew.
std::vector<int> DepthsOf(const v1::Call& call) {
  std::vector<int> depths(call.legs_size(), 0);
  for (int i = 0; i < call.legs_size(); ++i) {
    for (int j = 0; j < i; ++j) {
      if (HostOf(call.legs(j).destination()) == HostOf(call.legs(i).source()) &&
          HostOf(call.legs(j).source()) != HostOf(call.legs(i).destination())) {
        depths[i] = std::max(depths[i], depths[j] + 1);
      }
    }
  }
  return depths;
}

int DistanceOf(const v1::Call& call, const std::vector<int>& depths,
               const v1::Stream& stream, int channel) {
  for (int i = 0; i < call.legs_size(); ++i) {
    if (call.legs(i).id() != stream.leg_id()) continue;
    return channel == 0
               ? depths[i]
               : *std::max_element(depths.begin(), depths.end()) - depths[i];
  }
  return call.legs_size();
}

std::vector<const v1::Stream*> ByStart(const v1::Call& call) {
  std::vector<const v1::Stream*> streams;
  for (const v1::Stream& stream : call.streams()) streams.push_back(&stream);
  std::sort(streams.begin(), streams.end(),
            [](const v1::Stream* a, const v1::Stream* b) {
              const auto key = [](const v1::Stream& stream) {
                return std::tuple(stream.start_time().seconds(),
                                  stream.start_time().nanos(),
                                  std::string_view(stream.id()));
              };
              return key(*a) < key(*b);
            });
  return streams;
}

// True if `a` and `b` carry the same packets: equal payload under equal
// sequence number and timestamp.
bool SamePackets(const StreamFacts& a, const StreamFacts& b) {
  if (a.channel != b.channel || a.stream->ssrc() != b.stream->ssrc()) {
    return false;
  }
  std::set<std::tuple<uint64_t, uint32_t, uint16_t>> anchors;
  const auto key = [](const store::v1::PayloadAnchor& anchor) {
    return std::tuple(anchor.payload_hash(), anchor.timestamp(),
                      static_cast<uint16_t>(anchor.sequence()));
  };
  for (const auto& observation : a.observations) {
    for (const auto& anchor : observation.anchors()) {
      anchors.insert(key(anchor));
    }
  }
  for (const auto& observation : b.observations) {
    for (const auto& anchor : observation.anchors()) {
      if (anchors.count(key(anchor)) > 0) return true;
    }
  }
  return false;
}

// What the timestamps show the clock to be, if it is not the one of the
// stream's most frequent codec: some count milliseconds, some wideband at its
// sample rate. Else 0.
uint32_t ClockRateOf(const StreamFacts& facts, const StreamPayloads& payloads,
                     const std::vector<CandidateKey>& keys) {
  const size_t trailer = keys.empty() ? 0 : TrailerBytes(keys.front());
  uint32_t most = 0;
  uint32_t rate = 0;
  for (size_t i = 0; i < facts.observations.size(); ++i) {
    for (const store::v1::PayloadTypeUse& use :
         facts.observations[i].payload_types()) {
      const Codec* codec =
          payloads
              .At(static_cast<uint8_t>(use.payload_type()),
                  use.first_time_ns() + facts.sources[i].offset_ns)
              .codec;
      if (codec == nullptr || use.packets() <= most) continue;
      most = use.packets();
      rate = 0;
      if (!codec->SizeTells()) continue;
      const size_t size = std::max<size_t>(use.payload_size(), trailer);
      const std::vector<uint8_t> payload(
          std::min<size_t>(size - trailer, kMaxPayloadBytes));
      const uint64_t step = uint64_t{codec->Samples(payload)} *
                            codec->clock_rate() / codec->sample_rate();
      if (step == 0) continue;
      if (use.timestamp_step() == 2 * step) rate = codec->clock_rate() * 2;
      if (uint64_t{use.timestamp_step()} * 8 == step) {
        rate = codec->clock_rate() / 8;
      }
    }
  }
  return rate;
}

absl::StatusOr<std::vector<StreamFacts>> GatherStreams(
    Store& store, const store::v1::CallRecord& record,
    const std::string& stream_id) {
  const v1::Call& call = record.call();
  std::vector<StreamFacts> streams;
  SideGuess sides(call);
  const std::vector<int> depths = DepthsOf(call);
  for (const v1::Stream* stream : ByStart(call)) {
    StreamFacts facts;
    facts.stream = stream;
    facts.channel = sides.ChannelOf(*stream);
    facts.distance = DistanceOf(call, depths, *stream, facts.channel);
    if (!stream_id.empty()) {
      if (stream->id() != stream_id) continue;
      facts.channel = 0;
    }
    RETURN_IF_ERROR(ReadFacts(store, record, facts));
    streams.push_back(std::move(facts));
  }
  if (!stream_id.empty() && streams.empty()) {
    return absl::NotFoundError(
        absl::StrCat("the call has no stream ", stream_id));
  }
  return streams;
}

TrackSource SourceOf(const StreamFacts& facts, const CallSdp& sdp,
                     const std::vector<CandidateKey>& keys) {
  TrackSource source;
  source.channel = facts.channel;
  source.stream_id = facts.stream->id();
  source.observations = facts.sources;
  source.payloads = sdp.payloads.For(*facts.stream);
  source.clock_rate = ClockRateOf(facts, source.payloads, keys);
  source.ssrc = facts.stream->ssrc();
  source.encryption = facts.stream->encryption();
  return source;
}

SilentSource SilenceOf(const v1::Stream& stream) {
  using google::protobuf::util::TimeUtil;
  return {stream.id(), stream.encryption(),
          TimeUtil::TimestampToNanoseconds(stream.start_time()),
          TimeUtil::TimestampToNanoseconds(stream.end_time())};
}

}  // namespace

StreamUnion OpenStream(MediaStore& store, const TrackSource& source) {
  std::unique_ptr<SrtpDecryptor> decryptor;
  if (!source.keys.empty()) {
    decryptor = std::make_unique<SrtpDecryptor>(source.ssrc, source.keys);
  }
  return StreamUnion(store, source.observations, std::move(decryptor));
}

absl::StatusOr<std::vector<TrackSource>> SourcesOfStreams(
    Store& store, const store::v1::CallRecord& record,
    const std::string& stream_id) {
  ASSIGN_OR_RETURN(const std::vector<StreamFacts> streams,
                   GatherStreams(store, record, stream_id));
  ASSIGN_OR_RETURN(const CallSdp sdp, ReadSdp(store, record));
  std::vector<TrackSource> sources;
  for (const StreamFacts& facts : streams) {
    if (facts.sources.empty()) continue;
    std::vector<CandidateKey> keys;
    if (facts.stream->encrypted()) keys = sdp.keys.For(*facts.stream);
    sources.push_back(SourceOf(facts, sdp, keys));
    sources.back().keys = std::move(keys);
  }
  return sources;
}

absl::StatusOr<CallLayout> LayOutCall(Store& store,
                                      const store::v1::CallRecord& record,
                                      const std::string& stream_id) {
  CallLayout layout;
  ASSIGN_OR_RETURN(std::vector<StreamFacts> streams,
                   GatherStreams(store, record, stream_id));
  ASSIGN_OR_RETURN(const CallSdp sdp, ReadSdp(store, record));
  std::stable_sort(streams.begin(), streams.end(),
                   [](const StreamFacts& a, const StreamFacts& b) {
                     return a.distance < b.distance;
                   });
  std::vector<const StreamFacts*> leaders;
  for (StreamFacts& facts : streams) {
    const v1::Stream& stream = *facts.stream;
    std::vector<CandidateKey> keys;
    if (stream.encrypted()) keys = sdp.keys.For(stream);
    if (stream.encrypted() && keys.empty()) {
      layout.silent.push_back(SilenceOf(stream));
      continue;
    }
    if (facts.sources.empty()) continue;
    const auto same = std::find_if(leaders.begin(), leaders.end(),
                                   [&facts](const StreamFacts* leader) {
                                     return SamePackets(*leader, facts);
                                   });
    if (same != leaders.end()) {
      auto& known = layout.tracks[same - leaders.begin()].observations;
      known.insert(known.end(), facts.sources.begin(), facts.sources.end());
      continue;
    }
    leaders.push_back(&facts);
    layout.tracks.push_back(SourceOf(facts, sdp, keys));
    layout.tracks.back().keys = std::move(keys);
  }
  return layout;
}

}  // namespace callbraid::collector
