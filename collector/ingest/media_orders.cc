#include "collector/ingest/media_orders.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace callbraid::collector {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kLookNs = 5 * kSecond;
// What was asked for and has not come by then is asked of the next keeper, so
// often of each.
constexpr int64_t kAgainNs = 30 * kSecond;
constexpr int kMaxTimes = 3;
// And how often it begins anew because the connection ended.
constexpr int kMaxCutOff = 20;

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

// Of `gaps`, which are in the order of their packets and have `widest` packets
// at most, those that have any in common with `what`.
template <typename Gap, typename Visit>
void ForEachOverlap(std::vector<Gap>& gaps, int64_t widest,
                    const PayloadGap& what, const Visit& visit) {
  auto gap = std::lower_bound(
      gaps.begin(), gaps.end(), std::pair(what.stream, what.begin - widest),
      [](const Gap& other, const auto& begin) {
        return std::pair(other.what.stream, other.what.begin) < begin;
      });
  for (; gap != gaps.end() && gap->what.stream == what.stream &&
         gap->what.begin < what.end;
       ++gap) {
    if (what.begin < gap->what.end) visit(*gap);
  }
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
  if (found == calls_.end() &&
      ((wishes.streams.empty() && wishes.gaps.empty()) ||
       calls_.size() >= kMaxCalls)) {
    return;
  }
  Call before;
  if (found != calls_.end()) before = std::move(found->second);
  Call now;
  Outgoing out;
  for (const auto& stream : wishes.streams) Decide(stream, now, out);
  EndKept(before, now, out);
  now.gaps = TakeGaps(wishes.gaps, std::move(before.gaps));
  AskFor(now.gaps, out);
  // If it is now, OnTime() says so.
  now.given_up = before.given_up && AreGivenUp(now.gaps);
  if (now.kept.empty() && now.gaps.empty()) {
    calls_.erase(id);
  } else {
    calls_[id] = std::move(now);
  }
  Send(std::move(out));
}

// What was asked before goes on for what is left of it. Once a part has come
// the rest is not asked for in vain.
std::vector<MediaOrders::Gap> MediaOrders::TakeGaps(
    const std::vector<PayloadGap>& gaps, std::vector<Gap> before) {
  std::sort(before.begin(), before.end(), [](const Gap& a, const Gap& b) {
    return std::pair(a.what.stream, a.what.begin) <
           std::pair(b.what.stream, b.what.begin);
  });
  int64_t widest = 0;
  for (Gap& old : before) {
    old.came = old.what.end - old.what.begin;
    widest = std::max(widest, old.came);
  }
  for (const PayloadGap& what : gaps) {
    ForEachOverlap(before, widest, what, [&what](Gap& old) {
      old.came -= std::min(old.what.end, what.end) -
                  std::max(old.what.begin, what.begin);
    });
  }
  for (Gap& old : before) {
    if (old.came <= 0) continue;
    std::fill(old.times.begin(), old.times.end(), 0);
    const auto sensor = sensors_.find(old.asked_of);
    if (old.asked_ns == 0 || sensor == sensors_.end()) continue;
    sensor->second.delivered_ns = clock_.MonotonicNs();
    sensor->second.delivered_asked_ns =
        std::max(sensor->second.delivered_asked_ns, old.asked_ns);
  }
  std::vector<Gap> now;
  now.reserve(gaps.size());
  for (const PayloadGap& what : gaps) {
    Gap& gap = now.emplace_back();
    gap.what = what;
    gap.times.resize(what.keepers.size());
    ForEachOverlap(before, widest, what,
                   [&gap](const Gap& old) { Inherit(old, gap); });
  }
  return now;
}

void MediaOrders::Inherit(const Gap& old, Gap& gap) {
  gap.cut_off = std::max(gap.cut_off, old.cut_off);
  if (gap.asked_of.empty() || old.asked_ns > gap.asked_ns) {
    gap.asked_of = old.asked_of;
    gap.asked_instance = old.asked_instance;
    gap.asked_ns = old.asked_ns;
  }
  for (size_t i = 0; i < gap.times.size(); ++i) {
    for (size_t j = 0; j < old.times.size(); ++j) {
      if (old.what.keepers[j].place == gap.what.keepers[i].place) {
        gap.times[i] = std::max(gap.times[i], old.times[j]);
      }
    }
  }
}

bool MediaOrders::HasGivenUp(const ObservationId& call) const {
  MutexLock lock(mutex_);
  const auto found = calls_.find(call);
  return found != calls_.end() && found->second.given_up;
}

bool MediaOrders::AreGivenUp(const std::vector<Gap>& gaps) {
  return !gaps.empty() &&
         std::all_of(gaps.begin(), gaps.end(),
                     [](const Gap& gap) { return gap.given_up; });
}

// So many at once; those that nobody can be asked for take no place.
void MediaOrders::AskFor(std::vector<Gap>& gaps, Outgoing& out) {
  const int64_t now_ns = clock_.MonotonicNs();
  size_t asked = 0;
  for (Gap& gap : gaps) {
    if (gap.asked_ns != 0 && WasInVain(gap, now_ns)) {
      gap.asked_ns = 0;
      // Who is away has not failed: see WaitForAsked().
      if (sensors_.contains(gap.asked_of)) gap.asked_of.clear();
    }
    if (gap.asked_ns != 0) ++asked;
  }
  for (Gap& gap : gaps) {
    if (asked >= kMaxGaps) return;
    if (gap.asked_ns == 0 && Ask(gap, out)) ++asked;
  }
}

// A sensor delivers one after the other, and may have much to deliver over a
// narrow uplink: as long as anything comes that it was asked for, the rest may.
bool MediaOrders::WasInVain(const Gap& gap, int64_t now_ns) const {
  if (now_ns - gap.asked_ns < kAgainNs) return false;
  const auto found = sensors_.find(gap.asked_of);
  if (found == sensors_.end()) return true;
  const Sensor& sensor = found->second;
  // Unless it was asked for that much later.
  return sensor.delivered_asked_ns - gap.asked_ns >= kAgainNs ||
         now_ns - std::max(gap.asked_ns, sensor.delivered_ns) >= kAgainNs;
}

// Of the keeper that was asked least often, of those that are there and have
// what they kept. False if there is none.
bool MediaOrders::Ask(Gap& gap, Outgoing& out) {
  std::optional<size_t> next;
  StreamKey key;
  bool is_away = false;
  for (size_t i = 0; i < gap.times.size(); ++i) {
    const MediaPlace& place = gap.what.keepers[i].place;
    const auto sensor = sensors_.find(place.sensor);
    // Whoever is away is waited for.
    is_away = is_away || sensor == sensors_.end();
    if (sensor == sensors_.end() || !sensor->second.has_kept_media ||
        gap.times[i] >= kMaxTimes || Find(place, key) == nullptr) {
      continue;
    }
    if (!next || gap.times[i] < gap.times[*next]) next = i;
  }
  gap.given_up = !next && !is_away;
  if (!next) return false;
  const PayloadGap::Keeper& keeper = gap.what.keepers[*next];
  Find(keeper.place, key);
  v1::MediaOrder order = OrderFor(v1::MediaOrder::KIND_DELIVER,
                                  key.capture_point, key.flow, key.ssrc);
  order.set_first_sequence(keeper.first_sequence);
  order.set_packets(static_cast<uint32_t>(
      std::min(gap.what.end - gap.what.begin, PayloadGap::kMaxPackets)));
  order.set_near_ns(keeper.near_ns);
  *out[keeper.place.sensor].add_orders() = std::move(order);
  gap.asked_of = keeper.place.sensor;
  gap.asked_instance = sensors_.at(gap.asked_of).instance_id;
  gap.asked_ns = clock_.MonotonicNs();
  ++gap.times[*next];
  return true;
}

void MediaOrders::Connected(const v1::Hello& hello,
                            std::shared_ptr<UplinkPeer> peer) {
  MutexLock lock(mutex_);
  Forget(hello.sensor_id());
  Sensor& sensor = sensors_[hello.sensor_id()];
  sensor.peer = std::move(peer);
  sensor.instance_id = hello.instance_id();
  sensor.keeps_media = hello.keeps_media();
  sensor.has_kept_media = hello.keeps_media() || hello.has_kept_media();
  if (sensor.keeps_media) ++keepers_;
  for (int i = 0; i < hello.capture_points_size(); ++i) {
    sensor.capture_points[hello.capture_points(i).name()] =
        static_cast<uint32_t>(i);
  }
  WaitForAsked(hello);
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
  TakeBackAsked(sensor);
}

void MediaOrders::TakeBackAsked(const std::string& sensor) {
  for (auto& [id, call] : calls_) {
    for (Gap& gap : call.gaps) {
      if (gap.asked_ns == 0 || gap.asked_of != sensor) continue;
      // One that ends whenever it is asked is not waited for for ever.
      if (++gap.cut_off > kMaxCutOff) continue;
      for (size_t i = 0; i < gap.times.size(); ++i) {
        if (gap.what.keepers[i].place.sensor != sensor || gap.times[i] == 0) {
          continue;
        }
        --gap.times[i];
        break;
      }
    }
  }
}

void MediaOrders::WaitForAsked(const v1::Hello& hello) {
  for (auto& [id, call] : calls_) {
    for (Gap& gap : call.gaps) {
      if (gap.asked_of != hello.sensor_id()) continue;
      if (gap.asked_instance != hello.instance_id()) {
        gap.asked_of.clear();
        gap.asked_ns = 0;
      } else if (gap.cut_off <= kMaxCutOff) {
        gap.asked_ns = clock_.MonotonicNs();
      }
    }
  }
}

std::vector<ObservationId> MediaOrders::OnTime() {
  MutexLock lock(mutex_);
  std::vector<ObservationId> given_up;
  const int64_t now_ns = clock_.MonotonicNs();
  if (now_ns < next_look_ns_) return given_up;
  next_look_ns_ = now_ns + kLookNs;
  Outgoing out;
  for (auto& [id, call] : calls_) {
    AskFor(call.gaps, out);
    const bool before = std::exchange(call.given_up, AreGivenUp(call.gaps));
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
