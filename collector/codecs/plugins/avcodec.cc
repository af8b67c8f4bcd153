// Codecs for which Debian has no library of their own: ITU-T G.723.1 and iLBC
// (RFC 3951, 3952), by libavcodec.
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/channel_layout.h>
#include <libavutil/log.h>
}

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "collector/codecs/codec_plugin.h"

namespace {

struct Free {
  void operator()(AVCodecContext* context) const {
    avcodec_free_context(&context);
  }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};

// A decoder of libavcodec, frame by frame.
class AvDecoder {
 public:
  // `block_bytes`: where the size of frames tells the variant; else 0.
  AvDecoder(AVCodecID id, int block_bytes)
      : frame_(av_frame_alloc()), packet_(av_packet_alloc()) {
    const AVCodec* codec = avcodec_find_decoder(id);
    if (codec == nullptr) return;
    context_.reset(avcodec_alloc_context3(codec));
    if (context_ == nullptr) return;
    context_->sample_rate = 8000;
    context_->block_align = block_bytes;
    context_->thread_count = 1;
    av_channel_layout_default(&context_->ch_layout, 1);
    if (avcodec_open2(context_.get(), codec, nullptr) < 0) context_.reset();
  }

  // False unless the frame gives `count` samples.
  bool Decode(const uint8_t* data, size_t bytes, size_t count, int16_t* pcm) {
    if (context_ == nullptr || frame_ == nullptr || packet_ == nullptr ||
        av_new_packet(packet_.get(), static_cast<int>(bytes)) < 0) {
      return false;
    }
    std::memcpy(packet_->data, data, bytes);
    const int sent = avcodec_send_packet(context_.get(), packet_.get());
    av_packet_unref(packet_.get());
    if (sent < 0 || avcodec_receive_frame(context_.get(), frame_.get()) < 0) {
      return false;
    }
    // Of one channel, planes are the same.
    const bool fits = (frame_->format == AV_SAMPLE_FMT_S16 ||
                       frame_->format == AV_SAMPLE_FMT_S16P) &&
                      frame_->nb_samples == static_cast<int>(count);
    if (fits) std::memcpy(pcm, frame_->data[0], count * sizeof(int16_t));
    av_frame_unref(frame_.get());
    return fits;
  }

 private:
  std::unique_ptr<AVCodecContext, Free> context_;
  const std::unique_ptr<AVFrame, Free> frame_;
  const std::unique_ptr<AVPacket, Free> packet_;
};

// G.723.1: the first two bits of a frame tell its size (RFC 3551, 4.5.3).
constexpr size_t kG723Bytes[] = {24, 20, 4, 1};
constexpr size_t kG723Samples = 240;
constexpr size_t kG723MaxFrames = 8000 / kG723Samples;

int G723Mode(const char*) { return 0; }

size_t G723FrameSamples(int, const uint8_t* payload, size_t bytes) {
  size_t frames = 0;
  for (size_t at = 0; at < bytes && frames < kG723MaxFrames; ++frames) {
    at += kG723Bytes[payload[at] & 3];
    if (at > bytes) break;
  }
  return frames * kG723Samples;
}

// A SID frame, or one that stands for nothing at all.
int G723EndsInPause(int, const uint8_t* payload, size_t bytes) {
  uint8_t last = 0;
  for (size_t at = 0; at < bytes; at += kG723Bytes[last]) {
    last = payload[at] & 3;
  }
  return last >= 2;
}

void* G723Open(int) { return new AvDecoder(AV_CODEC_ID_G723_1, 0); }
void Close(void* state) { delete static_cast<AvDecoder*>(state); }

int G723Decode(void* state, const uint8_t* payload, size_t bytes,
               int16_t* pcm) {
  const size_t samples = G723FrameSamples(0, payload, bytes);
  for (size_t done = 0, at = 0; done < samples; done += kG723Samples) {
    const size_t size = kG723Bytes[payload[at] & 3];
    if (!static_cast<AvDecoder*>(state)->Decode(payload + at, size,
                                                kG723Samples, pcm + done)) {
      return 0;
    }
    at += size;
  }
  return samples > 0;
}

// Frames that were not sent continue the noise, or the speech.
int G723Pause(void* state, size_t count, int16_t* pcm) {
  constexpr uint8_t kUntransmitted = 3;
  int16_t frame[kG723Samples];
  for (size_t done = 0; done < count;) {
    if (!static_cast<AvDecoder*>(state)->Decode(&kUntransmitted, 1,
                                                kG723Samples, frame)) {
      return 0;
    }
    const size_t size = std::min(kG723Samples, count - done);
    std::copy_n(frame, size, pcm + done);
    done += size;
  }
  return 1;
}

// iLBC: frames of 20 or 30 ms for a whole session (RFC 3952, section 5); some
// senders do the other than they said, and the size of payloads tells.
struct IlbcFrame {
  size_t bytes;
  size_t samples;
};
constexpr IlbcFrame kIlbc[] = {{38, 160}, {50, 240}};

int IlbcMode(const char* fmtp) {
  const char* mode = std::strstr(fmtp, "mode=");
  return mode != nullptr && std::atoi(mode + 5) == 20 ? 0 : 1;
}

IlbcFrame IlbcFrameOf(int mode, size_t bytes) {
  const IlbcFrame& said = kIlbc[mode == 0 ? 0 : 1];
  const IlbcFrame& other = kIlbc[mode == 0 ? 1 : 0];
  return bytes % said.bytes != 0 && bytes % other.bytes == 0 ? other : said;
}

size_t IlbcSamples(int mode, const uint8_t*, size_t bytes) {
  const IlbcFrame frame = IlbcFrameOf(mode, bytes);
  return std::min(bytes / frame.bytes, 8000 / frame.samples) * frame.samples;
}

int IlbcEndsInPause(int, const uint8_t*, size_t) { return 0; }

struct IlbcState {
  explicit IlbcState(int said) : mode(said) {}
  const int mode;
  size_t frame_bytes = 0;  // 0: no frame yet.
  std::unique_ptr<AvDecoder> decoder;
  // libavcodec's decoder begins with a crack.
  size_t to_mute = 320;
};

void* IlbcOpen(int mode) { return new IlbcState(mode); }
void IlbcClose(void* state) { delete static_cast<IlbcState*>(state); }

int IlbcDecode(void* opened, const uint8_t* payload, size_t bytes,
               int16_t* pcm) {
  IlbcState& state = *static_cast<IlbcState*>(opened);
  const IlbcFrame frame = IlbcFrameOf(state.mode, bytes);
  const size_t samples = IlbcSamples(state.mode, payload, bytes);
  if (frame.bytes != state.frame_bytes) {
    state.frame_bytes = frame.bytes;
    state.decoder = std::make_unique<AvDecoder>(AV_CODEC_ID_ILBC,
                                                static_cast<int>(frame.bytes));
  }
  for (size_t done = 0; done < samples; done += frame.samples) {
    if (!state.decoder->Decode(payload, frame.bytes, frame.samples,
                               pcm + done)) {
      return 0;
    }
    payload += frame.bytes;
  }
  const size_t muted = std::min(state.to_mute, samples);
  std::fill_n(pcm, muted, int16_t{0});
  state.to_mute -= muted;
  return samples > 0;
}

constexpr callbraid_codec kCodecs[] = {
    {"G723", 8000, 8000, G723Mode, G723FrameSamples, G723EndsInPause, G723Open,
     Close, G723Decode, nullptr, G723Pause},
    {"iLBC", 8000, 8000, IlbcMode, IlbcSamples, IlbcEndsInPause, IlbcOpen,
     IlbcClose, IlbcDecode, nullptr, nullptr}};

constexpr callbraid_codec_plugin kPlugin = {
    CALLBRAID_CODEC_PLUGIN_VERSION, "LGPL-2.1-or-later, or GPL (libavcodec)",
    kCodecs, sizeof(kCodecs) / sizeof(kCodecs[0])};

}  // namespace

const callbraid_codec_plugin* callbraid_codec_plugin_entry(void) {
  av_log_set_level(AV_LOG_QUIET);
  return &kPlugin;
}
