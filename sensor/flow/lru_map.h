#ifndef CALLBRAID_SENSOR_FLOW_LRU_MAP_H_
#define CALLBRAID_SENSOR_FLOW_LRU_MAP_H_

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <list>

#include "absl/container/flat_hash_map.h"

namespace callbraid::sensor {

// A map of bounded size that knows in which order its entries were last used,
// so that the oldest can make room and age can end them. One allocation for
// each new entry: not for the path of every packet.
template <typename Key, typename Value>
class LruMap {
 public:
  struct Entry {
    Key key;
    Value value;
    int64_t used_ns = 0;
  };

  explicit LruMap(size_t capacity) : capacity_(capacity) {}

  // Nullptr if there is none. Does not count as use.
  Value* Find(const Key& key) {
    const auto it = index_.find(key);
    return it == index_.end() ? nullptr : &it->second->value;
  }

  // The value of `key`, new if there was none, as used now. Drops the oldest
  // entry if there is no room; a caller that must know asks full() first.
  Value& Use(const Key& key, int64_t now_ns) {
    const auto it = index_.find(key);
    if (it != index_.end()) {
      it->second->used_ns = now_ns;
      entries_.splice(entries_.end(), entries_, it->second);
      return it->second->value;
    }
    if (full()) Erase(oldest()->key);
    entries_.push_back({key, Value(), now_ns});
    index_.emplace(key, std::prev(entries_.end()));
    return entries_.back().value;
  }

  void Erase(const Key& key) {
    const auto it = index_.find(key);
    if (it == index_.end()) return;
    const auto entry = it->second;
    index_.erase(it);
    entries_.erase(entry);
  }

  bool full() const { return entries_.size() >= capacity_; }
  size_t size() const { return entries_.size(); }
  // The entry not used for longest; nullptr if empty.
  Entry* oldest() { return entries_.empty() ? nullptr : &entries_.front(); }
  // All entries, oldest first.
  std::list<Entry>& entries() { return entries_; }

  // Drops what was last used before `time_ns`.
  void EraseUnusedSince(int64_t time_ns) {
    while (!entries_.empty() && entries_.front().used_ns < time_ns) {
      index_.erase(entries_.front().key);
      entries_.pop_front();
    }
  }

 private:
  const size_t capacity_;
  std::list<Entry> entries_;
  absl::flat_hash_map<Key, typename std::list<Entry>::iterator> index_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_FLOW_LRU_MAP_H_
