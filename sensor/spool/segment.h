#ifndef CALLBRAID_SENSOR_SPOOL_SEGMENT_H_
#define CALLBRAID_SENSOR_SPOOL_SEGMENT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sensor/spool/file.h"

// A segment: a file of a spool, records in the order of their sequence.
//
//   segment:  header record*
//   header:   "CBSG" version:be32 first_sequence:be64 checksum:be64
//   record:   size:be32 frame_count:be32 first_sequence:be64 checksum:be64
//             frames:size
//
// `frames` is the field `frames` of a v1::FrameBatch, serialized: with the
// other fields put before it, it goes over the wire as it is. Sequences ascend
// and may leave gaps, where frames were lost before they could be written.
// `checksum` is XXH3-64 of `frames`, seeded with XXH3-64 of the 16 bytes before
// the checksum; in the header of the segment there are no frames.
//
// Version 1. The name of the file is first_sequence in 16 hex digits, ".seg".

namespace callbraid::sensor {

inline constexpr size_t kSegmentHeaderBytes = 24;
inline constexpr size_t kRecordHeaderBytes = 24;
// More than any batch has; what claims more is damaged.
inline constexpr size_t kMaxRecordBytes = size_t{8} << 20;
inline constexpr uint32_t kMaxRecordFrames = 4096;

struct Record {
  uint64_t first_sequence = 0;
  uint32_t frame_count = 0;
  std::string frames;

  uint64_t next_sequence() const { return first_sequence + frame_count; }
};

// Path of the segment that begins with `first_sequence`.
std::string SegmentPath(const std::string& dir, uint64_t first_sequence);

// The mirror of SegmentPath, for a name without its folder.
std::optional<uint64_t> ParseSegmentName(const std::string& name);

// Appends to one segment. One thread.
class SegmentWriter {
 public:
  SegmentWriter() = default;
  // Makes the file. ALREADY_EXISTS, and whatever a disk answers.
  static absl::StatusOr<SegmentWriter> Create(const std::string& dir,
                                              uint64_t first_sequence);
  // Goes on after the first `bytes` of an existing segment; cuts the rest off.
  static absl::StatusOr<SegmentWriter> Reopen(const std::string& path,
                                              uint64_t bytes);

  // After an error the segment is as it was before: what was written of the
  // record is cut off, and does not count where that fails too.
  absl::Status Append(uint64_t first_sequence, uint32_t frame_count,
                      const std::string& frames);
  absl::Status Sync() const { return file_.Sync(); }

  bool is_open() const { return file_.is_open(); }
  uint64_t bytes() const { return bytes_; }

 private:
  File file_;
  uint64_t bytes_ = 0;
};

// Reads one segment from its beginning. One thread; another may append.
class SegmentReader {
 public:
  enum class Result { kRecord, kEnd, kDamaged, kUnreadable };

  SegmentReader() = default;
  // The file is opened now and can be read even if it is deleted meanwhile.
  static absl::StatusOr<SegmentReader> Open(const std::string& path);

  // The next record that ends within the first `limit` bytes of the file. kEnd
  // if nothing is left, kDamaged if what follows is no record, kUnreadable if
  // the disk does not tell, for now (failure() says why); then stays there.
  Result Next(uint64_t limit, Record& record);

  // Skips records, without reading their frames, while they are wholly before
  // `sequence`.
  void SkipTo(uint64_t sequence, uint64_t limit);

  // Of the first record that was not read.
  uint64_t offset() const { return offset_; }
  bool is_open() const { return file_.is_open(); }
  // No record before this one was skipped or read past.
  uint64_t passed_sequence() const { return passed_sequence_; }
  // Of the last read that failed.
  const absl::Status& failure() const { return failure_; }

 private:
  struct Header {
    uint32_t size = 0;
    uint32_t frame_count = 0;
    uint64_t first_sequence = 0;
    uint64_t checksum = 0;
    uint64_t seed = 0;
  };
  // Checks the header of the segment, once.
  Result Begin(uint64_t limit);
  Result ReadHeader(uint64_t limit, Header& header);
  // kRecord if `out` could be filled.
  Result Fill(uint64_t offset, std::span<char> out);

  File file_;
  uint64_t offset_ = 0;
  uint64_t passed_sequence_ = 0;
  absl::Status failure_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SPOOL_SEGMENT_H_
