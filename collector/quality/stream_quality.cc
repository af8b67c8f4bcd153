#include "collector/quality/stream_quality.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/match.h"

namespace callbraid::collector {
namespace {

// A stream that claims more codecs than this is none.
constexpr size_t kMaxCodecs = 16;
// Of one slice: a flood that claims to be a stream must not cost more.
constexpr size_t kMaxTransits = 8192;

constexpr int64_t kBinNs = 100'000;
constexpr size_t kBins = 10'000;  // A second; the last holds all beyond.

constexpr double kShare = 0.95;

}  // namespace

double CodecUse::bits_per_second() const {
  if (interval_ns.value() <= 0) return 0;
  return static_cast<double>(payload_bytes.value()) * 8e9 /
         static_cast<double>(interval_ns.value());
}

StreamQuality::StreamQuality(int64_t origin_ns, size_t max_slices)
    : slices_(origin_ns, max_slices),
      codecs_(1),
      window_([this](const PacketFate& fate) { OnFate(fate); }),
      bursts_ns_(origin_ns),
      delays_ns_(origin_ns),
      slower_(kBins) {}

void StreamQuality::Add(const QualityPacket& packet) {
  const SequenceWindow::Added added =
      window_.Add(packet.sequence, packet.time_ns);
  // Slices go with time, and time does not go back.
  const int64_t time_ns = std::max(packet.time_ns, delays_ns_);
  if (slices_.IndexOf(time_ns) != slices_.IndexOf(delays_ns_)) CloseDelays();
  delays_ns_ = time_ns;
  switch (added.arrival) {
    case SequenceWindow::Arrival::kStray:
      return;
    case SequenceWindow::Arrival::kDuplicate:
      ++total_.duplicates;
      ++slices_.At(time_ns).counts.duplicates;
      return;
    case SequenceWindow::Arrival::kLate:
      ++total_.reordered;
      ++slices_.At(time_ns).counts.reordered;
      break;
    case SequenceWindow::Arrival::kNext:
      break;
  }
  LearnCodec(packet, added.arrival == SequenceWindow::Arrival::kNext);
  Measure(packet, *added.fate);
}

void StreamQuality::LearnCodec(const QualityPacket& packet, bool is_next) {
  const auto step = static_cast<int32_t>(packet.timestamp - last_timestamp_);
  const bool follows =
      is_next && packet.sequence == static_cast<uint16_t>(last_sequence_ + 1);
  last_sequence_ = packet.sequence;
  last_timestamp_ = packet.timestamp;
  if (packet.codec.empty()) return;
  const absl::string_view name(packet.codec.data(), packet.codec.size());
  if (!absl::EqualsIgnoreCase(codecs_[codec_].name, name)) {
    if (codecs_[0].name.empty()) codecs_[0].name = packet.codec;
    codec_ = 0;
    while (codec_ < codecs_.size() &&
           !absl::EqualsIgnoreCase(codecs_[codec_].name, name)) {
      ++codec_;
    }
    if (codec_ == codecs_.size()) {
      if (codecs_.size() == kMaxCodecs) {
        codec_ = 0;
        return;
      }
      codecs_.emplace_back().name = packet.codec;
    }
  }
  CodecUse& codec = codecs_[codec_];
  ++codec.packets;
  codec.payload_bytes.Add(packet.payload_bytes);
  if (follows && step > 0 && packet.clock_rate > 0) {
    codec.interval_ns.Add(int64_t{step} * 1'000'000'000 / packet.clock_rate);
  }
}

void StreamQuality::Measure(const QualityPacket& packet, PacketFate& fate) {
  slices_.At(delays_ns_).codec = codec_;
  const auto measure = transit_.Add(packet.time_ns, packet.timestamp,
                                    packet.clock_rate, packet.payload_type);
  if (!measure) return;
  fate.discarded = measure->discarded;
  for (QualityCounts* counts : {&total_, &slices_.At(delays_ns_).counts}) {
    ++counts->measured;
    counts->jitter_sum_ns += measure->jitter_ns;
    counts->max_jitter_ns = std::max(counts->max_jitter_ns, measure->jitter_ns);
  }
  if (transits_.size() < kMaxTransits) transits_.push_back(measure->transit_ns);
}

void StreamQuality::OnFate(const PacketFate& fate) {
  const int64_t time_ns = std::max(fate.time_ns, bursts_ns_);
  if (slices_.IndexOf(time_ns) != slices_.IndexOf(bursts_ns_)) CloseBursts();
  bursts_ns_ = time_ns;
  for (QualityCounts* counts : {&total_, &slices_.At(time_ns).counts}) {
    ++counts->expected;
    counts->lost += fate.arrived ? 0 : 1;
    counts->discarded += fate.discarded ? 1 : 0;
  }
  const bool missing = !fate.arrived || fate.discarded;
  bursts_.Add(missing);
  slice_bursts_.Add(missing);
}

void StreamQuality::CloseBursts() {
  const BurstGapCounts counts = slice_bursts_.Take();
  if (counts.burst_packets + counts.gap_packets == 0) return;
  slices_.At(bursts_ns_).counts.burst_gap += counts;
}

void StreamQuality::CloseDelays() {
  if (transits_.empty()) return;
  const size_t at = std::min(
      transits_.size() - 1,
      static_cast<size_t>(kShare * static_cast<double>(transits_.size())));
  const int64_t least = *std::min_element(transits_.begin(), transits_.end());
  for (const int64_t transit : transits_) {
    const auto bin = static_cast<size_t>((transit - least) / kBinNs);
    ++slower_[std::min(bin, kBins - 1)];
  }
  std::nth_element(transits_.begin(),
                   transits_.begin() + static_cast<ptrdiff_t>(at),
                   transits_.end());
  QualityCounts& counts = slices_.At(delays_ns_).counts;
  counts.delay_variation_p95_ns =
      std::max(counts.delay_variation_p95_ns, transits_[at] - least);
  transits_.clear();
}

void StreamQuality::Finish() {
  window_.Flush();
  CloseBursts();
  CloseDelays();
  total_.burst_gap = bursts_.Take();
  uint64_t all = 0;
  for (const uint32_t packets : slower_) all += packets;
  uint64_t passed = 0;
  for (size_t bin = 0; bin < kBins; ++bin) {
    passed += slower_[bin];
    if (all == 0 ||
        static_cast<double>(passed) < kShare * static_cast<double>(all)) {
      continue;
    }
    // The middle of the bin; the first holds what did not vary at all.
    total_.delay_variation_p95_ns =
        bin == 0 ? 0 : static_cast<int64_t>(bin) * kBinNs + kBinNs / 2;
    break;
  }
}

size_t StreamQuality::main_codec() const {
  size_t main = 0;
  for (size_t i = 1; i < codecs_.size(); ++i) {
    if (codecs_[i].packets > codecs_[main].packets) main = i;
  }
  return main;
}

}  // namespace callbraid::collector
