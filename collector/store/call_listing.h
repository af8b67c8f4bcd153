#ifndef CALLBRAID_COLLECTOR_STORE_CALL_LISTING_H_
#define CALLBRAID_COLLECTOR_STORE_CALL_LISTING_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "callbraid/v1/query.pb.h"
#include "collector/store/observation_id.h"
#include "collector/store/scope.h"

// What all implementations of FactStore::ListCalls have in common: the meaning
// of a request, and its page token.

namespace callbraid::collector {

// A place in the listing. Newest first, then by id: a < b means a comes first.
struct CallPosition {
  int64_t start_ns = 0;
  ObservationId id;

  bool operator==(const CallPosition&) const = default;
  bool operator<(const CallPosition& other) const {
    if (start_ns != other.start_ns) return start_ns > other.start_ns;
    return id < other.id;
  }
};

// A ListCallsRequest that was checked.
struct CallListing {
  // Start time in [from_ns, before_ns).
  int64_t from_ns = 0;
  int64_t before_ns = 0;
  // At most kMaxNumberBytes.
  std::string number_prefix;
  std::string sensor;
  // Empty: any.
  std::vector<v1::CallState> states;
  std::vector<v1::CallFlag> flags;
  std::string site;
  // As FoldCase() makes it.
  std::string text;
  std::string tag;
  bool on_hold = false;
  // Length in [min_length_ns, max_length_ns); of a call that goes on, up to
  // now_ns.
  int64_t min_length_ns = 0;
  int64_t max_length_ns = 0;
  int64_t now_ns = 0;
  // Listening MOS; at least / less than. Either: only calls that have one.
  std::optional<double> min_mos;
  std::optional<double> max_mos;
  Scope scope = Scope::All();
  size_t page_size = 0;
  // The last call of the page before.
  std::optional<CallPosition> after;
  // Of all conditions and the scope, but neither page size nor token.
  uint64_t filter_hash = 0;
};

inline constexpr size_t kMaxNumberBytes = 64;
inline constexpr size_t kMaxTextBytes = 128;

// INVALID_ARGUMENT names the field: a time that is no timestamp, a token that
// is none of ours or comes from a listing with other conditions.
absl::StatusOr<CallListing> ParseListing(const v1::ListCallsRequest& request,
                                         const Scope& scope, int64_t now_ns);

// Whether a call that starts at `start_ns` passes all conditions but those on
// its start. One whose entry is not whole, or has no sites, may: its record
// tells.
bool MayMatch(const CallListing& listing, int64_t start_ns,
              const store::v1::CallIndexEntry& call);
// Whether it does.
bool Matches(const CallListing& listing, const v1::Call& call);

// The token of the page behind `last`.
std::string PageToken(const CallListing& listing, const CallPosition& last);

store::v1::CallIndexEntry IndexEntry(const v1::Call& call);
// Caller's and callee's numbers as they are indexed: no NUL, cut to
// kMaxNumberBytes, without repetition, without empty ones.
std::vector<std::string> IndexedNumbers(const v1::Call& call);

// Start of a call; 0 if it has none.
int64_t StartNs(const v1::Call& call);

// Takes out what a listing leaves to GetCall: evidence and hops.
void StripForListing(v1::Call& call);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_CALL_LISTING_H_
