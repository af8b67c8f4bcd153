#ifndef CALLBRAID_SENSOR_FRAME_FRAME_BUILDER_H_
#define CALLBRAID_SENSOR_FRAME_FRAME_BUILDER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "callbraid/v1/frame.pb.h"
#include "common/media/media_chunk.h"
#include "common/media/payload_coding.h"
#include "sensor/flow/media_sink.h"
#include "sensor/frame/frame_sink.h"
#include "sensor/frame/kept_streams.h"
#include "sensor/signalling/message_sink.h"
#include "sensor/tls/dtls_sessions.h"

namespace callbraid::sensor {

struct FrameOptions {
  // Index in the hello.
  uint32_t capture_point = 0;
  int64_t chunk_ns = 500'000'000;
  CodingEffort effort = CodingEffort::kFast;
  // Of which streams the payload is kept; null: of none. Must outlive the
  // builder.
  const KeptStreams* kept = nullptr;
};

// Makes call frames: RTP in chunks, a run of a stream in each; signalling, RTCP
// and reports at once.
//
// The chunks of a run begin later and later. A chunk is closed when it is full,
// when a packet comes that is past its time, when its time is over without one,
// and when its run ends. One thread.
class FrameBuilder final : public MediaSink, public MessageSink {
 public:
  // `sink` must outlive the builder, and so must `dtls`, whose keys go into
  // the reports of streams; null: there are none.
  FrameBuilder(const FrameOptions& options, FrameSink& sink,
               DtlsSessions* dtls = nullptr);

  void OnRtp(const Stream& stream, int64_t time_ns,
             const RtpPacket& packet) override;
  void OnStreamReport(const Stream& stream, bool final) override;
  void OnRtcp(const RtcpView& rtcp) override;
  void OnMessage(const MessageView& sip) override;

  void OnCaptureReport(const v1::CaptureReport& report);

  // Packets that kernel and interface have dropped since the start.
  void OnDrops(uint64_t drops) { drops_ = std::max(drops_, drops); }

  // Of the chunks that are closed from now on.
  void set_effort(CodingEffort effort) { effort_ = effort; }

  // Hands on the media of all open chunks; runs go on in others.
  void Flush();

  // Call ten times a second of the pipeline's clock, which never goes back.
  void OnTick(int64_t now_ns);

 private:
  // By Stream::slot.
  struct OpenChunk {
    // Null while no chunk is open.
    std::unique_ptr<ChunkWriter> writer;
    const Stream* stream = nullptr;
    // Start of the run that the last chunk was of, and of that chunk.
    int64_t run_start_ns = 0;
    int64_t first_time_ns = 0;
    // What had been dropped when that run began.
    uint64_t run_drops = 0;
    // Chunks opened so far: tells them apart in `due_`.
    uint32_t number = 0;
    // Of that run.
    PayloadEncoder::History coding;
    // Of the last packet of that run, where payload may be kept.
    uint64_t payload_hash = 0;
  };
  struct DueChunk {
    int64_t due_ns = 0;
    uint32_t slot = 0;
    uint32_t number = 0;
  };

  OpenChunk& ChunkOf(const Stream& stream);
  void Open(const Stream& stream, int64_t time_ns, const RtpPacket& packet,
            OpenChunk& chunk);
  void Close(OpenChunk& chunk);

  const FrameOptions options_;
  FrameSink& sink_;
  DtlsSessions* const dtls_;
  CodingEffort effort_;
  PayloadEncoder encoder_;
  int64_t now_ns_ = 0;
  uint64_t drops_ = 0;

  std::vector<OpenChunk> chunks_;
  // Writers not in use; they keep their memory.
  std::vector<std::unique_ptr<ChunkWriter>> writers_;
  // In order of due_ns.
  std::deque<DueChunk> due_;

  // Reused, so that their memory is.
  v1::CallFrame media_frame_;
  v1::CallFrame frame_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_FRAME_FRAME_BUILDER_H_
