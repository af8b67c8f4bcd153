#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_TEXT_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_TEXT_H_

#include <algorithm>
#include <string>
#include <string_view>

#include "rocksdb/slice.h"
#include "rocksdb/status.h"

namespace callbraid::collector {

// Adapters to rocksdb::Slice.
inline rocksdb::Slice ToSlice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}
inline std::string_view ToView(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

// RocksDB's messages may have several lines.
inline std::string OneLine(const rocksdb::Status& status) {
  std::string text = status.ToString();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_TEXT_H_
