#include "collector/store/rocksdb_options.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "collector/store/keys.h"
#include "collector/store/rocksdb_call_counts.h"
#include "common/base/log.h"
#include "rocksdb/cache.h"
#include "rocksdb/convenience.h"
#include "rocksdb/env.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/listener.h"
#include "rocksdb/slice_transform.h"
#include "rocksdb/table.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMiB = size_t{1} << 20;

// Facts and calls compress to a third; media do not compress.
rocksdb::CompressionType FactCompression() {
  const auto supported = rocksdb::GetSupportedCompressions();
  const auto has = [&supported](rocksdb::CompressionType type) {
    return std::find(supported.begin(), supported.end(), type) !=
           supported.end();
  };
  return has(rocksdb::kLZ4Compression) ? rocksdb::kLZ4Compression
                                       : rocksdb::kNoCompression;
}

// Frames: written in order of time and read by ranges.
rocksdb::ColumnFamilyOptions FrameOptions(
    rocksdb::BlockBasedTableOptions table) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = 64 * kMiB;
  options.max_write_buffer_number = 3;
  options.target_file_size_base = 64 * kMiB;
  options.max_bytes_for_level_base = 512 * kMiB;
  options.compression = rocksdb::kNoCompression;
  table.filter_policy.reset();
  table.block_size = 32 << 10;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

rocksdb::ColumnFamilyOptions FactOptions(
    const rocksdb::BlockBasedTableOptions& table) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = 16 * kMiB;
  options.max_write_buffer_number = 3;
  options.compression = FactCompression();
  // What went by age is off the disk by then.
  options.periodic_compaction_seconds = 30 * 86'400;
  // Most look-ups are for what was never stored: a new stream or dialog.
  options.memtable_whole_key_filtering = true;
  options.memtable_prefix_bloom_size_ratio = 0.02;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

rocksdb::ColumnFamilyOptions TokenOptions(
    rocksdb::BlockBasedTableOptions table) {
  rocksdb::ColumnFamilyOptions options = FactOptions(table);
  options.memtable_whole_key_filtering = false;
  options.prefix_extractor.reset(
      rocksdb::NewFixedPrefixTransform(kTokenPrefixBytes));
  table.whole_key_filtering = false;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

rocksdb::ColumnFamilyOptions CountOptions(
    const rocksdb::BlockBasedTableOptions& table) {
  rocksdb::ColumnFamilyOptions options = FactOptions(table);
  SetCountOptions(options);
  return options;
}

// What RocksDB says goes to our log. As a file in the data directory it would
// be one more writer on a full disk, and the first whose error ends the
// process: the distribution's RocksDB has its assertions on.
class DebugLog final : public rocksdb::Logger {
 public:
  DebugLog() : Logger(rocksdb::WARN_LEVEL) {}
  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    std::array<char, 1024> text = {};
    std::vsnprintf(text.data(), text.size(), format, arguments);
    spdlog::debug("rocksdb: {}", text.data());
  }
};

// After a failed write RocksDbEngine opens the database anew; RocksDB must not
// mend the one that is open at the same time.
class NoRecovery final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/,
                            rocksdb::Status error,
                            bool* auto_recovery) override {
    // Of less it recovers by itself, and goes on writing meanwhile.
    if (error.severity() >= rocksdb::Status::kHardError) *auto_recovery = false;
  }
};

}  // namespace

rocksdb::DBOptions DbOptions() {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.max_background_jobs = 2;
  options.max_open_files = 512;
  // Small families are flushed seldom and would hold on to every old log.
  options.max_total_wal_size = 256 * kMiB;
  // All families together.
  options.db_write_buffer_size = 256 * kMiB;
  options.bytes_per_sync = kMiB;
  // An idle collector writes nothing.
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.info_log = std::make_shared<DebugLog>();
  options.listeners.push_back(std::make_shared<NoRecovery>());
  options.max_bgerror_resume_count = 0;
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> FamilyDescriptors() {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(64 * kMiB);
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  // In pieces: as one block, the filter of a full file is some megabytes, more
  // than a shard of the cache takes, and each look-up reads it from disk.
  table.partition_filters = true;
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.pin_top_level_index_and_filter = true;

  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (size_t i = 0; i < kFamilyNames.size(); ++i) {
    const auto family = static_cast<Family>(i);
    descriptors.emplace_back(
        kFamilyNames[i], family == Family::kFrames       ? FrameOptions(table)
                         : family == Family::kTokens     ? TokenOptions(table)
                         : family == Family::kCallCounts ? CountOptions(table)
                                                         : FactOptions(table));
  }
  return descriptors;
}

}  // namespace callbraid::collector
