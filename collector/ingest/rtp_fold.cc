#include "collector/ingest/rtp_fold.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <optional>

#include "collector/ingest/sequence_runs.h"
#include "collector/store/buckets.h"
#include "collector/store/tokens.h"
#include "common/media/fingerprint.h"
#include "common/rtp/sequence.h"
#include "common/sip/sdp.h"

namespace callbraid::collector {
namespace {

constexpr int kMaxPayloadTypes = 16;
// A larger deviation is no jitter: the source began to count anew.
constexpr int64_t kMaxDeviationNs = 2'000'000'000;
// What it takes to infer a clock rate from one chunk.
constexpr uint32_t kRatePackets = 10;
constexpr int64_t kRateSpanNs = 100'000'000;
constexpr std::array<int64_t, 6> kClockRates = {8000,  16000, 24000,
                                                32000, 48000, 90000};
// First extended sequence number: packets overtaken by it stay positive.
constexpr uint64_t kSequenceBase = 65536;

uint32_t Microseconds(uint64_t ns) {
  return static_cast<uint32_t>(
      std::min<uint64_t>(ns / 1000, std::numeric_limits<uint32_t>::max()));
}

// The clock rate at which the packets of `type` came, if it is a usual one.
uint32_t InferClockRate(uint32_t type,
                        const std::vector<ChunkPacket>& packets) {
  const ChunkPacket* first = nullptr;
  const ChunkPacket* last = nullptr;
  uint32_t count = 0;
  for (const ChunkPacket& packet : packets) {
    if (packet.rtp.payload_type != type) continue;
    if (first == nullptr) first = &packet;
    last = &packet;
    ++count;
  }
  if (count < kRatePackets) return 0;
  const int64_t span_ns = last->time_ns - first->time_ns;
  const auto timestamps =
      static_cast<int32_t>(last->rtp.timestamp - first->rtp.timestamp);
  if (span_ns < kRateSpanNs || timestamps <= 0) return 0;
  const int64_t rate =
      static_cast<int64_t>(1e9 * timestamps / static_cast<double>(span_ns));
  const int64_t nearest = *std::min_element(
      kClockRates.begin(), kClockRates.end(), [rate](int64_t a, int64_t b) {
        return std::abs(a - rate) < std::abs(b - rate);
      });
  return std::abs(nearest - rate) * 8 <= nearest
             ? static_cast<uint32_t>(nearest)
             : 0;
}

// The use of a payload type; null if there are too many. `chunk`: the packets
// that came with `packet`.
store::v1::PayloadTypeUse* UseOf(const ChunkPacket& packet,
                                 const std::vector<ChunkPacket>& chunk,
                                 store::v1::RtpTally& tally) {
  const uint32_t type = packet.rtp.payload_type;
  for (store::v1::PayloadTypeUse& use : *tally.mutable_payload_types()) {
    if (use.payload_type() == type) return &use;
  }
  if (tally.payload_types_size() >= kMaxPayloadTypes) return nullptr;
  store::v1::PayloadTypeUse& use = *tally.add_payload_types();
  use.set_payload_type(type);
  use.set_first_time_ns(packet.time_ns);
  use.set_payload_size(packet.payload_size);
  use.set_clock_rate(StaticPayloadOf(packet.rtp.payload_type).clock_rate);
  if (use.clock_rate() == 0) use.set_clock_rate(InferClockRate(type, chunk));
  return &use;
}

// Majority vote (Boyer and Moore): the most frequent value, in two numbers.
struct Vote {
  uint32_t value = 0;
  uint32_t lead = 0;

  void Cast(uint32_t other) {
    if (lead == 0) value = other;
    value == other ? ++lead : --lead;
  }
};

void VoteForStep(uint32_t step, store::v1::PayloadTypeUse& use) {
  Vote vote = {use.timestamp_step(), use.timestamp_step_lead()};
  vote.Cast(step);
  use.set_timestamp_step(vote.value);
  use.set_timestamp_step_lead(vote.lead);
}

void VoteForSize(uint32_t size, store::v1::PayloadTypeUse& use) {
  Vote vote = {use.usual_size(), use.usual_size_lead()};
  vote.Cast(size);
  use.set_usual_size(vote.value);
  use.set_usual_size_lead(vote.lead);
}

// RFC 3550, appendix A.8, in nanoseconds instead of timestamp units.
void FoldJitter(const ChunkPacket& packet, uint32_t clock_rate,
                store::v1::RtpTally& tally) {
  const store::v1::RtpFoldState& previous = tally.state();
  const auto timestamps =
      static_cast<int32_t>(packet.rtp.timestamp - previous.timestamp());
  const int64_t expected_ns =
      int64_t{timestamps} * 1'000'000'000 / int64_t{clock_rate};
  const int64_t deviation =
      std::abs(packet.time_ns - previous.time_ns() - expected_ns);
  if (deviation > kMaxDeviationNs) return;
  const uint64_t jitter_16 = previous.jitter_ns_16();
  const uint64_t next =
      jitter_16 + static_cast<uint64_t>(deviation) - ((jitter_16 + 8) >> 4);
  tally.mutable_state()->set_jitter_ns_16(next);
  v1::StreamStatistics& statistics = *tally.mutable_statistics();
  statistics.set_jitter_us(Microseconds(next >> 4));
  statistics.set_max_jitter_us(
      std::max(statistics.max_jitter_us(), statistics.jitter_us()));
}

// The hash of a packet that may be an anchor; 0 of any other.
uint64_t CandidateHash(const ChunkPacket& packet, size_t anchors,
                       store::v1::RtpFoldState& state) {
  if (packet.withheld) {
    // The sensor has chosen.
    if (packet.payload_hash_after != 0) {
      state.set_payload_hash(packet.payload_hash_after);
    }
    return IsSampled(packet.payload_hash, anchors) ? packet.payload_hash : 0;
  }
  const uint64_t hash = PayloadHash(packet.rtp.payload);
  const bool repeats = hash == state.payload_hash();
  state.set_payload_hash(hash);
  const bool chosen =
      !repeats && IsSampled(hash, anchors) && IsDistinctive(packet.rtp.payload);
  return chosen ? hash : 0;
}

void FoldAnchor(const ChunkPacket& packet, uint64_t sequence,
                store::v1::RtpObservation& rtp, store::v1::RtpFoldState& state,
                RtpChange& change) {
  const auto anchors = static_cast<size_t>(rtp.anchors_size());
  if (anchors >= kMaxAnchors || packet.rtp.truncated) return;
  const uint64_t hash = CandidateHash(packet, anchors, state);
  if (hash == 0) return;
  store::v1::PayloadAnchor& anchor = *rtp.add_anchors();
  anchor.set_payload_hash(hash);
  anchor.set_sequence(sequence);
  anchor.set_timestamp(packet.rtp.timestamp);
  anchor.set_time_ns(packet.time_ns);
  change.observation = true;
  if (HasToken(hash, anchors)) change.tokens.push_back(PayloadToken(hash));
}

void FoldPacket(const ChunkPacket& packet,
                const std::vector<ChunkPacket>& chunk,
                store::v1::Observation& observation, store::v1::RtpTally& tally,
                RtpChange& change) {
  v1::StreamStatistics& statistics = *tally.mutable_statistics();
  const bool first = tally.runs().empty();
  statistics.set_packets(statistics.packets() + 1);
  statistics.set_payload_bytes(statistics.payload_bytes() +
                               packet.payload_size);
  if (!first && packet.time_ns > tally.last_time_ns()) {
    const uint32_t gap_us =
        Microseconds(static_cast<uint64_t>(packet.time_ns) -
                     static_cast<uint64_t>(tally.last_time_ns()));
    statistics.set_max_gap_us(std::max(statistics.max_gap_us(), gap_us));
  }
  tally.set_last_time_ns(
      first ? packet.time_ns : std::max(tally.last_time_ns(), packet.time_ns));

  const uint64_t sequence =
      first ? packet.rtp.sequence + kSequenceBase
            : static_cast<uint64_t>(
                  Unwrap(packet.rtp.sequence,
                         static_cast<int64_t>(tally.highest_sequence())));
  const bool overtaken = !first && sequence < tally.highest_sequence();
  if (!AddSequence(sequence, tally)) {
    statistics.set_duplicates(statistics.duplicates() + 1);
    return;
  }
  if (overtaken) statistics.set_reordered(statistics.reordered() + 1);
  if (packet.rtp.truncated) tally.set_truncated(tally.truncated() + 1);

  // UDPTL has no payload types, nor a clock.
  store::v1::PayloadTypeUse* const use =
      observation.rtp().transport() == v1::MEDIA_TRANSPORT_UDPTL
          ? nullptr
          : UseOf(packet, chunk, tally);
  store::v1::RtpFoldState& state = *tally.mutable_state();
  if (use != nullptr) {
    use->set_packets(use->packets() + 1);
    VoteForSize(packet.payload_size, *use);
    if (!first && state.payload_type() == packet.rtp.payload_type) {
      if (sequence == state.sequence() + 1) {
        VoteForStep(packet.rtp.timestamp - state.timestamp(), *use);
      }
      if (use->clock_rate() > 0) FoldJitter(packet, use->clock_rate(), tally);
    }
  }
  FoldAnchor(packet, sequence, *observation.mutable_rtp(), state, change);
  state.set_timestamp(packet.rtp.timestamp);
  state.set_payload_type(packet.rtp.payload_type);
  state.set_sequence(sequence);
  state.set_time_ns(packet.time_ns);
}

void AddTokensOf(const FlowKey& flow, const store::v1::Observation& observation,
                 std::vector<Token>& tokens) {
  const std::string& site = observation.site();
  const uint32_t ssrc = observation.rtp().ssrc();
  tokens.insert(tokens.end(), {FlowToken(flow.source, flow.destination, ssrc),
                               EndpointToken(site, flow.destination),
                               EndpointToken(site, flow.source),
                               PairToken(site, flow.source, flow.destination),
                               ReceptionToken(site, flow.source.address,
                                              flow.destination.address, ssrc)});
}

}  // namespace

RtpChange BeginRtp(const FlowKey& flow, const v1::MediaChunk& chunk,
                   const std::vector<ChunkPacket>& packets,
                   store::v1::Observation& observation,
                   store::v1::RtpTally& tally) {
  observation.set_first_time_ns(chunk.first_time_ns());
  store::v1::RtpObservation& rtp = *observation.mutable_rtp();
  *rtp.mutable_source() = ToProto(flow.source);
  *rtp.mutable_destination() = ToProto(flow.destination);
  rtp.set_ssrc(chunk.ssrc());
  rtp.set_transport(chunk.transport());
  rtp.set_first_timestamp(chunk.first_timestamp());
  rtp.set_first_sequence(chunk.first_sequence() + kSequenceBase);

  RtpChange change = FoldChunk(chunk, packets, observation, tally);
  change.observation = true;
  AddTokensOf(flow, observation, change.tokens);
  return change;
}

RtpChange BeginUnseen(const FlowKey& flow, const v1::StreamReport& report,
                      store::v1::Observation& observation,
                      store::v1::RtpTally& tally) {
  observation.set_first_time_ns(report.stream_start_ns());
  store::v1::RtpObservation& rtp = *observation.mutable_rtp();
  *rtp.mutable_source() = ToProto(flow.source);
  *rtp.mutable_destination() = ToProto(flow.destination);
  rtp.set_ssrc(report.ssrc());
  rtp.set_transport(report.transport());
  tally.set_last_time_ns(report.time_ns());
  RtpChange change;
  change.observation = true;
  AddTokensOf(flow, observation, change.tokens);
  return change;
}

bool IsUnseen(const store::v1::RtpTally& tally) {
  return tally.statistics().packets() == 0;
}

bool IsRepeat(const v1::MediaChunk& chunk, const store::v1::RtpTally& tally) {
  return chunk.first_time_ns() <= tally.last_chunk_ns();
}

RtpChange FoldChunk(const v1::MediaChunk& chunk,
                    const std::vector<ChunkPacket>& packets,
                    store::v1::Observation& observation,
                    store::v1::RtpTally& tally) {
  RtpChange change;
  // First, for it takes the rate to measure the jitter of these packets.
  for (store::v1::PayloadTypeUse& use : *tally.mutable_payload_types()) {
    if (use.clock_rate() == 0) {
      use.set_clock_rate(InferClockRate(use.payload_type(), packets));
    }
  }
  for (const ChunkPacket& packet : packets) {
    FoldPacket(packet, packets, observation, tally, change);
  }
  v1::StreamStatistics& statistics = *tally.mutable_statistics();
  const uint64_t expected =
      tally.highest_sequence() - tally.lowest_sequence() + 1;
  statistics.set_expected(static_cast<uint32_t>(expected));
  statistics.set_lost(static_cast<uint32_t>(
      expected - (statistics.packets() - statistics.duplicates())));
  tally.set_last_chunk_ns(chunk.first_time_ns());
  AddBucket(BucketOf(chunk.first_time_ns()), *tally.mutable_bucket_ranges());
  return change;
}

}  // namespace callbraid::collector
