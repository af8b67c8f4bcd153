#include "collector/playout/call_layout.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "collector/playout/g726_packing.h"
#include "collector/playout/stream_facts.h"
#include "collector/secure/call_keys.h"
#include "collector/store/buckets.h"
#include "collector/store/clock_offset.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::collector {
namespace {

// Streams that follow each other may touch.
constexpr int64_t kOverlapNs = 1'000'000'000;

using google::protobuf::util::TimeUtil;

// Each is a whole number of ticks.
uint32_t RecordingRate(uint32_t sample_rate) {
  return sample_rate <= 8000 ? 8000 : sample_rate <= 16000 ? 16000 : 48000;
}

// What the SDP of a call says, and the keys that its streams agreed on.
struct CallSdp {
  PayloadMap payloads;
  CallKeys keys;
};

bool SaysEncrypted(const store::v1::DialogObservation& dialog) {
  return std::any_of(
      dialog.media().begin(), dialog.media().end(),
      [](const store::v1::SdpMedia& media) { return media.encrypted(); });
}

absl::Status ReadDtlsKeys(Store& store, const store::v1::CallRecord& record,
                          CallKeys& keys) {
  for (const v1::Stream& stream : record.call().streams()) {
    if (!stream.encrypted()) continue;
    const int64_t start_ns =
        TimeUtil::TimestampToNanoseconds(stream.start_time());
    for (const v1::StreamObservation& seen : stream.observations()) {
      const auto id = ObservationId::FromHex(seen.id());
      if (!id) continue;
      RETURN_IF_ERROR(keys.ReadDtls(store, *id, stream,
                                    OffsetAt(record, seen.sensor(), start_ns)));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<CallSdp> ReadSdp(Store& store,
                                const store::v1::CallRecord& record) {
  CallSdp sdp;
  const bool any_encrypted = std::any_of(
      record.call().streams().begin(), record.call().streams().end(),
      [](const v1::Stream& stream) { return stream.encrypted(); });
  for (const v1::Leg& leg : record.call().legs()) {
    for (const v1::LegObservation& seen : leg.observations()) {
      ASSIGN_OR_RETURN(const auto stored, LoadObservation(store, seen.id()));
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
  RETURN_IF_ERROR(ReadDtlsKeys(store, record, sdp.keys));
  return sdp;
}

// The channel of who listens; -1: nobody.
int ListenerOf(Perspective perspective) {
  switch (perspective) {
    case Perspective::kHeardByCaller:
      return 0;
    case Perspective::kHeardByCallee:
      return 1;
    default:
      return -1;
  }
}

bool CarriesTones(const std::string& codec) {
  static constexpr const char* kWaveforms[] = {
      "PCMU",    "PCMA",    "L16",          "G722",
      "G726-32", "G726-40", "AAL2-G726-32", "AAL2-G726-40"};
  return std::any_of(std::begin(kWaveforms), std::end(kWaveforms),
                     [&codec](const char* name) {
                       return absl::EqualsIgnoreCase(codec, name);
                     });
}

// What its codecs make of `source`, by all that its payload types stand for.
void LookAtCodecs(const StreamFacts& facts, TrackSource& source) {
  for (const auto& observation : facts.observations) {
    for (const store::v1::PayloadTypeUse& use : observation.payload_types()) {
      for (const PayloadMeaning& meaning :
           source.payloads.Of(static_cast<uint8_t>(use.payload_type()))) {
        if (meaning.codec == nullptr) continue;
        source.sample_rate = std::max(
            source.sample_rate, RecordingRate(meaning.codec->sample_rate()));
        source.carries_tones |= CarriesTones(meaning.name);
      }
    }
  }
}

// As of what its packets are; RFC 3551 has a static type for it.
bool MayBeMispacked(const StreamFacts& facts, const StreamPayloads& payloads) {
  for (const auto& observation : facts.observations) {
    for (const store::v1::PayloadTypeUse& use : observation.payload_types()) {
      if (MayBeMispacked(payloads, static_cast<uint8_t>(use.payload_type()))) {
        return true;
      }
    }
  }
  return false;
}

// When ZRTP confirmed the keys of the stream, on the call's clock.
std::optional<int64_t> SecuredByZrtp(const StreamFacts& facts) {
  std::optional<int64_t> first;
  for (size_t i = 0; i < facts.observations.size(); ++i) {
    const int64_t raw_ns = facts.observations[i].zrtp_secure_ns();
    // From outside: a time beyond this (2116) is nonsense.
    if (raw_ns <= 0 || raw_ns > int64_t{1} << 62) continue;
    const int64_t time_ns = raw_ns + facts.sources[i].offset_ns;
    if (!first || time_ns < *first) first = time_ns;
  }
  return first;
}

absl::StatusOr<TrackSource> SourceOf(MediaStore& store,
                                     const StreamFacts& facts,
                                     const CallSdp& sdp,
                                     std::vector<CandidateKey> keys) {
  TrackSource source;
  source.channel = facts.channel;
  source.is_heard = facts.is_heard;
  source.stream_id = facts.stream->id();
  source.observations = facts.sources;
  source.payloads = sdp.payloads.For(*facts.stream);
  source.ssrc = facts.stream->ssrc();
  source.encryption = facts.stream->encryption();
  source.keys = std::move(keys);
  // Else it would be noise; the stream counts as in clear by its beginning.
  if (const auto secured_ns = SecuredByZrtp(facts);
      secured_ns && source.keys.empty()) {
    source.payloads.EncryptFrom(*secured_ns);
  }
  if (MayBeMispacked(facts, source.payloads)) {
    ASSIGN_OR_RETURN(
        source.is_mispacked,
        CorrectG726Packing(OpenStream(store, source), source.payloads));
  }
  LookAtCodecs(facts, source);
  const size_t trailer =
      source.keys.empty() ? 0 : TrailerBytes(source.keys.front());
  ASSIGN_OR_RETURN(source.rates,
                   TimestampRates::Measure(store, source.observations,
                                           source.payloads, trailer));
  return source;
}

bool OverlapInTime(const v1::Stream& a, const v1::Stream& b) {
  const auto begin = std::max(TimeUtil::TimestampToNanoseconds(a.start_time()),
                              TimeUtil::TimestampToNanoseconds(b.start_time()));
  const auto end = std::min(TimeUtil::TimestampToNanoseconds(a.end_time()),
                            TimeUtil::TimestampToNanoseconds(b.end_time()));
  return end - begin > kOverlapNs;
}

// What a listener does not hear from so far away: somebody speaks at its own
// end meanwhile, or these are the same packets, as they were before some loss.
bool IsBeyond(const StreamFacts& facts,
              const std::vector<const StreamFacts*>& nearer) {
  return facts.is_heard &&
         std::any_of(nearer.begin(), nearer.end(),
                     [&facts](const StreamFacts* known) {
                       return known->channel == facts.channel &&
                              known->distance < facts.distance &&
                              OverlapInTime(*known->stream, *facts.stream);
                     });
}

// Where what is heard is heard.
std::string PlaceInWords(const StreamFacts& facts) {
  const v1::Stream& stream = *facts.stream;
  const auto [sensor, point] = *LastPlaceOf(stream);
  const char* listener = facts.channel == 0 ? "callee" : "caller";
  std::set<Place> places;
  for (const v1::StreamObservation& seen : stream.observations()) {
    places.insert(PlaceOf(seen));
  }
  return absl::StrCat(
      "stream ", stream.id(), ": as the ", listener, " had it at ", sensor,
      point.empty() ? "" : " ", point,
      places.size() > 1
          ? absl::StrCat(", the last of ", places.size(), " capture points")
          : absl::StrCat(
                ", the only capture point: loss between there and the ",
                listener, " is not known"));
}

SilentSource SilenceOf(const v1::Stream& stream) {
  return {stream.id(), stream.encryption(),
          TimeUtil::TimestampToNanoseconds(stream.start_time()),
          TimeUtil::TimestampToNanoseconds(stream.end_time())};
}

}  // namespace

int64_t LastTimeOf(const TrackSource& source) {
  int64_t last_ns = 0;
  for (const ObservationSource& seen : source.observations) {
    if (seen.bucket_ranges.empty()) continue;
    last_ns =
        std::max(last_ns, int64_t{seen.bucket_ranges.back() + 1} * kBucketNs +
                              seen.offset_ns);
  }
  return last_ns;
}

TrackSource StartingAt(TrackSource source, int64_t time_ns) {
  if (!source.keys.empty()) return source;
  for (ObservationSource& seen : source.observations) {
    seen = StartingAt(std::move(seen), time_ns);
  }
  return source;
}

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
                   GatherStreams(store, record, stream_id, -1));
  ASSIGN_OR_RETURN(const CallSdp sdp, ReadSdp(store, record));
  std::vector<TrackSource> sources;
  for (const StreamFacts& facts : streams) {
    if (facts.sources.empty()) continue;
    std::vector<CandidateKey> keys;
    if (facts.stream->encrypted()) keys = sdp.keys.For(*facts.stream);
    ASSIGN_OR_RETURN(TrackSource source,
                     SourceOf(store.media(), facts, sdp, std::move(keys)));
    sources.push_back(std::move(source));
  }
  return sources;
}

absl::StatusOr<CallLayout> LayOutCall(Store& store,
                                      const store::v1::CallRecord& record,
                                      const std::string& stream_id,
                                      Perspective perspective) {
  CallLayout layout;
  ASSIGN_OR_RETURN(
      std::vector<StreamFacts> streams,
      GatherStreams(store, record, stream_id, ListenerOf(perspective)));
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
    if (facts.sources.empty() || IsBeyond(facts, leaders)) continue;
    const auto same = std::find_if(leaders.begin(), leaders.end(),
                                   [&facts](const StreamFacts* leader) {
                                     return SamePackets(*leader, facts);
                                   });
    if (same != leaders.end()) {
      if (facts.is_heard) continue;
      auto& known = layout.tracks[same - leaders.begin()].observations;
      known.insert(known.end(), facts.sources.begin(), facts.sources.end());
      continue;
    }
    leaders.push_back(&facts);
    if (facts.is_heard) layout.findings.push_back(PlaceInWords(facts));
    ASSIGN_OR_RETURN(TrackSource source,
                     SourceOf(store.media(), facts, sdp, std::move(keys)));
    if (source.is_mispacked) {
      layout.findings.push_back(
          absl::StrCat("stream ", stream.id(),
                       ": G.726 in the other packing than its name says, as "
                       "its sound shows"));
    }
    layout.tracks.push_back(std::move(source));
  }
  return layout;
}

}  // namespace callbraid::collector
