#include "collector/store/rocksdb_call_counts.h"

#include <memory>
#include <string>

#include "collector/store/call_counts.h"
#include "collector/store/keys.h"
#include "collector/store/rocksdb_text.h"
#include "rocksdb/compaction_filter.h"
#include "rocksdb/iterator.h"
#include "rocksdb/merge_operator.h"

namespace callbraid::collector {
namespace {

// Changes of one row that memory keeps before they are added up: each costs who
// reads the row about as much as reading another one.
constexpr size_t kMaxChanges = 32;

bool Parse(const rocksdb::Slice& bytes, store::v1::CallCounts& counts) {
  return counts.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

class AddUp final : public rocksdb::AssociativeMergeOperator {
 public:
  const char* Name() const override { return "callbraid.CallCounts"; }

  // Never fails: that would stop all writing. What is damaged stays as it is,
  // for its readers to be told.
  bool Merge(const rocksdb::Slice& /*key*/, const rocksdb::Slice* existing,
             const rocksdb::Slice& change, std::string* sum,
             rocksdb::Logger* /*logger*/) const override {
    store::v1::CallCounts counts;
    store::v1::CallCounts added;
    if (existing != nullptr && !Parse(*existing, counts)) {
      sum->assign(existing->data(), existing->size());
    } else if (!Parse(change, added)) {
      sum->assign(change.data(), change.size());
    } else {
      AddCounts(added, 1, counts);
      counts.SerializeToString(sum);
    }
    return true;
  }
};

// A row of no calls is as none.
class WithoutEmptyRows final : public rocksdb::CompactionFilter {
 public:
  const char* Name() const override { return "callbraid.WithoutEmptyRows"; }
  bool Filter(int /*level*/, const rocksdb::Slice& /*key*/,
              const rocksdb::Slice& value, std::string* /*new_value*/,
              bool* /*value_changed*/) const override {
    return value.empty();
  }
};

void PutChange(const CallCountKey& key, const store::v1::CallCounts& change,
               RocksDbBatch& batch) {
  if (IsEmpty(change)) return;
  batch.Merge(Family::kCallCounts, EncodeCallCountKey(key),
              change.SerializeAsString());
}

}  // namespace

void RocksDbCallCounts::Put(const v1::Call* before, const v1::Call* now,
                            RocksDbBatch& batch) {
  store::v1::CallCounts change;
  if (before != nullptr) AddCounts(CountsOf(*before), -1, change);
  if (now == nullptr) {
    if (before != nullptr) PutChange(CountedAs(*before), change, batch);
    return;
  }
  const CallCountKey key = CountedAs(*now);
  if (before != nullptr && CountedAs(*before) != key) {
    PutChange(CountedAs(*before), change, batch);
    change.Clear();
  }
  AddCounts(CountsOf(*now), 1, change);
  PutChange(key, change, batch);
}

absl::Status RocksDbCallCounts::Visit(
    int64_t from_ns, int64_t before_ns,
    const FactStore::VisitCount& visit) const {
  const auto iterator = engine_.NewIterator(Family::kCallCounts);
  store::v1::CallCounts counts;
  for (iterator->Seek(CallCountSeekKey(from_ns)); iterator->Valid();
       iterator->Next()) {
    const auto key = DecodeCallCountKey(ToView(iterator->key()));
    if (key && key->start_ns >= before_ns) break;
    if (!key || !Parse(iterator->value(), counts)) {
      return engine_.Damaged(Family::kCallCounts);
    }
    if (!IsEmpty(counts) && !visit(*key, counts)) return absl::OkStatus();
  }
  return engine_.ToStatus(iterator->status());
}

void SetCountOptions(rocksdb::ColumnFamilyOptions& options) {
  // Of the process: RocksDB wants them to outlive whatever uses them.
  static const WithoutEmptyRows& without_empty_rows = *new WithoutEmptyRows();
  options.merge_operator = std::make_shared<AddUp>();
  options.max_successive_merges = kMaxChanges;
  options.compaction_filter = &without_empty_rows;
}

}  // namespace callbraid::collector
