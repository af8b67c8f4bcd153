#ifndef CALLBRAID_SENSOR_SPOOL_SPOOL_META_H_
#define CALLBRAID_SENSOR_SPOOL_SPOOL_META_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace callbraid::sensor {

// What a spool must know besides its segments: the file "meta" in its folder.
//
//   "CBSM" version:be32 spool_id:be64 base:be64 acked:be64 discarded:be64
//   unconfirmed:be64 checksum:be64
//
// `checksum` is XXH3-64 of all before it. Version 1. The file is replaced as a
// whole; `acked` and `discarded` may be a little behind.
struct SpoolMeta {
  // Not 0.
  uint64_t spool_id = 0;
  // Sequence in the segments minus sequence on the wire. Grows when the spool
  // gets a new id, and so begins at 1 again on the wire, without its segments
  // being written anew.
  uint64_t base = 0;
  // Sequence in the segments up to which everything is acknowledged.
  uint64_t acked = 0;
  uint64_t discarded_frames = 0;
  // Sequence in the segments from which on the collector was not asked yet
  // whether it knows other frames under these numbers: what Open() found to be
  // the next one, the first time since a collector was last heard. 0: asked, or
  // the id is new.
  uint64_t unconfirmed = 0;
};

// Not 0.
uint64_t RandomSpoolId();

// Nullopt if there is none, or it is damaged. FAILED_PRECONDITION if it was
// written by a later version; else whatever the disk answers.
absl::StatusOr<std::optional<SpoolMeta>> ReadSpoolMeta(const std::string& dir);

absl::Status WriteSpoolMeta(const std::string& dir, const SpoolMeta& meta);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SPOOL_SPOOL_META_H_
