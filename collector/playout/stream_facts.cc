#include "collector/playout/stream_facts.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "collector/store/clock_offset.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// A time beyond this (2116) is nonsense.
constexpr int64_t kMaxTimeNs = int64_t{1} << 62;

absl::Status ReadFacts(Store& store, const store::v1::CallRecord& record,
                       StreamFacts& facts) {
  std::set<std::string> known;
  std::optional<Place> only;
  if (facts.is_heard) only = LastPlaceOf(*facts.stream);
  for (const v1::StreamObservation& seen : facts.stream->observations()) {
    if (only && PlaceOf(seen) != *only) continue;
    if (!known.insert(seen.id()).second) continue;
    ASSIGN_OR_RETURN(auto stored, LoadObservation(store, seen.id()));
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

}  // namespace

absl::StatusOr<std::optional<StoredObservation>> LoadObservation(
    Store& store, const std::string& hex) {
  const auto id = ObservationId::FromHex(hex);
  if (!id) return std::nullopt;
  auto stored = store.facts().GetObservation(*id);
  if (absl::IsNotFound(stored.status())) return std::nullopt;
  RETURN_IF_ERROR(stored.status());
  return std::optional(*std::move(stored));
}

Place PlaceOf(const v1::StreamObservation& seen) {
  return {seen.sensor(), seen.capture_point()};
}

std::optional<Place> LastPlaceOf(const v1::Stream& stream) {
  if (!stream.hops().empty()) {
    const v1::Hop& last = *stream.hops().rbegin();
    return Place(last.to_sensor(), last.to_capture_point());
  }
  if (stream.observations().empty()) return std::nullopt;
  return PlaceOf(stream.observations(0));
}

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

absl::StatusOr<std::vector<StreamFacts>> GatherUdptlStreams(
    Store& store, const store::v1::CallRecord& record) {
  std::vector<StreamFacts> streams;
  SideGuess sides(record.call());
  for (const v1::Stream* stream : ByStart(record.call())) {
    if (stream->transport() != v1::MEDIA_TRANSPORT_UDPTL) continue;
    StreamFacts facts;
    facts.stream = stream;
    facts.channel = sides.ChannelOf(*stream);
    RETURN_IF_ERROR(ReadFacts(store, record, facts));
    streams.push_back(std::move(facts));
  }
  return streams;
}

absl::StatusOr<std::vector<StreamFacts>> GatherStreams(
    Store& store, const store::v1::CallRecord& record,
    const std::string& stream_id, int listener) {
  const v1::Call& call = record.call();
  std::vector<StreamFacts> streams;
  SideGuess sides(call);
  const std::vector<int> depths = DepthsOf(call);
  for (const v1::Stream* stream : ByStart(call)) {
    if (stream->transport() == v1::MEDIA_TRANSPORT_UDPTL) {
      if (stream->id() != stream_id) continue;
      return absl::FailedPreconditionError(absl::StrCat(
          "stream ", stream_id, " is no audio, but a fax by T.38"));
    }
    StreamFacts facts;
    facts.stream = stream;
    facts.channel = sides.ChannelOf(*stream);
    facts.is_heard =
        stream_id.empty() && listener >= 0 && facts.channel != listener;
    facts.distance = DistanceOf(call, depths, *stream,
                                facts.is_heard ? listener : facts.channel);
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

}  // namespace callbraid::collector
