#include "sensor/spool/segment.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status_macros.h"
#include "common/bytes/byte_reader.h"
#include "common/bytes/byte_writer.h"
#include "sensor/spool/checksum.h"

namespace callbraid::sensor {
namespace {

constexpr uint32_t kMagic = 0x43425347;  // "CBSG"
constexpr uint32_t kVersion = 1;
constexpr size_t kSequenceDigits = 16;
constexpr char kSuffix[] = ".seg";

// Of the header, what the checksum covers.
constexpr size_t kCheckedBytes = 16;

std::span<const uint8_t> Bytes(std::span<const char> text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// Both headers have this shape.
std::string EncodeHeader(uint32_t first, uint32_t second, uint64_t sequence,
                         const std::string& frames) {
  std::string head;
  ByteWriter out(head);
  out.U32(first);
  out.U32(second);
  out.U64(sequence);
  out.U64(Checksum(frames, Checksum(head)));
  return head;
}

}  // namespace

std::string SegmentPath(const std::string& dir, uint64_t first_sequence) {
  return absl::StrFormat("%s/%016x%s", dir, first_sequence, kSuffix);
}

std::optional<uint64_t> ParseSegmentName(const std::string& name) {
  if (name.size() != kSequenceDigits + sizeof(kSuffix) - 1 ||
      name.substr(kSequenceDigits) != kSuffix) {
    return std::nullopt;
  }
  uint64_t sequence = 0;
  if (!absl::SimpleHexAtoi(name.substr(0, kSequenceDigits), &sequence) ||
      sequence == 0) {
    return std::nullopt;
  }
  return sequence;
}

absl::StatusOr<SegmentWriter> SegmentWriter::Create(const std::string& dir,
                                                    uint64_t first_sequence) {
  const std::string path = SegmentPath(dir, first_sequence);
  SegmentWriter writer;
  // A file of that name can only be one that a failing disk would not remove.
  ASSIGN_OR_RETURN(writer.file_, File::Open(path, O_RDWR | O_CREAT | O_TRUNC));
  const std::string header = EncodeHeader(kMagic, kVersion, first_sequence, "");
  if (auto status = writer.file_.WriteAt(0, header, {}); !status.ok()) {
    unlink(path.c_str());
    return status;
  }
  writer.bytes_ = header.size();
  return writer;
}

absl::StatusOr<SegmentWriter> SegmentWriter::Reopen(const std::string& path,
                                                    uint64_t bytes) {
  SegmentWriter writer;
  ASSIGN_OR_RETURN(writer.file_, File::Open(path, O_RDWR));
  RETURN_IF_ERROR(writer.file_.Truncate(bytes));
  writer.bytes_ = bytes;
  return writer;
}

absl::Status SegmentWriter::Append(uint64_t first_sequence,
                                   uint32_t frame_count,
                                   const std::string& frames) {
  const std::string head = EncodeHeader(static_cast<uint32_t>(frames.size()),
                                        frame_count, first_sequence, frames);
  if (auto status = file_.WriteAt(bytes_, head, frames); !status.ok()) {
    // If this fails as well the next record overwrites what is there, and a
    // reader finds no record in it.
    file_.Truncate(bytes_).IgnoreError();
    return status;
  }
  bytes_ += head.size() + frames.size();
  return absl::OkStatus();
}

absl::StatusOr<SegmentReader> SegmentReader::Open(const std::string& path) {
  SegmentReader reader;
  ASSIGN_OR_RETURN(reader.file_, File::Open(path, O_RDONLY));
  return reader;
}

SegmentReader::Result SegmentReader::Fill(uint64_t offset,
                                          std::span<char> out) {
  const auto got = file_.ReadAt(offset, out);
  if (!got.ok()) {
    failure_ = got.status();
    return Result::kUnreadable;
  }
  return *got < out.size() ? Result::kDamaged : Result::kRecord;
}

SegmentReader::Result SegmentReader::Begin(uint64_t limit) {
  if (offset_ >= kSegmentHeaderBytes) return Result::kRecord;
  std::array<char, kSegmentHeaderBytes> bytes = {};
  if (limit < bytes.size()) return Result::kDamaged;
  if (const Result got = Fill(0, bytes); got != Result::kRecord) return got;
  ByteReader in(Bytes(bytes));
  const uint64_t seed = Checksum({bytes.data(), kCheckedBytes});
  if (in.U32() != kMagic || in.U32() != kVersion) return Result::kDamaged;
  passed_sequence_ = in.U64();
  if (in.U64() != Checksum("", seed)) return Result::kDamaged;
  offset_ = bytes.size();
  return Result::kRecord;
}

SegmentReader::Result SegmentReader::ReadHeader(uint64_t limit,
                                                Header& header) {
  if (const Result begun = Begin(limit); begun != Result::kRecord) return begun;
  if (offset_ >= limit) return Result::kEnd;
  std::array<char, kRecordHeaderBytes> bytes = {};
  if (const Result got = Fill(offset_, bytes); got != Result::kRecord) {
    return got;
  }
  ByteReader in(Bytes(bytes));
  header.size = in.U32();
  header.frame_count = in.U32();
  header.first_sequence = in.U64();
  header.checksum = in.U64();
  header.seed = Checksum({bytes.data(), kCheckedBytes});
  // The limits come before memory is taken and a sum can overflow.
  if (header.size > kMaxRecordBytes || header.frame_count == 0 ||
      header.frame_count > kMaxRecordFrames ||
      header.first_sequence < passed_sequence_ ||
      header.first_sequence > UINT64_MAX - kMaxRecordFrames ||
      offset_ + bytes.size() + header.size > limit) {
    return Result::kDamaged;
  }
  return Result::kRecord;
}

SegmentReader::Result SegmentReader::Next(uint64_t limit, Record& record) {
  Header header;
  const Result found = ReadHeader(limit, header);
  if (found != Result::kRecord) return found;
  record.frames.resize(header.size);
  if (const Result got = Fill(offset_ + kRecordHeaderBytes, record.frames);
      got != Result::kRecord) {
    return got;
  }
  if (Checksum(record.frames, header.seed) != header.checksum) {
    return Result::kDamaged;
  }
  record.first_sequence = header.first_sequence;
  record.frame_count = header.frame_count;
  offset_ += kRecordHeaderBytes + header.size;
  passed_sequence_ = record.next_sequence();
  return Result::kRecord;
}

void SegmentReader::SkipTo(uint64_t sequence, uint64_t limit) {
  Header header;
  while (ReadHeader(limit, header) == Result::kRecord &&
         header.first_sequence + header.frame_count <= sequence) {
    offset_ += kRecordHeaderBytes + header.size;
    passed_sequence_ = header.first_sequence + header.frame_count;
  }
}

}  // namespace callbraid::sensor
