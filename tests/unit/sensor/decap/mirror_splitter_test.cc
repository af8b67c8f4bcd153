#include "sensor/decap/mirror_splitter.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/fakes/packet_builder.h"
#include "tests/fakes/packet_recorder.h"
#include "tests/fakes/tunnels.h"

namespace callbraid::sensor {
namespace {

using fakes::Bytes;
using fakes::PacketRecorder;
namespace tunnels = fakes::tunnels;
using tunnels::operator+;

constexpr int kEthernet = 1;  // DLT_EN10MB.

// Type II of a session, from 10.9.9.1 as all of tunnels.h.
Bytes Erspan(uint16_t session) {
  Bytes header = tunnels::kErspan2;
  header[10] = static_cast<uint8_t>((header[10] & 0xfc) | session >> 8);
  header[11] = static_cast<uint8_t>(session);
  return tunnels::InIp(47, header + tunnels::Frame());
}

Bytes Vxlan(uint32_t network) {
  return tunnels::InUdp(4789,
                        Bytes{8, 0, 0, 0, static_cast<uint8_t>(network >> 16),
                              static_cast<uint8_t>(network >> 8),
                              static_cast<uint8_t>(network), 0} +
                            tunnels::Frame());
}

class MirrorSplitterTest : public ::testing::Test {
 protected:
  void Add(const std::string& sender, int64_t id) {
    v1::MirrorConfig& mirror = *config_.add_mirrors();
    mirror.set_name("m" + std::to_string(config_.mirrors_size()));
    mirror.set_sender(sender);
    if (id >= 0) mirror.set_id(static_cast<uint32_t>(id));
  }
  // The point that a frame goes to.
  int PointOf(const Bytes& frame, int link_type = kEthernet) {
    if (splitter_ == nullptr) {
      EXPECT_TRUE(MirrorSplitter::Validate(config_).ok());
      points_.resize(static_cast<size_t>(config_.mirrors_size()) + 1);
      std::vector<PacketSink*> sinks;
      for (PacketRecorder& point : points_) sinks.push_back(&point);
      splitter_ = std::make_unique<MirrorSplitter>(config_, sinks);
    }
    splitter_->OnPacket(
        {7, link_type, frame, static_cast<uint32_t>(frame.size())});
    int found = -1;
    for (size_t i = 0; i < points_.size(); ++i) {
      for (const auto& recorded : points_[i].packets) {
        EXPECT_EQ(found, -1) << "one point for each packet";
        EXPECT_EQ(recorded.bytes, frame);
        found = static_cast<int>(i);
      }
      points_[i].packets.clear();
    }
    return found;
  }

  v1::CaptureConfig config_;
  std::vector<PacketRecorder> points_;
  std::unique_ptr<MirrorSplitter> splitter_;
};

TEST_F(MirrorSplitterTest, TellsSessionsOfErspanApart) {
  Add("", 10);
  Add("", 700);
  EXPECT_EQ(PointOf(Erspan(10)), 0);
  EXPECT_EQ(PointOf(Erspan(700)), 1);
  EXPECT_EQ(PointOf(Erspan(11)), 2);
  EXPECT_EQ(PointOf(tunnels::Frame()), 2);
}

TEST_F(MirrorSplitterTest, TellsSendersApart) {
  Add("10.9.9.2", -1);
  Add("10.9.9.1", 5);
  Add("10.9.9.1", -1);
  EXPECT_EQ(PointOf(Erspan(5)), 1);
  EXPECT_EQ(PointOf(Erspan(6)), 2);
}

TEST_F(MirrorSplitterTest, KnowsNetworksOfVxlan) {
  Add("10.9.9.1", 70'000);
  EXPECT_EQ(PointOf(Vxlan(70'000)), 0);
  EXPECT_EQ(PointOf(Vxlan(70'001)), 1);
}

// What is mirrored may be in tunnels itself.
TEST_F(MirrorSplitterTest, GoesByTheOutermostTunnel) {
  Add("", 10);
  Add("", 11);
  Bytes header = tunnels::kErspan2;
  header[11] = 10;
  EXPECT_EQ(PointOf(tunnels::InIp(47, header + Erspan(11))), 0);
}

TEST_F(MirrorSplitterTest, KeepsFragmentsTogether) {
  Add("", 10);
  Add("", 11);
  // Cuts the IP packet behind `at` bytes of its payload.
  const auto fragments = [](Bytes frame, uint8_t id) {
    constexpr size_t kHeader = 14 + 20;
    constexpr size_t kAt = 64;
    frame[14 + 5] = id;
    Bytes first(frame.begin(), frame.begin() + kHeader + kAt);
    Bytes second(frame.begin(), frame.begin() + kHeader);
    second.insert(second.end(), frame.begin() + kHeader + kAt, frame.end());
    first[14 + 6] = 0x20;
    second[14 + 7] = kAt / 8;
    for (Bytes* part : {&first, &second}) {
      (*part)[14 + 2] = static_cast<uint8_t>((part->size() - 14) >> 8);
      (*part)[14 + 3] = static_cast<uint8_t>(part->size() - 14);
    }
    return std::pair(first, second);
  };
  const auto [a1, a2] = fragments(Erspan(10), 1);
  const auto [b1, b2] = fragments(Erspan(11), 2);
  const auto [c1, c2] = fragments(Erspan(12), 3);
  EXPECT_EQ(PointOf(a1), 0);
  EXPECT_EQ(PointOf(b1), 1);
  EXPECT_EQ(PointOf(c1), 2);
  EXPECT_EQ(PointOf(b2), 1);
  EXPECT_EQ(PointOf(a2), 0);
  EXPECT_EQ(PointOf(c2), 2);
}

TEST_F(MirrorSplitterTest, LeavesAllElseToTheInterface) {
  Add("", 10);
  EXPECT_EQ(PointOf({}), 1);
  EXPECT_EQ(PointOf(Bytes(13, 0)), 1);
  const Bytes whole = Erspan(10);
  for (size_t size = 0; size < 14 + 20 + 8; ++size) {
    EXPECT_EQ(
        PointOf({whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size)}),
        1)
        << size;
  }
  EXPECT_EQ(PointOf(whole, 147), 1) << "a link type that is not known";
}

}  // namespace
}  // namespace callbraid::sensor
