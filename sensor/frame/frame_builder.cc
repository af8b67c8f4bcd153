#include "sensor/frame/frame_builder.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "callbraid/v1/uplink.pb.h"
#include "common/media/withhold.h"
#include "common/net/endpoint.h"
#include "sensor/frame/capture_clock.h"

namespace callbraid::sensor {
namespace {

void SetBytes(std::span<const uint8_t> bytes, std::string& out) {
  out.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void Fill(const Endpoint& from, v1::Endpoint& to) {
  SetBytes(from.address.bytes(), *to.mutable_address());
  to.set_port(from.port);
}

void Fill(const LinkHeader& link, uint8_t dscp, v1::LinkInfo& to) {
  if (link.has_mac) {
    SetBytes(link.source_mac, *to.mutable_source_mac());
    SetBytes(link.destination_mac, *to.mutable_destination_mac());
  }
  for (uint8_t i = 0; i < link.vlan_count; ++i) {
    to.add_vlan_ids(link.vlan_ids[i]);
  }
  to.set_dscp(dscp);
}

void Fill(const StreamKey& key, v1::DtlsSrtp& to) {
  to.set_time_ns(key.time_ns);
  to.set_profile(key.profile);
  SetBytes(key.key_and_salt.bytes(), *to.mutable_master_key_and_salt());
  to.set_mki(key.mki);
}

v1::Transport TransportOf(Transport transport) {
  switch (transport) {
    case Transport::kUdp:
      return v1::TRANSPORT_UDP;
    case Transport::kTcp:
      return v1::TRANSPORT_TCP;
    case Transport::kWebSocket:
      return v1::TRANSPORT_WS;
    case Transport::kTls:
      return v1::TRANSPORT_TLS;
    case Transport::kSecureWebSocket:
      return v1::TRANSPORT_WSS;
  }
  return v1::TRANSPORT_UNSPECIFIED;
}

// SIP has none, as in frames of sensors that know no other.
v1::SignallingProtocol ProtocolOf(MessageKind kind) {
  switch (kind) {
    case MessageKind::kSip:
      return v1::SIGNALLING_PROTOCOL_UNSPECIFIED;
    case MessageKind::kMgcp:
      return v1::SIGNALLING_PROTOCOL_MGCP;
    case MessageKind::kSccp:
      return v1::SIGNALLING_PROTOCOL_SCCP;
    case MessageKind::kH323:
      return v1::SIGNALLING_PROTOCOL_H323;
  }
  return v1::SIGNALLING_PROTOCOL_UNSPECIFIED;
}

}  // namespace

FrameBuilder::FrameBuilder(const FrameOptions& options, FrameSink& sink,
                           DtlsSessions* dtls)
    : options_(options), sink_(sink), dtls_(dtls), effort_(options.effort) {
  media_frame_.set_capture_point(options.capture_point);
  frame_.set_capture_point(options.capture_point);
}

void FrameBuilder::OnRtp(const Stream& stream, int64_t time_ns,
                         const RtpPacket& packet) {
  OpenChunk& chunk = ChunkOf(stream);
  if (chunk.writer != nullptr) {
    const bool in_time = time_ns - chunk.first_time_ns < options_.chunk_ns;
    if (in_time && chunk.writer->Append(time_ns, packet)) return;
    Close(chunk);
  }
  Open(stream, time_ns, packet, chunk);
}

void FrameBuilder::OnStreamReport(const Stream& stream, bool final) {
  if (final) {
    OpenChunk& chunk = ChunkOf(stream);
    if (chunk.writer != nullptr) Close(chunk);
  }
  v1::StreamReport& report = *frame_.mutable_stream();
  report.Clear();
  Fill(stream.flow.source, *report.mutable_source());
  Fill(stream.flow.destination, *report.mutable_destination());
  report.set_ssrc(stream.ssrc);
  report.set_stream_start_ns(stream.start_ns);
  report.set_time_ns(stream.newest_ns);
  stream.meter.Fill(*report.mutable_statistics());
  Fill(stream.link, stream.dscp, *report.mutable_link());
  report.set_final(final);
  report.set_transport(stream.transport);
  report.set_zrtp_secure_ns(stream.zrtp_secure_ns);
  const OpenChunk& last = ChunkOf(stream);
  if (last.run_start_ns == stream.start_ns) {
    report.set_capture_drops(drops_ - last.run_drops);
  }
  if (dtls_ != nullptr) {
    for (const StreamKey& key : dtls_->KeysOf(stream.flow)) {
      Fill(key, *report.add_dtls_srtp());
    }
  }
  sink_.OnFrame(v1::SPOOL_LANE_SIGNALLING, frame_);
}

void FrameBuilder::OnRtcp(const RtcpView& rtcp) {
  v1::RtcpFrame& out = *frame_.mutable_rtcp();
  out.Clear();
  out.set_time_ns(rtcp.time_ns);
  Fill(rtcp.flow.source, *out.mutable_source());
  Fill(rtcp.flow.destination, *out.mutable_destination());
  out.set_ssrc(rtcp.ssrc);
  SetBytes(rtcp.packet, *out.mutable_packet());
  out.set_truncated(rtcp.truncated);
  sink_.OnFrame(v1::SPOOL_LANE_SIGNALLING, frame_);
}

void FrameBuilder::OnMessage(const MessageView& message) {
  v1::SipFrame& out = *frame_.mutable_sip();
  out.Clear();
  out.set_time_ns(message.time_ns);
  out.set_ordinal(message.ordinal);
  Fill(message.flow.source, *out.mutable_source());
  Fill(message.flow.destination, *out.mutable_destination());
  out.set_transport(TransportOf(message.transport));
  out.set_protocol(ProtocolOf(message.kind));
  out.mutable_message()->assign(message.message);
  out.set_truncated(message.truncated);
  Fill(message.link, message.dscp, *out.mutable_link());
  sink_.OnFrame(v1::SPOOL_LANE_SIGNALLING, frame_);
}

void FrameBuilder::OnCaptureReport(const v1::CaptureReport& report) {
  *frame_.mutable_capture() = report;
  sink_.OnFrame(v1::SPOOL_LANE_SIGNALLING, frame_);
}

void FrameBuilder::Flush() {
  for (OpenChunk& chunk : chunks_) {
    if (chunk.writer != nullptr) Close(chunk);
  }
}

void FrameBuilder::OnTick(int64_t now_ns) {
  now_ns_ = now_ns;
  while (!due_.empty() && due_.front().due_ns <= now_ns) {
    OpenChunk& chunk = chunks_[due_.front().slot];
    const bool is_open =
        chunk.writer != nullptr && chunk.number == due_.front().number;
    due_.pop_front();
    if (is_open) Close(chunk);
  }
}

FrameBuilder::OpenChunk& FrameBuilder::ChunkOf(const Stream& stream) {
  if (stream.slot >= chunks_.size()) chunks_.resize(stream.slot + 1);
  return chunks_[stream.slot];
}

void FrameBuilder::Open(const Stream& stream, int64_t time_ns,
                        const RtpPacket& packet, OpenChunk& chunk) {
  // A chunk is known by the time of its first packet. Where the capture's clock
  // stands still for more packets than a chunk holds, a nanosecond tells the
  // next one apart.
  const bool same_run =
      chunk.stream == &stream && chunk.run_start_ns == stream.start_ns;
  if (same_run) {
    time_ns = std::max(time_ns, chunk.first_time_ns + 1);
  } else {
    chunk.run_drops = drops_;
    chunk.coding = {};
    chunk.payload_hash = 0;
  }
  chunk.stream = &stream;
  chunk.run_start_ns = stream.start_ns;
  chunk.first_time_ns = time_ns;
  ++chunk.number;
  if (writers_.empty()) {
    chunk.writer = std::make_unique<ChunkWriter>();
  } else {
    chunk.writer = std::move(writers_.back());
    writers_.pop_back();
  }
  chunk.writer->Append(time_ns, packet);
  // The last tick may have been up to one tick before the packet.
  due_.push_back({now_ns_ + CaptureClock::kTickNs + options_.chunk_ns,
                  stream.slot, chunk.number});
}

void FrameBuilder::Close(OpenChunk& chunk) {
  const Stream& stream = *chunk.stream;
  v1::MediaChunk& media = *media_frame_.mutable_media();
  media.Clear();
  Fill(stream.flow.source, *media.mutable_source());
  Fill(stream.flow.destination, *media.mutable_destination());
  media.set_ssrc(stream.ssrc);
  media.set_stream_start_ns(chunk.run_start_ns);
  media.set_transport(stream.transport);
  chunk.writer->Finish(media);
  writers_.push_back(std::move(chunk.writer));
  const bool keep = options_.kept != nullptr &&
                    options_.kept->Contains(
                        {options_.capture_point, stream.flow, stream.ssrc});
  SampledPayloads sampled;
  if (keep) {
    sampled = SamplePayloads(media, chunk.payload_hash);
    chunk.payload_hash = sampled.last_hash;
  } else if (options_.kept != nullptr) {
    chunk.payload_hash = LastPayloadHash(media, chunk.payload_hash);
  }
  encoder_.Encode(effort_, chunk.coding, media);
  if (keep) {
    media.set_was_kept(true);
    sink_.OnFrame(v1::SPOOL_LANE_KEPT_MEDIA, media_frame_);
    media.clear_was_kept();
    Withhold(std::move(sampled), media);
  }
  sink_.OnFrame(
      stream.spare ? v1::SPOOL_LANE_SPARE_MEDIA : v1::SPOOL_LANE_MEDIA,
      media_frame_);
}

}  // namespace callbraid::sensor
