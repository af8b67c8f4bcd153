#ifndef CALLBRAID_TESTS_FAKES_CALL_FRAMES_H_
#define CALLBRAID_TESTS_FAKES_CALL_FRAMES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "callbraid/v1/frame.pb.h"
#include "common/media/media_chunk.h"
#include "common/net/endpoint.h"

// Call frames as a sensor sends them, for tests of what takes them.

namespace callbraid::fakes {

inline constexpr int64_t kMs = 1'000'000;
inline constexpr int64_t kSecond = 1000 * kMs;

inline Endpoint At(const std::string& address, uint16_t port) {
  return {*IpAddress::Parse(address), port};
}

// The parts of a SIP message that tests vary. All have initialisers: a test may
// name any of them and leave out the rest.
struct Sip {
  std::string method = "INVITE";
  // 0: a request.
  int status = 0;
  std::string call_id = "call-1";
  std::string from_tag = "from";
  std::string to_tag = "";
  uint32_t cseq = 1;
  std::string branch = "z9hG4bK1";
  std::string sdp = "";
  // Whole header lines.
  std::string extra = "";
  std::string body = "";

  std::string Text() const {
    std::string text = status == 0
                           ? method + " sip:200@10.0.0.2 SIP/2.0\r\n"
                           : "SIP/2.0 " + std::to_string(status) + " X\r\n";
    text += "Via: SIP/2.0/UDP 10.0.0.1;branch=" + branch + "\r\n";
    text += "From: \"Ann\" <sip:100@10.0.0.2>;tag=" + from_tag + "\r\n";
    text += "To: <sip:200@10.0.0.2>";
    if (!to_tag.empty()) text += ";tag=" + to_tag;
    text += "\r\nCall-ID: " + call_id + "\r\n";
    text += "CSeq: " + std::to_string(cseq) + " " + method + "\r\n";
    text += extra;
    if (!sdp.empty()) text += "Content-Type: application/sdp\r\n";
    const std::string content = sdp + body;
    text += "Content-Length: " + std::to_string(content.size()) + "\r\n\r\n";
    return text + content;
  }
};

inline std::string AudioSdp(const std::string& address, uint16_t port,
                            const std::string& attribute = "sendrecv") {
  return "v=0\r\no=- 1 1 IN IP4 " + address + "\r\ns=-\r\nc=IN IP4 " + address +
         "\r\nt=0 0\r\nm=audio " + std::to_string(port) +
         " RTP/AVP 0\r\na=" + attribute + "\r\n";
}

inline v1::CallFrame SipFrame(int64_t time_ns, const Endpoint& source,
                              const Endpoint& destination, const Sip& sip,
                              uint32_t ordinal = 0) {
  v1::CallFrame frame;
  v1::SipFrame& body = *frame.mutable_sip();
  body.set_time_ns(time_ns);
  body.set_ordinal(ordinal);
  *body.mutable_source() = ToProto(source);
  *body.mutable_destination() = ToProto(destination);
  body.set_transport(v1::TRANSPORT_UDP);
  body.set_message(sip.Text());
  return frame;
}

// 20 ms of something that is no silence and differs from packet to packet.
inline std::vector<uint8_t> Payload(uint32_t ssrc, uint32_t index) {
  std::vector<uint8_t> payload(160);
  uint32_t state = ssrc * 2654435761u + index * 40503u + 1;
  for (uint8_t& byte : payload) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<uint8_t>(state >> 24);
  }
  return payload;
}

// A G.711 stream, 20 ms a packet; packet i was sent at start_ns + i * 20 ms.
struct Stream {
  Endpoint source = At("10.0.0.1", 4000);
  Endpoint destination = At("10.0.0.2", 4002);
  uint32_t ssrc = 0x1234;
  int64_t start_ns = 1000 * kSecond;
  uint16_t first_sequence = 65'530;
  uint8_t payload_type = 0;
  uint32_t timestamp_step = 160;
  size_t payload_bytes = 160;

  // The packets with these numbers, in this order, arriving 20 ms apart.
  v1::CallFrame Chunk(const std::vector<uint32_t>& indices) const {
    ChunkWriter writer;
    std::vector<std::vector<uint8_t>> payloads;
    payloads.reserve(indices.size());
    for (size_t i = 0; i < indices.size(); ++i) {
      RtpPacket packet;
      packet.ssrc = ssrc;
      packet.sequence = static_cast<uint16_t>(first_sequence + indices[i]);
      packet.timestamp = 5000 + timestamp_step * indices[i];
      packet.payload_type = payload_type;
      payloads.push_back(Payload(ssrc, indices[i]));
      payloads.back().resize(payload_bytes);
      packet.payload = payloads.back();
      writer.Append(
          start_ns + (indices[0] + static_cast<int64_t>(i)) * 20 * kMs, packet);
    }
    v1::CallFrame frame;
    v1::MediaChunk& chunk = *frame.mutable_media();
    *chunk.mutable_source() = ToProto(source);
    *chunk.mutable_destination() = ToProto(destination);
    chunk.set_ssrc(ssrc);
    chunk.set_stream_start_ns(start_ns);
    writer.Finish(chunk);
    return frame;
  }
  // Packets [begin, end).
  v1::CallFrame Run(uint32_t begin, uint32_t end) const {
    std::vector<uint32_t> indices;
    for (uint32_t i = begin; i < end; ++i) indices.push_back(i);
    return Chunk(indices);
  }
  v1::CallFrame Report(int64_t time_ns, bool final) const {
    v1::CallFrame frame;
    v1::StreamReport& report = *frame.mutable_stream();
    *report.mutable_source() = ToProto(source);
    *report.mutable_destination() = ToProto(destination);
    report.set_ssrc(ssrc);
    report.set_stream_start_ns(start_ns);
    report.set_time_ns(time_ns);
    report.set_final(final);
    report.mutable_link()->set_dscp(46);
    return frame;
  }
};

// A receiver report (RFC 3550, section 6.4.2) of `source` on the stream `ssrc`
// that it gets from `destination`.
struct Reception {
  Endpoint source = At("10.0.0.1", 4001);
  Endpoint destination = At("10.0.0.2", 4003);
  uint32_t reporter = 0x1234;
  uint32_t ssrc = 0x77;
  uint32_t highest_sequence = 0;
  int32_t lost = 0;
  uint32_t jitter = 0;

  v1::CallFrame Frame(int64_t time_ns) const {
    std::string packet = {'\x81', '\xc9', 0, 7};
    const auto add = [&packet](uint32_t word) {
      for (int shift = 24; shift >= 0; shift -= 8) {
        packet.push_back(static_cast<char>(word >> shift));
      }
    };
    add(reporter);
    add(ssrc);
    add(static_cast<uint32_t>(lost) & 0xffffff);
    add(highest_sequence);
    add(jitter);
    add(0);
    add(0);
    v1::CallFrame frame;
    v1::RtcpFrame& rtcp = *frame.mutable_rtcp();
    rtcp.set_time_ns(time_ns);
    *rtcp.mutable_source() = ToProto(source);
    *rtcp.mutable_destination() = ToProto(destination);
    rtcp.set_ssrc(reporter);
    rtcp.set_packet(packet);
    return frame;
  }
};

inline v1::CallFrame CaptureFrame(int64_t time_ns, bool final) {
  v1::CallFrame frame;
  frame.mutable_capture()->set_time_ns(time_ns);
  frame.mutable_capture()->set_packets(7);
  frame.mutable_capture()->set_final(final);
  return frame;
}

}  // namespace callbraid::fakes

#endif  // CALLBRAID_TESTS_FAKES_CALL_FRAMES_H_
