// Reads any bytes as a segment of a spool: as they are, and with their
// checksums put right, so that what is behind these is reached.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "common/bytes/byte_reader.h"
#include "common/bytes/byte_writer.h"
#include "sensor/spool/checksum.h"
#include "sensor/spool/segment.h"

namespace {

using callbraid::sensor::kSegmentHeaderBytes;
using callbraid::sensor::Record;
using callbraid::sensor::SegmentReader;

// Both headers end with a checksum of this size.
constexpr size_t kChecksumBytes = 8;

// Puts the checksum of the header at `offset`, which `frames` follow, right.
void Seal(size_t offset, std::string_view frames, std::string& segment) {
  const size_t checked = kSegmentHeaderBytes - kChecksumBytes;
  const std::string_view head(segment.data() + offset, checked);
  std::string checksum;
  callbraid::ByteWriter(checksum).U64(
      callbraid::sensor::Checksum(frames, callbraid::sensor::Checksum(head)));
  segment.replace(offset + checked, kChecksumBytes, checksum);
}

std::string Sealed(std::string segment) {
  static_assert(kSegmentHeaderBytes == callbraid::sensor::kRecordHeaderBytes);
  if (segment.size() < kSegmentHeaderBytes) return segment;
  Seal(0, "", segment);
  size_t offset = kSegmentHeaderBytes;
  while (segment.size() - offset >= kSegmentHeaderBytes) {
    callbraid::ByteReader head(
        {reinterpret_cast<const uint8_t*>(segment.data()) + offset, 4});
    const size_t begin = offset + kSegmentHeaderBytes;
    const size_t size = std::min<size_t>(head.U32(), segment.size() - begin);
    Seal(offset, std::string_view(segment).substr(begin, size), segment);
    offset = begin + size;
  }
  return segment;
}

void CheckRecords(const std::string& path, size_t size) {
  auto reader = SegmentReader::Open(path);
  if (!reader.ok()) std::abort();
  Record record;
  uint64_t next = 0;
  while (reader->Next(size, record) == SegmentReader::Result::kRecord) {
    // What is read ascends, and is inside of the file.
    if (record.first_sequence < next || record.frame_count == 0) std::abort();
    if (reader->offset() > size) std::abort();
    next = record.next_sequence();
  }

  auto skipping = SegmentReader::Open(path);
  if (!skipping.ok()) std::abort();
  skipping->SkipTo(next / 2, size);
  skipping->Next(size, record);
  if (skipping->offset() > size) std::abort();
}

void CheckSegment(std::string_view segment) {
  const int fd = memfd_create("segment", MFD_CLOEXEC);
  if (fd < 0) std::abort();
  if (write(fd, segment.data(), segment.size()) !=
      static_cast<ssize_t>(segment.size())) {
    std::abort();
  }
  CheckRecords("/proc/self/fd/" + std::to_string(fd), segment.size());
  close(fd);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string segment(reinterpret_cast<const char*>(data), size);
  CheckSegment(segment);
  CheckSegment(Sealed(segment));
  return 0;
}
