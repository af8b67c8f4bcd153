// Reads any bytes as a segment of a spool.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "sensor/spool/segment.h"

namespace {

using callbraid::sensor::Record;
using callbraid::sensor::SegmentReader;

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const int fd = memfd_create("segment", MFD_CLOEXEC);
  if (fd < 0) std::abort();
  if (write(fd, data, size) != static_cast<ssize_t>(size)) std::abort();
  CheckRecords("/proc/self/fd/" + std::to_string(fd), size);
  close(fd);
  return 0;
}
