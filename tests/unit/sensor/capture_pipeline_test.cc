#include "sensor/capture_pipeline.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/fakes/packet_builder.h"
#include "tests/fakes/tunnels.h"

namespace callbraid::sensor {
namespace {

using fakes::Bytes;
using fakes::PacketBuilder;
using fakes::Rtp;

constexpr int kEthernet = 1;  // DLT_EN10MB.
constexpr int64_t kMs = 1'000'000;
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kStart = 1'700'000'000 * kSecond;

struct Packet {
  int64_t time_ns;
  Bytes bytes;
};

class KeepingSink final : public FrameSink {
 public:
  void OnFrame(v1::SpoolLane lane, const v1::CallFrame& frame) override {
    lanes.push_back(lane);
    frames.push_back(frame);
  }
  std::vector<v1::MediaChunk> Chunks() const {
    std::vector<v1::MediaChunk> chunks;
    for (const auto& frame : frames) {
      if (frame.has_media()) chunks.push_back(frame.media());
    }
    return chunks;
  }
  std::vector<v1::SipFrame> Sip() const {
    std::vector<v1::SipFrame> sip;
    for (const auto& frame : frames) {
      if (frame.has_sip()) sip.push_back(frame.sip());
    }
    return sip;
  }
  std::vector<v1::StreamReport> FinalReports() const {
    std::vector<v1::StreamReport> reports;
    for (const auto& frame : frames) {
      if (frame.has_stream() && frame.stream().final()) {
        reports.push_back(frame.stream());
      }
    }
    return reports;
  }

  std::vector<v1::SpoolLane> lanes;
  std::vector<v1::CallFrame> frames;
};

std::string InviteWithSdp() {
  const std::string sdp =
      "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\n"
      "t=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";
  return "INVITE sip:102@10.0.0.2 SIP/2.0\r\nCall-ID: 1\r\n"
         "From: <sip:101@10.0.0.1>;tag=1\r\nTo: <sip:102@10.0.0.2>\r\n"
         "CSeq: 1 INVITE\r\nContent-Type: application/sdp\r\n"
         "Content-Length: " +
         std::to_string(sdp.size()) + "\r\n\r\n" + sdp;
}

Packet Sip(int64_t time_ns) {
  return {time_ns, PacketBuilder()
                       .From("10.0.0.1", 5060)
                       .To("10.0.0.2", 5060)
                       .Payload(InviteWithSdp())
                       .Ethernet()};
}

Packet Voice(int64_t time_ns, uint16_t sequence) {
  return {
      time_ns,
      PacketBuilder()
          .From("10.0.0.2", 4002)
          .To("10.0.0.1", 4000)
          .IpId(sequence)
          .Payload(
              Rtp{.sequence = sequence, .timestamp = sequence * 160u}.Build())
          .Ethernet()};
}

// A call of `packets` packets of voice.
std::vector<Packet> Call(int64_t time_ns, uint16_t packets) {
  std::vector<Packet> call = {Sip(time_ns)};
  for (uint16_t i = 0; i < packets; ++i) {
    call.push_back(Voice(time_ns + (100 + i * 20) * kMs, i));
  }
  return call;
}

void Feed(const Packet& packet, CapturePipeline& pipeline) {
  pipeline.OnPacket({packet.time_ns, kEthernet, packet.bytes,
                     static_cast<uint32_t>(packet.bytes.size())});
}

KeepingSink FramesOf(const std::vector<Packet>& packets,
                     const v1::SensorConfig& config = v1::SensorConfig()) {
  KeepingSink sink;
  CapturePipeline pipeline(config, 2, sink);
  for (const Packet& packet : packets) Feed(packet, pipeline);
  pipeline.Finish(packets.back().time_ns, {});
  return sink;
}

TEST(CapturePipeline, MakesFramesOfACall) {
  const KeepingSink sink = FramesOf(Call(kStart, 100));
  EXPECT_EQ(sink.Sip().size(), 1u);
  uint32_t packets = 0;
  for (const auto& chunk : sink.Chunks()) packets += chunk.packet_count();
  EXPECT_EQ(packets, 100u);
  ASSERT_EQ(sink.FinalReports().size(), 1u);
  EXPECT_EQ(sink.FinalReports()[0].statistics().packets(), 100u);
  for (const auto& frame : sink.frames) EXPECT_EQ(frame.capture_point(), 2u);
}

TEST(CapturePipeline, PutsMediaInALaneOfItsOwn) {
  const KeepingSink sink = FramesOf(Call(kStart, 100));
  for (size_t i = 0; i < sink.frames.size(); ++i) {
    EXPECT_EQ(sink.lanes[i], sink.frames[i].has_media()
                                 ? v1::SPOOL_LANE_MEDIA
                                 : v1::SPOOL_LANE_SIGNALLING);
  }
}

TEST(CapturePipeline, PutsMediaThatNobodyAsksForInALaneOfItsOwn) {
  for (const auto& [number, lane] :
       {std::pair("101", v1::SPOOL_LANE_MEDIA),
        std::pair("20*", v1::SPOOL_LANE_SPARE_MEDIA)}) {
    v1::SensorConfig config;
    config.mutable_media()->mutable_asked_for()->add_numbers(number);
    const KeepingSink sink = FramesOf(Call(kStart, 100), config);
    EXPECT_FALSE(sink.Chunks().empty());
    for (size_t i = 0; i < sink.frames.size(); ++i) {
      EXPECT_EQ(sink.lanes[i],
                sink.frames[i].has_media() ? lane : v1::SPOOL_LANE_SIGNALLING);
    }
  }
}

TEST(CapturePipeline, ReportsEachSecondAndAtTheEnd) {
  const KeepingSink sink = FramesOf(Call(kStart, 250));  // 5.1 s.
  std::vector<v1::CaptureReport> reports;
  for (const auto& frame : sink.frames) {
    if (frame.has_capture()) reports.push_back(frame.capture());
  }
  ASSERT_EQ(reports.size(), 7u);
  for (size_t i = 1; i < reports.size(); ++i) {
    EXPECT_GT(reports[i].time_ns(), reports[i - 1].time_ns());
    EXPECT_GE(reports[i].packets(), reports[i - 1].packets());
  }
  EXPECT_TRUE(reports.back().final());
  EXPECT_EQ(reports.back().packets(), 251u);
  EXPECT_FALSE(reports.front().final());
}

// What came before the time of a report has been handed on with it.
TEST(CapturePipeline, HandsOnWhatItsReportsSay) {
  KeepingSink sink;
  CapturePipeline pipeline(v1::SensorConfig(), 0, sink);
  const auto call = Call(kStart, 500);
  for (const Packet& packet : call) Feed(packet, pipeline);
  int64_t reported_ns = 0;
  for (const auto& frame : sink.frames) {
    if (frame.has_capture()) reported_ns = frame.capture().time_ns();
    if (frame.has_media()) {
      EXPECT_GE(frame.media().first_time_ns(), reported_ns);
    }
  }
}

TEST(CapturePipeline, GivesTheSameFramesAtAnySpeed) {
  std::vector<Packet> packets = Call(kStart, 300);
  const auto second = Call(kStart + 20 * kSecond, 300);
  packets.insert(packets.end(), second.begin(), second.end());
  const KeepingSink at_once = FramesOf(packets);

  KeepingSink live;
  CapturePipeline pipeline(v1::SensorConfig(), 2, live);
  int64_t now_ns = kStart;
  for (const Packet& packet : packets) {
    for (; now_ns < packet.time_ns; now_ns += 7 * kMs) {
      pipeline.OnTime(now_ns, {});
    }
    Feed(packet, pipeline);
  }
  pipeline.Finish(packets.back().time_ns, {});
  ASSERT_EQ(live.frames.size(), at_once.frames.size());
  for (size_t i = 0; i < live.frames.size(); ++i) {
    ASSERT_EQ(live.frames[i].ShortDebugString(),
              at_once.frames[i].ShortDebugString())
        << "frame " << i;
  }
}

TEST(CapturePipeline, HandsOnChunksWithoutFurtherPackets) {
  KeepingSink sink;
  CapturePipeline pipeline(v1::SensorConfig(), 0, sink);
  for (const Packet& packet : Call(kStart, 10)) Feed(packet, pipeline);
  EXPECT_TRUE(sink.Chunks().empty());
  pipeline.OnTime(kStart + kSecond, {});
  EXPECT_EQ(sink.Chunks().size(), 1u);
  pipeline.OnTime(kStart + 12 * kSecond, {});
  EXPECT_EQ(sink.FinalReports().size(), 1u);
}

TEST(CapturePipeline, CountsCopiesOfTheMirrorApart) {
  std::vector<Packet> packets;
  for (const Packet& packet : Call(kStart, 100)) {
    packets.push_back(packet);
    packets.push_back({packet.time_ns + 5000, packet.bytes});
  }
  const KeepingSink sink = FramesOf(packets);
  EXPECT_EQ(sink.Sip().size(), 1u);
  ASSERT_EQ(sink.FinalReports().size(), 1u);
  const auto statistics = sink.FinalReports()[0].statistics();
  EXPECT_EQ(statistics.packets(), 100u);
  EXPECT_EQ(statistics.duplicates(), 0u);
  EXPECT_EQ(statistics.mirror_copies(), 100u);
  EXPECT_EQ(sink.frames.back().capture().mirror_copies(), 101u);
}

// The mirror of a call by ERSPAN II, from which `missing` packets are gone.
KeepingSink FramesOfErspan(uint8_t missing) {
  std::vector<Packet> packets = Call(kStart, 200);
  uint8_t number = 0;
  for (Packet& packet : packets) {
    number = static_cast<uint8_t>(number + 1 + (number == 9 ? missing : 0));
    packet.bytes = fakes::tunnels::InErspan(number, packet.bytes);
  }
  KeepingSink sink;
  CapturePipeline pipeline({}, 2, sink);
  for (const Packet& packet : packets) {
    Feed(packet, pipeline);
    pipeline.OnTime(packet.time_ns, {});
  }
  pipeline.Finish(packets.back().time_ns, {});
  return sink;
}

TEST(CapturePipeline, TellsWhatATunnelLost) {
  for (const uint8_t missing : {0, 3}) {
    const KeepingSink sink = FramesOfErspan(missing);
    EXPECT_EQ(sink.frames.back().capture().tunnel_drops(), missing);
    ASSERT_EQ(sink.FinalReports().size(), 1u);
    EXPECT_EQ(sink.FinalReports()[0].capture_drops(), missing);
  }
}

TEST(CapturePipeline, SurvivesAnyTime) {
  const std::vector<int64_t> times = {kStart, INT64_MIN,  INT64_MAX, 0,
                                      -1,     kStart * 2, kStart,    1};
  std::vector<Packet> packets;
  for (const int64_t time : times) packets.push_back(Voice(time, 1));
  packets.push_back(Voice(kStart, 2));
  const KeepingSink sink = FramesOf(packets);
  const auto& discarded = sink.frames.back().capture().discarded();
  EXPECT_EQ(discarded.at("bad_time"), 3u);
}

TEST(CapturePipeline, ReportsWhyPacketsWereOfNoUse) {
  std::vector<Packet> packets = Call(kStart, 10);
  packets.push_back({kStart + kSecond, Bytes(60, 0)});
  packets.push_back(
      {kStart + kSecond, PacketBuilder().Payload("hello").Ethernet()});
  const KeepingSink sink = FramesOf(packets);
  const auto& discarded = sink.frames.back().capture().discarded();
  EXPECT_EQ(discarded.at("not_ip"), 1u);
  EXPECT_EQ(discarded.at("not_voip"), 1u);
  EXPECT_FALSE(discarded.contains("bad_rtp"));
}

std::vector<v1::CaptureReport> ReportsOf(const KeepingSink& sink) {
  std::vector<v1::CaptureReport> reports;
  for (const auto& frame : sink.frames) {
    if (frame.has_capture()) reports.push_back(frame.capture());
  }
  return reports;
}

TEST(CapturePipeline, ReportsACensusEachSecondAndHostsEveryTen) {
  const auto reports = ReportsOf(FramesOf(Call(kStart, 1500)));  // 30 s.
  int with_hosts = 0;
  uint64_t sent = 0;
  for (const v1::CaptureReport& report : reports) {
    EXPECT_EQ(report.since_ns(), kStart);
    if (report.hosts_size() > 0) ++with_hosts;
    for (const v1::HostTraffic& host : report.hosts()) {
      sent += host.rtp_sent();
    }
  }
  // At 10, 20 and 30 s, and at the end.
  EXPECT_EQ(with_hosts, 4);
  EXPECT_EQ(sent, 1500u);
  const v1::TrafficCensus& census = reports.back().census();
  EXPECT_EQ(census.unicast_frames(), 1501u);
  EXPECT_EQ(census.udp_datagrams(), 1501u);
  EXPECT_EQ(census.sip_messages(), 1u);
  EXPECT_EQ(census.rtp_packets(), 1500u);
  EXPECT_FALSE(reports.back().has_interface());
}

TEST(CapturePipeline, ReportsTheInterfaceAsItIsThen) {
  v1::InterfaceState interface;
  interface.set_mac(std::string("\x02\0\0\0\0\x01", 6));
  KeepingSink sink;
  CapturePipeline pipeline(v1::SensorConfig(), 0, sink, &interface);
  Feed(Sip(kStart), pipeline);
  interface.set_rx_frames(77);
  pipeline.Finish(kStart + kSecond, {});
  const auto reports = ReportsOf(sink);
  EXPECT_EQ(reports.back().interface().rx_frames(), 77u);
  // The builder's source address is this interface's own.
  EXPECT_EQ(reports.back().census().own_frames(), 1u);
}

}  // namespace
}  // namespace callbraid::sensor
