#ifndef CALLBRAID_COLLECTOR_STORE_CALL_ANNOTATION_H_
#define CALLBRAID_COLLECTOR_STORE_CALL_ANNOTATION_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/v1/call.pb.h"
#include "callbraid/v1/query.pb.h"

// What people write about a call, and its bounds; the same for all
// implementations of FactStore.

namespace callbraid::collector {

inline constexpr int kMaxTags = 20;
inline constexpr size_t kMaxTagBytes = 40;
inline constexpr size_t kMaxNoteBytes = 4000;

// Tags, ordered and each once, and the note of `request`. INVALID_ARGUMENT
// names the field: too many, too long, control characters (a note may have
// lines).
absl::StatusOr<v1::CallAnnotation> ParseAnnotation(
    const v1::AnnotateCallRequest& request);

// ABORTED, in words, if `request` does not replace `stored`.
absl::Status CheckReplaces(const v1::AnnotateCallRequest& request,
                           const v1::CallAnnotation* stored);

inline bool IsEmpty(const v1::CallAnnotation& annotation) {
  return annotation.tags().empty() && annotation.note().empty();
}

// Sets the time at which it was written: `now_ns`, and in any case later than
// what it replaces, so that no two versions have the same.
void SetTime(int64_t now_ns, const v1::CallAnnotation* replaced,
             v1::CallAnnotation& annotation);

// Of two calls that turn out to be one: the tags of both, the older note before
// the newer one, within the bounds above; the rest is cut. Who wrote last
// stays, and the time is a new one.
v1::CallAnnotation Unite(const v1::CallAnnotation& a,
                         const v1::CallAnnotation& b);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_CALL_ANNOTATION_H_
