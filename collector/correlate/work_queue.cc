#include "collector/correlate/work_queue.h"

#include <algorithm>
#include <utility>

namespace callbraid::collector {

void WorkQueue::Add(const std::string& sensor, const ObservationId& id,
                    int64_t due_ns) {
  const auto [it, is_new] = places_.try_emplace(id);
  Place& place = it->second;
  if (is_new) {
    place.lane = lanes_.try_emplace(sensor).first;
  } else if (due_ns < place.due_ns) {
    place.lane->second.erase({place.due_ns, id});
  } else {
    return;
  }
  place.due_ns = due_ns;
  place.lane->second.insert({due_ns, id});
}

bool WorkQueue::Remove(const ObservationId& id) {
  const auto found = places_.find(id);
  if (found == places_.end()) return false;
  const Place& place = found->second;
  place.lane->second.erase({place.due_ns, id});
  if (place.lane->second.empty()) lanes_.erase(place.lane);
  places_.erase(found);
  return true;
}

std::vector<ObservationId> WorkQueue::Take(int64_t now_ns, size_t limit) {
  std::vector<ObservationId> taken;
  auto lane = lanes_.upper_bound(last_);
  // Lanes in a row that had nothing due.
  for (size_t idle = 0; taken.size() < limit && idle < lanes_.size();) {
    if (lane == lanes_.end()) lane = lanes_.begin();
    const auto here = lane++;
    if (here->second.begin()->first > now_ns) {
      ++idle;
      continue;
    }
    idle = 0;
    last_ = here->first;
    taken.push_back(here->second.begin()->second);
    Remove(taken.back());
  }
  return taken;
}

bool WorkQueue::HasDue(int64_t now_ns) const {
  return std::any_of(lanes_.begin(), lanes_.end(), [now_ns](const auto& lane) {
    return lane.second.begin()->first <= now_ns;
  });
}

std::map<std::string, size_t> WorkQueue::SizeBySensor() const {
  std::map<std::string, size_t> sizes;
  for (const auto& [sensor, lane] : lanes_) sizes[sensor] = lane.size();
  return sizes;
}

}  // namespace callbraid::collector
