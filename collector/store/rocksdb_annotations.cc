#include "collector/store/rocksdb_annotations.h"

#include <string>
#include <utility>

#include "collector/store/call_annotation.h"
#include "collector/store/keys.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {

absl::StatusOr<std::optional<v1::CallAnnotation>> RocksDbAnnotations::Get(
    const ObservationId& id) const {
  ASSIGN_OR_RETURN(
      const std::optional<std::string> value,
      engine_.GetUnlessDamaged(Family::kDefault, EncodeNoteKey(id)));
  std::optional<v1::CallAnnotation> annotation;
  if (value && !annotation.emplace().ParseFromString(*value)) {
    engine_.Damaged(Family::kDefault).IgnoreError();
    annotation.reset();
  }
  return annotation;
}

absl::Status RocksDbAnnotations::AddTo(const ObservationId& id,
                                       v1::Call& call) const {
  ASSIGN_OR_RETURN(std::optional<v1::CallAnnotation> annotation, Get(id));
  if (annotation) *call.mutable_annotation() = *std::move(annotation);
  return absl::OkStatus();
}

void RocksDbAnnotations::Put(const ObservationId& id,
                             const v1::CallAnnotation& annotation,
                             RocksDbBatch& batch) const {
  const std::string key = EncodeNoteKey(id);
  if (IsEmpty(annotation)) {
    batch.Delete(Family::kDefault, key);
  } else {
    batch.Put(Family::kDefault, key, annotation.SerializeAsString());
  }
}

absl::Status RocksDbAnnotations::Move(const ObservationId& from,
                                      const ObservationId& into,
                                      RocksDbBatch& batch, Moved& moved) const {
  ASSIGN_OR_RETURN(const std::optional<v1::CallAnnotation> here, Get(from));
  if (!here) return absl::OkStatus();
  const auto known = moved.find(into);
  std::optional<v1::CallAnnotation> there;
  if (known != moved.end()) {
    there = known->second;
  } else {
    ASSIGN_OR_RETURN(there, Get(into));
  }
  v1::CallAnnotation& united = moved[into];
  united = there ? Unite(*there, *here) : *here;
  Put(into, united, batch);
  batch.Delete(Family::kDefault, EncodeNoteKey(from));
  return absl::OkStatus();
}

}  // namespace callbraid::collector
