#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "collector/calls/call_streams.h"
#include "collector/calls/stream_path.h"
#include "collector/calls/stream_reception.h"
#include "collector/store/proto_time.h"

// A packet that a place saw has passed all places before it, whatever these
// saw: so what a place missed and a later one saw was lost by the mirror, the
// interface or the kernel, and what is missing from some place on was lost by
// the network. Only of what the last place missed nothing further on can tell,
// but the receiver: it reports how much it lost in all.

namespace callbraid::collector {
namespace {

constexpr double kNsPerMs = 1e6;

// A place that watched before and after it saw the stream missed at most so
// many packets at either end of it; if more are missing, they went another way.
constexpr int64_t kEdgePackets = 50;
// Packets that were overtaken when the receiver made its report, and so count
// as lost there.
constexpr int64_t kOvertaken = 2;

uint32_t Count(int64_t number) {
  return static_cast<uint32_t>(
      std::clamp<int64_t>(number, 0, std::numeric_limits<uint32_t>::max()));
}

int64_t Discarded(const PathPlace& place) {
  return static_cast<int64_t>(place.discarded);
}

// In one segment: what a place, or several, saw.
struct Seen {
  SequenceSet packets;
  // The numbers that would have been seen here, had they passed.
  int64_t begin = 0;
  int64_t end = 0;

  bool empty() const { return packets.empty(); }
};

class Journey {
 public:
  Journey(std::vector<PathPlace> places, const SensorClocks& clocks)
      : places_(std::move(places)), clocks_(clocks), losses_(places_.size()) {
    for (const PathPlace& place : places_) {
      for (const auto& [segment, packets] : place.packets) {
        union_[segment].Add(packets);
      }
    }
    for (const auto& [segment, all] : union_) Watch(segment, all);
  }

  // `lost`: by all, less what is known to have gone elsewhere.
  void Measure(int64_t lost);
  // `unlisted`: UnlistedOf() the segment.
  void Believe(const StreamReception& reception, int64_t unlisted,
               v1::Stream& stream);
  void Write(v1::Stream& stream) const;

 private:
  struct Loss {
    int64_t seen_further_on = 0;
    int64_t reported_arrived = 0;
  };

  void Watch(size_t segment, const SequenceSet& all);
  void MeasureHop(size_t near, v1::Hop& hop) const;
  // What the places behind `place` saw of a segment.
  SequenceSet Behind(size_t place, size_t segment) const;

  const std::vector<PathPlace> places_;
  const SensorClocks& clocks_;
  std::map<size_t, SequenceSet> union_;
  // By segment, for each place.
  std::map<size_t, std::vector<Seen>> seen_;
  std::vector<v1::Hop> hops_;
  std::vector<Loss> losses_;
  int64_t lost_before_ = 0;
};

void Journey::Watch(size_t segment, const SequenceSet& all) {
  std::vector<Seen>& seen = seen_[segment];
  for (const PathPlace& place : places_) {
    Seen& here = seen.emplace_back();
    const auto packets = place.packets.find(segment);
    if (packets == place.packets.end()) continue;
    here.packets = packets->second;
    here.begin = here.packets.begin();
    here.end = here.packets.end();
    const auto packets_in = [&place](int64_t ns) {
      return std::min(place.interval_ns > 0 ? ns / place.interval_ns : 0,
                      kEdgePackets);
    };
    here.begin =
        std::max(all.begin(), here.begin - packets_in(place.watched_before_ns));
    here.end =
        std::min(all.end(), here.end + packets_in(place.watched_after_ns));
  }
}

SequenceSet Journey::Behind(size_t place, size_t segment) const {
  SequenceSet behind;
  const std::vector<Seen>& seen = seen_.at(segment);
  for (size_t i = place + 1; i < seen.size(); ++i) behind.Add(seen[i].packets);
  return behind;
}

void Journey::MeasureHop(size_t near, v1::Hop& hop) const {
  int64_t packets = 0;
  int64_t lost = 0;
  int64_t missed = 0;
  int64_t network = 0;
  for (const auto& [segment, seen] : seen_) {
    const Seen& from = seen[near];
    const Seen& to = seen[near + 1];
    if (from.empty() || to.empty()) continue;
    const int64_t begin = std::max(from.begin, to.begin);
    const int64_t end = std::min(from.end, to.end);
    const SequenceSet here = from.packets.Within(begin, end);
    const SequenceSet there = to.packets.Within(begin, end);
    const int64_t common = here.CommonWith(there);
    packets += here.size();
    lost += here.size() - common;
    missed += there.size() - common;
    network += here.size() - here.CommonWith(Behind(near, segment));
  }
  hop.set_packets(Count(packets));
  hop.set_lost(Count(lost));
  hop.set_missed_near(Count(missed));
  hop.set_network_lost(Count(network));
}

void Journey::Measure(int64_t lost) {
  lost_before_ = lost;
  // What a place discarded has passed there.
  for (const PathPlace& place : places_) lost_before_ -= Discarded(place);
  lost_before_ = std::max<int64_t>(0, lost_before_);
  for (size_t i = 0; i < places_.size(); ++i) {
    for (const auto& [segment, seen] : seen_) {
      if (seen[i].empty()) continue;
      const SequenceSet passed =
          Behind(i, segment).Within(seen[i].begin, seen[i].end);
      losses_[i].seen_further_on +=
          passed.size() - passed.CommonWith(seen[i].packets);
    }
    losses_[i].seen_further_on = std::max<int64_t>(
        0, losses_[i].seen_further_on - Discarded(places_[i]));
    if (i + 1 == places_.size()) break;
    const PathPlace& near = places_[i];
    const PathPlace& far = places_[i + 1];
    v1::Hop& hop = hops_.emplace_back();
    hop.set_from_sensor(near.sensor);
    hop.set_from_capture_point(near.capture_point);
    hop.set_to_sensor(far.sensor);
    hop.set_to_capture_point(far.capture_point);
    MeasureHop(i, hop);
    hop.set_network_lost(Count(int64_t{hop.network_lost()} - Discarded(far)));
    hop.set_duplicated(far.duplicates -
                       std::min(far.duplicates, near.duplicates));
    hop.set_reordered(far.reordered - std::min(far.reordered, near.reordered));
    const auto delay = DelayBetween(near, far, clocks_);
    if (!delay) continue;
    hop.set_delay_samples(Count(static_cast<int64_t>(delay->samples)));
    hop.set_delay_variation_ms(static_cast<double>(delay->variation_ns) /
                               kNsPerMs);
    hop.set_delay_variation_p95_ms(
        static_cast<double>(delay->variation_p95_ns) / kNsPerMs);
    if (!delay->clocked || !delay->delay.both_ways) continue;
    hop.set_delay_ms(static_cast<double>(delay->delay.delay_ns) / kNsPerMs);
    hop.set_delay_uncertainty_ms(
        static_cast<double>(delay->delay.uncertainty_ns) / kNsPerMs);
  }
}

// Numbers from the first that the last place saw to the highest that the
// receiver had heard of: of those, the receiver lost so many, less the copies
// that it got. What is missing here beyond that has arrived there.
void Journey::Believe(const StreamReception& reception, int64_t unlisted,
                      v1::Stream& stream) {
  const store::v1::ReceptionObservation& says = reception.node->reception();
  const std::vector<Seen>& seen = seen_.at(reception.segment);
  const Seen& last = seen.back();
  const SequenceSet& all = union_.at(reception.segment);
  v1::Reception& proto = *stream.mutable_reception();
  proto.set_reports(says.reports());
  proto.set_lost(says.last().cumulative_lost());
  *proto.mutable_time() = ToTimestamp(says.last().time_ns());
  if (stream.clock_rate() > 0) {
    const double ticks_per_ms = stream.clock_rate() / 1000.0;
    proto.set_jitter_ms(says.last().jitter() / ticks_per_ms);
    proto.set_max_jitter_ms(says.max_jitter() / ticks_per_ms);
  }
  if (last.empty()) return;
  const int64_t begin = last.begin;
  const int64_t end = std::min(reception.highest + 1, all.end());
  proto.set_expected(Count(end - begin));
  const SequenceSet passed = all.Within(begin, end);
  const int64_t missed = passed.size() - passed.CommonWith(last.packets);
  const int64_t unseen =
      std::max<int64_t>(0, end - begin - passed.size()) + unlisted;
  const int64_t reported = says.last().cumulative_lost();
  const int64_t copies = places_.back().duplicates;
  const int64_t discarded =
      std::min(Discarded(places_.back()), missed + unseen);
  const int64_t arrived = std::clamp<int64_t>(
      missed + unseen - reported - copies - discarded, 0, missed + unseen);
  losses_.back().reported_arrived = arrived;
  int64_t after = reported - (missed + unseen - discarded - arrived);
  if (after <= kOvertaken && places_.back().reordered > 0) after = 0;
  proto.set_lost_after(Count(after));
  // That the last place alone missed a packet is likelier than that all did.
  const int64_t on_hop =
      hops_.empty()
          ? 0
          : std::min<int64_t>({arrived, missed, hops_.back().network_lost()});
  if (on_hop > 0) {
    hops_.back().set_network_lost(Count(hops_.back().network_lost() - on_hop));
  }
  lost_before_ = std::max<int64_t>(0, lost_before_ - (arrived - on_hop));
}

void Journey::Write(v1::Stream& stream) const {
  for (const v1::Hop& hop : hops_) *stream.add_hops() = hop;
  stream.set_lost_before(Count(lost_before_));
  for (size_t i = 0; i < places_.size(); ++i) {
    const PathPlace& place = places_[i];
    if (losses_[i].seen_further_on == 0 && losses_[i].reported_arrived == 0 &&
        place.drops == 0 && place.discarded == 0) {
      continue;
    }
    v1::CaptureLoss& loss = *stream.add_capture_losses();
    loss.set_sensor(place.sensor);
    loss.set_capture_point(place.capture_point);
    loss.set_seen_further_on(Count(losses_[i].seen_further_on));
    loss.set_reported_arrived(Count(losses_[i].reported_arrived));
    loss.set_drops(place.drops);
    loss.set_discarded(Count(Discarded(place)));
  }
}

}  // namespace

void AddJourney(const CallStream& stream, const Component& component,
                const std::vector<CallLeg>& legs, const SensorClocks& clocks,
                v1::Stream& proto) {
  Journey journey(PathOf(stream, component, legs, clocks), clocks);
  journey.Measure(proto.lost());
  if (const auto reception = ReceptionOf(stream, component, clocks)) {
    journey.Believe(*reception, UnlistedOf(stream, reception->segment), proto);
  }
  journey.Write(proto);
}

}  // namespace callbraid::collector
