#include "sensor/spool/spool_sink.h"

#include <utility>

#include "google/protobuf/io/coded_stream.h"

namespace callbraid::sensor {
namespace {

// FrameBatch.frames: length-delimited, so wire type 2.
constexpr uint8_t kFramesTag = v1::FrameBatch::kFramesFieldNumber << 3 | 2;
static_assert(v1::FrameBatch::kFramesFieldNumber < 16, "one byte of tag");

// Tag and the longest length.
constexpr size_t kMaxPrefix = 6;

}  // namespace

SpoolSink::SpoolSink(Writers writers, absl::Duration gather, const Clock& clock)
    : gather_ns_(absl::ToInt64Nanoseconds(gather)),
      clock_(clock),
      signalling_{.writer = std::move(writers.signalling), .buffer = {}},
      media_{.writer = std::move(writers.media), .buffer = {}},
      spare_{.writer = std::move(writers.spare), .buffer = {}},
      kept_{.writer = std::move(writers.kept), .buffer = {}} {}

SpoolSink::Lane& SpoolSink::LaneOf(v1::SpoolLane lane) {
  switch (lane) {
    case v1::SPOOL_LANE_MEDIA:
      return media_;
    case v1::SPOOL_LANE_SPARE_MEDIA:
      return spare_;
    case v1::SPOOL_LANE_KEPT_MEDIA:
      return kept_;
    default:
      return signalling_;
  }
}

void SpoolSink::OnFrame(v1::SpoolLane lane, const v1::CallFrame& frame) {
  Lane& to = LaneOf(lane);
  if (to.buffer.frame_count == 0) to.since_ns = clock_.MonotonicNs();
  std::string& out = to.buffer.frames;
  const size_t begin = out.size();
  const size_t size = frame.ByteSizeLong();
  out.resize(begin + kMaxPrefix + size);
  auto* const start = reinterpret_cast<uint8_t*>(out.data()) + begin;
  uint8_t* end = start;
  *end++ = kFramesTag;
  end = google::protobuf::io::CodedOutputStream::WriteVarint32ToArray(
      static_cast<uint32_t>(size), end);
  end = frame.SerializeWithCachedSizesToArray(end);
  out.resize(begin + static_cast<size_t>(end - start));
  ++to.buffer.frame_count;
  if (out.size() >= kBatchBytes || to.buffer.frame_count >= kBatchFrames) {
    HandOver(to);
  }
}

void SpoolSink::OnTime() {
  if (signalling_.buffer.frame_count == 0 && media_.buffer.frame_count == 0 &&
      spare_.buffer.frame_count == 0 && kept_.buffer.frame_count == 0) {
    return;
  }
  const int64_t now_ns = clock_.MonotonicNs();
  for (Lane* lane : {&signalling_, &media_, &spare_, &kept_}) {
    if (now_ns - lane->since_ns >= gather_ns_) HandOver(*lane);
  }
}

void SpoolSink::Flush() {
  HandOver(signalling_);
  HandOver(media_);
  HandOver(spare_);
  HandOver(kept_);
}

std::vector<SpoolSink::Mark> SpoolSink::FlushAndMark() {
  Flush();
  std::vector<Mark> marks;
  for (const Lane* lane : {&signalling_, &media_, &spare_, &kept_}) {
    if (lane->writer == nullptr) continue;
    marks.push_back({lane->writer, lane->writer->handed_over()});
  }
  return marks;
}

void SpoolSink::SwitchMedia(std::shared_ptr<SpoolWriter> writer) {
  HandOver(media_);
  media_.writer = std::move(writer);
}

void SpoolSink::HandOver(Lane& lane) {
  if (lane.buffer.frame_count == 0) return;
  lane.writer->Write(std::exchange(lane.buffer, {}));
}

}  // namespace callbraid::sensor
