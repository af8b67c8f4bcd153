#include "collector/ingest/media_orders.h"

#include <algorithm>
#include <optional>
#include <tuple>

namespace callbraid::collector {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kLookNs = 5 * kSecond;
// What was asked for and has not come by then is asked of the next keeper, so
// often of each.
constexpr int64_t kAgainNs = 30 * kSecond;
constexpr int kMaxTimes = 3;
// Of v1::MediaOrder.
constexpr int64_t kMaxPackets = 32'768;

v1::MediaOrder OrderFor(v1::MediaOrder::Kind kind, uint32_t capture_point,
                        const FlowKey& flow, uint32_t ssrc) {
  v1::MediaOrder order;
  order.set_kind(kind);
  order.set_capture_point(capture_point);
  *order.mutable_source() = ToProto(flow.source);
  *order.mutable_destination() = ToProto(flow.destination);
  order.set_ssrc(ssrc);
  return order;
}

bool Overlap(const PayloadGap& a, const PayloadGap& b) {
  return a.stream == b.stream && a.begin < b.end && b.begin < a.end;
}

}  // namespace

MediaOrders::Sensor* MediaOrders::Find(const MediaPlace& place,
                                       StreamKey& key) {
  const auto found = sensors_.find(place.sensor);
  if (found == sensors_.end()) return nullptr;
  const auto point = found->second.capture_points.find(place.capture_point);
  if (point == found->second.capture_points.end()) return nullptr;
  key = {point->second, place.flow, place.ssrc};
  return &found->second;
}

// Those that cannot keep it send it anyway. Among others whoever sends it now
// goes on.
const MediaCandidate* MediaOrders::SenderOf(
    const std::vector<MediaCandidate>& stream) {
  using Rank = std::tuple<bool, bool, int64_t, std::string, std::string>;
  const MediaCandidate* best = nullptr;
  std::optional<Rank> best_rank;
  for (const MediaCandidate& candidate : stream) {
    StreamKey key;
    const Sensor* const sensor = Find(candidate.place, key);
    if (sensor == nullptr || !candidate.good) continue;
    Rank rank = {sensor->keeps_media, sensor->keeping.contains(key),
                 candidate.lacks, candidate.place.sensor,
                 candidate.place.capture_point};
    if (best_rank && *best_rank <= rank) continue;
    best = &candidate;
    best_rank = std::move(rank);
  }
  return best;
}

void MediaOrders::Decide(const std::vector<MediaCandidate>& stream, Call& call,
                         Outgoing& out) {
  const MediaCandidate* const sender = SenderOf(stream);
  for (const MediaCandidate& candidate : stream) {
    StreamKey key;
    Sensor* const sensor = Find(candidate.place, key);
    if (sensor == nullptr || !sensor->keeps_media) continue;
    const auto kept = sensor->keeping.find(key);
    const bool keeps = kept != sensor->keeping.end();
    const bool is_to_keep = sender != nullptr && &candidate != sender;
    if (is_to_keep) call.kept.emplace_back(candidate.place.sensor, key);
    if (is_to_keep && keeps) kept->second = sender->place.sensor;
    if (is_to_keep == keeps) continue;
    if (is_to_keep) {
      sensor->keeping.emplace(key, sender->place.sensor);
    } else {
      sensor->keeping.erase(kept);
    }
    *out[candidate.place.sensor].add_orders() = OrderFor(
        is_to_keep ? v1::MediaOrder::KIND_KEEP : v1::MediaOrder::KIND_SEND,
        key.capture_point, key.flow, key.ssrc);
  }
}

// Streams that are over, that one place alone sees now, or that belong to
// another call, which will say so.
void MediaOrders::EndKept(const Call& before, const Call& now, Outgoing& out) {
  for (const auto& kept : before.kept) {
    if (std::find(now.kept.begin(), now.kept.end(), kept) != now.kept.end()) {
      continue;
    }
    const auto& [id, key] = kept;
    const auto sensor = sensors_.find(id);
    if (sensor == sensors_.end() || sensor->second.keeping.erase(key) == 0) {
      continue;
    }
    *out[id].add_orders() = OrderFor(v1::MediaOrder::KIND_SEND,
                                     key.capture_point, key.flow, key.ssrc);
  }
}

void MediaOrders::OnWishes(const ObservationId& id, const MediaWishes& wishes) {
  MutexLock lock(mutex_);
  const auto found = calls_.find(id);
  if (found == calls_.end() && wishes.streams.empty() && wishes.gaps.empty()) {
    return;
  }
  Call before;
  if (found != calls_.end()) before = std::move(found->second);
  Call now;
  Outgoing out;
  if (found != calls_.end() || calls_.size() < kMaxCalls) {
    for (const auto& stream : wishes.streams) Decide(stream, now, out);
  }
  EndKept(before, now, out);
  for (const PayloadGap& what : wishes.gaps) {
    if (now.gaps.size() >= kMaxGaps) break;
    Gap& gap = now.gaps.emplace_back();
    gap.what = what;
    gap.times.resize(what.keepers.size());
    for (const Gap& old : before.gaps) {
      // A part of what was asked for has come, or more of it is missed.
      if (!Overlap(old.what, what)) continue;
      gap.asked_ns = std::max(gap.asked_ns, old.asked_ns);
      for (size_t i = 0; i < what.keepers.size(); ++i) {
        for (size_t j = 0; j < old.what.keepers.size(); ++j) {
          if (old.what.keepers[j].place == what.keepers[i].place) {
            gap.times[i] = std::max(gap.times[i], old.times[j]);
          }
        }
      }
    }
    if (gap.asked_ns == 0) Ask(gap, out);
  }
  if (now.kept.empty() && now.gaps.empty()) {
    calls_.erase(id);
  } else if (found != calls_.end() || calls_.size() < kMaxCalls) {
    calls_[id] = std::move(now);
  }
  Send(std::move(out));
}

bool MediaOrders::HasGivenUp(const ObservationId& call) const {
  MutexLock lock(mutex_);
  const auto found = calls_.find(call);
  return found != calls_.end() && found->second.given_up;
}

// Of the keeper that was asked least often, of those that are there.
void MediaOrders::Ask(Gap& gap, Outgoing& out) {
  std::optional<size_t> next;
  for (size_t i = 0; i < gap.times.size(); ++i) {
    StreamKey key;
    const Sensor* const sensor = Find(gap.what.keepers[i].place, key);
    if (sensor == nullptr || !sensor->has_kept_media ||
        gap.times[i] >= kMaxTimes) {
      continue;
    }
    if (!next || gap.times[i] < gap.times[*next]) next = i;
  }
  // Whoever is away is waited for.
  gap.given_up = !next && gap.asked_ns != 0 &&
                 std::all_of(gap.times.begin(), gap.times.end(),
                             [](int times) { return times >= kMaxTimes; });
  if (!next) return;
  const PayloadGap::Keeper& keeper = gap.what.keepers[*next];
  StreamKey key;
  Find(keeper.place, key);
  v1::MediaOrder order = OrderFor(v1::MediaOrder::KIND_DELIVER,
                                  key.capture_point, key.flow, key.ssrc);
  order.set_first_sequence(keeper.first_sequence);
  order.set_packets(static_cast<uint32_t>(
      std::min(gap.what.end - gap.what.begin, kMaxPackets)));
  order.set_near_ns(keeper.near_ns);
  *out[keeper.place.sensor].add_orders() = std::move(order);
  gap.asked_ns = clock_.MonotonicNs();
  ++gap.times[*next];
}

void MediaOrders::Connected(const v1::Hello& hello,
                            std::shared_ptr<UplinkPeer> peer) {
  MutexLock lock(mutex_);
  Forget(hello.sensor_id());
  Sensor& sensor = sensors_[hello.sensor_id()];
  sensor.peer = std::move(peer);
  sensor.keeps_media = hello.keeps_media();
  sensor.has_kept_media = hello.keeps_media() || hello.has_kept_media();
  if (sensor.keeps_media) ++keepers_;
  for (int i = 0; i < hello.capture_points_size(); ++i) {
    sensor.capture_points[hello.capture_points(i).name()] =
        static_cast<uint32_t>(i);
  }
}

void MediaOrders::Disconnected(const std::string& id) {
  MutexLock lock(mutex_);
  Forget(id);
  Outgoing out;
  for (auto& [other, sensor] : sensors_) {
    for (auto it = sensor.keeping.begin(); it != sensor.keeping.end();) {
      const auto& [key, sender] = *it;
      if (sender != id) {
        ++it;
        continue;
      }
      *out[other].add_orders() = OrderFor(
          v1::MediaOrder::KIND_SEND, key.capture_point, key.flow, key.ssrc);
      sensor.keeping.erase(it++);
    }
  }
  Send(std::move(out));
}

void MediaOrders::Forget(const std::string& sensor) {
  const auto found = sensors_.find(sensor);
  if (found == sensors_.end()) return;
  if (found->second.keeps_media) --keepers_;
  sensors_.erase(found);
}

std::vector<ObservationId> MediaOrders::OnTime() {
  MutexLock lock(mutex_);
  std::vector<ObservationId> given_up;
  const int64_t now_ns = clock_.MonotonicNs();
  if (now_ns < next_look_ns_) return given_up;
  next_look_ns_ = now_ns + kLookNs;
  Outgoing out;
  for (auto& [id, call] : calls_) {
    for (Gap& gap : call.gaps) {
      if (gap.asked_ns == 0 || now_ns - gap.asked_ns >= kAgainNs) Ask(gap, out);
    }
    const bool before = call.given_up;
    call.given_up = !call.gaps.empty() &&
                    std::all_of(call.gaps.begin(), call.gaps.end(),
                                [](const Gap& gap) { return gap.given_up; });
    if (call.given_up && !before) given_up.push_back(id);
  }
  Send(std::move(out));
  return given_up;
}

void MediaOrders::Send(Outgoing out) {
  for (auto& [id, orders] : out) {
    v1::ConnectResponse response;
    *response.mutable_media_orders() = std::move(orders);
    sensors_.at(id).peer->Send(std::move(response));
  }
}

}  // namespace callbraid::collector
