#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_CALLS_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_CALLS_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "collector/store/call_events.h"
#include "collector/store/call_listing.h"
#include "collector/store/rocksdb_annotations.h"
#include "collector/store/rocksdb_batch.h"
#include "collector/store/rocksdb_engine.h"
#include "collector/store/rocksdb_holds.h"
#include "collector/store/rocksdb_media_store.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// Calls and their indexes in RocksDB. Changes come from one thread, reads from
// any.
class RocksDbCalls {
 public:
  // References must outlive it.
  RocksDbCalls(RocksDbEngine& engine, RocksDbHolds& holds,
               const RocksDbMediaStore& media)
      : engine_(engine), annotations_(engine), holds_(holds), media_(media) {}

  // Adds the calls of `change`, with all index entries, to `batch`, and what
  // that is to others to `events`.
  absl::Status Put(const CallChange& change, RocksDbBatch& batch,
                   CallEvents& events) const;

  // Writes `annotation` in the place of that of `record`, which is of Find(),
  // and what that is to others to `events`. One that is empty: there is none.
  absl::Status Annotate(const store::v1::CallRecord& record,
                        const v1::CallAnnotation& annotation,
                        RocksDbBatch& batch, CallEvents& events) const;
  // Something that is no event happened to a call, as Find() gives it: for
  // watchers.
  void Touch(const store::v1::CallRecord& record, CallEvents& events) const;
  // Removes a call, as `id` and `record` have it, and all ids that find it.
  absl::Status Delete(const ObservationId& id,
                      const store::v1::CallRecord& record, RocksDbBatch& batch,
                      CallEvents& events) const;

  // As FactStore::GetCall().
  absl::StatusOr<store::v1::CallRecord> Find(const std::string& id,
                                             const Scope& scope) const;

  // As FactStore::ListCalls(). Looks at a bounded number of calls: a page may
  // be short, even empty, and still have one behind it.
  absl::StatusOr<CallPage> List(const CallListing& listing) const;

 private:
  struct Removed {
    store::v1::CallRecord record;
    std::string told;
    // What it is found as now, if at all.
    std::optional<ObservationId> into = {};
  };
  // What one Put() does besides its records.
  struct Changed {
    std::map<ObservationId, Removed> removed;
    // Of calls that take others in.
    RocksDbAnnotations::Moved annotations;
    // Whose call is which, and was before.
    std::map<ObservationId, ObservationId> members;
    std::map<ObservationId, ObservationId> members_before;
  };
  absl::Status Remove(const std::string& hex, RocksDbBatch& batch,
                      Changed& changed) const;
  absl::Status Replace(const store::v1::CallRecord& record, RocksDbBatch& batch,
                       CallEvents& events, Changed& changed) const;
  // With what is stored apart.
  absl::StatusOr<std::optional<store::v1::CallRecord>> Get(
      const ObservationId& id) const;
  // As it was written.
  absl::StatusOr<std::optional<store::v1::CallRecord>> Written(
      const ObservationId& id) const;
  // What a change replaces; one that is damaged leaves its index entries
  // behind.
  absl::StatusOr<std::optional<store::v1::CallRecord>> Old(
      const ObservationId& id) const;
  // Of a call that is no longer what its events say (CallEvents); "" of others.
  absl::StatusOr<std::string> Told(const ObservationId& id) const;
  // What is stored apart of it.
  absl::Status Complete(const ObservationId& id,
                        store::v1::CallRecord& record) const;
  // Holds go with members.
  absl::Status SpreadHolds(const Changed& changed, RocksDbBatch& batch) const;
  absl::StatusOr<store::v1::CallRecord> FindByPrefix(const std::string& id,
                                                     const std::string& prefix,
                                                     const Scope& scope) const;

  // Those of `held`.
  absl::StatusOr<CallPage> ListHeld(
      const CallListing& listing, const std::vector<ObservationId>& held) const;
  // By the index of start times; those of `held`, which is in order, if it is
  // not null.
  absl::StatusOr<CallPage> ListByTime(
      const CallListing& listing, const std::vector<ObservationId>* held) const;
  // By the index of numbers; nullopt if too many calls have such a number.
  absl::StatusOr<std::optional<CallPage>> ListByNumber(
      const CallListing& listing) const;
  // Of `found` as many as make a page; one more tells that there is another.
  absl::StatusOr<CallPage> PageOf(const std::set<CallPosition>& found,
                                  const CallListing& listing) const;
  absl::Status AddToPage(const ObservationId& id, const CallListing& listing,
                         CallPage& page) const;

  RocksDbEngine& engine_;
  const RocksDbAnnotations annotations_;
  RocksDbHolds& holds_;
  const RocksDbMediaStore& media_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_CALLS_H_
