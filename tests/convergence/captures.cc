#include "tests/convergence/captures.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <span>
#include <sstream>
#include <string_view>
#include <utility>

#include "callbraid/v1/config.pb.h"
#include "common/base/clock.h"
#include "gtest/gtest.h"
#include "sensor/capture/file_source.h"
#include "sensor/capture_pipeline.h"

namespace callbraid::convergence {
namespace {

class KeepingPackets final : public sensor::PacketSink {
 public:
  explicit KeepingPackets(std::vector<Packet>& packets) : packets_(packets) {}

  void OnPacket(const sensor::CapturedPacket& packet) override {
    packets_.push_back({packet.time_ns, packet.link_type,
                        std::string(packet.bytes.begin(), packet.bytes.end()),
                        packet.wire_length});
  }

 private:
  std::vector<Packet>& packets_;
};

class KeepingFrames final : public sensor::FrameSink {
 public:
  explicit KeepingFrames(Lanes& lanes) : lanes_(lanes) {}

  void OnFrame(v1::SpoolLane lane, const v1::CallFrame& frame) override {
    lanes_[lane == v1::SPOOL_LANE_MEDIA ? 1 : 0].push_back(frame);
  }

 private:
  Lanes& lanes_;
};

Capture Read(const std::string& file, const std::string& sensor,
             const std::string& site) {
  Capture capture;
  capture.sensor = sensor;
  capture.site = site;
  capture.point = std::filesystem::path(file).filename();
  const SystemClock clock;
  auto source = sensor::FileSource::Open(file, v1::CaptureConfig(), clock);
  if (!source.ok()) {
    ADD_FAILURE() << source.status();
    return capture;
  }
  KeepingPackets packets(capture.packets);
  for (;;) {
    const auto more = (*source)->Read(packets);
    EXPECT_TRUE(more.ok()) << more.status();
    if (!more.ok() || !*more) return capture;
  }
}

std::span<const uint8_t> BytesOf(const Packet& packet) {
  return {reinterpret_cast<const uint8_t*>(packet.bytes.data()),
          packet.bytes.size()};
}

// Addresses and ports of an Ethernet frame, as they are in the packet; of SIP
// those of both directions. (Where a part sees one direction of a dialog,
// nobody sees who answered a Replaces: docs/correlation.md. Scenes of their own
// have mirrors of one direction.)
std::string FlowOf(const Packet& packet) {
  constexpr size_t kAddresses = 26;
  constexpr std::string_view kSipPort("\x13\xc4", 2);  // 5060.
  constexpr size_t kTag = 4;
  const bool tagged = packet.bytes.size() > 13 && packet.bytes[12] == '\x81' &&
                      packet.bytes[13] == '\0';
  const size_t begin = kAddresses + (tagged ? kTag : 0);
  if (packet.bytes.size() < begin + 12) return std::string();
  const std::string flow = packet.bytes.substr(begin, 12);
  const std::string back = flow.substr(4, 4) + flow.substr(0, 4) +
                           flow.substr(10, 2) + flow.substr(8, 2);
  const bool is_sip = flow.substr(8, 2) == kSipPort;
  return is_sip || flow.substr(10, 2) == kSipPort ? std::min(flow, back) : flow;
}

}  // namespace

bool Scene::may_be_split() const {
  // Its stream counts on over the next call: only a sensor that sees the
  // signalling, too, knows where one ends.
  if (name == "ssrc_goes_on") return false;
  constexpr int64_t kMomentNs = 300'000'000'000;
  int64_t first_ns = std::numeric_limits<int64_t>::max();
  int64_t last_ns = 0;
  for (const Capture& capture : captures) {
    if (capture.packets.empty()) continue;
    first_ns = std::min(first_ns, capture.packets.front().time_ns);
    last_ns = std::max(last_ns, capture.packets.front().time_ns);
  }
  return last_ns - first_ns <= kMomentNs;
}

std::vector<Scene> LoadScenes(const std::string& folder,
                              const std::string& lab) {
  std::map<std::string, Scene> scenes;
  const auto add = [&](const std::string& name, const std::string& sensor,
                       const std::string& site, const std::string& file) {
    Scene& scene = scenes[name];
    scene.name = name;
    scene.captures.push_back(
        Read(file, name + "." + sensor, name + "." + site));
  };
  std::ifstream list(folder + "/captures.tsv");
  for (std::string line; std::getline(list, line);) {
    std::istringstream fields(line);
    std::string name, sensor, site, file;
    fields >> name >> sensor >> site >> file;
    add(name, sensor, site, folder + "/" + name + "/" + file);
  }
  if (std::filesystem::is_directory(lab)) {
    for (const auto& entry : std::filesystem::directory_iterator(lab)) {
      const std::string name = entry.path().filename();
      for (const std::string number : {"1", "2"}) {
        const auto file = entry.path() / ("sw" + number + ".pcap");
        if (std::filesystem::exists(file)) {
          add("lab-" + name, "s" + number, "lab", file);
        }
      }
    }
  }
  std::vector<Scene> loaded;
  for (auto& [name, scene] : scenes) loaded.push_back(std::move(scene));
  return loaded;
}

Lanes FramesOf(const Capture& capture) {
  Lanes lanes;
  KeepingFrames sink(lanes);
  sensor::CapturePipeline pipeline(v1::SensorConfig(), 0, sink);
  int64_t newest_ns = 0;
  for (const Packet& packet : capture.packets) {
    pipeline.OnPacket({packet.time_ns, packet.link_type, BytesOf(packet),
                       packet.wire_length});
    newest_ns = std::max(newest_ns, packet.time_ns);
  }
  pipeline.Finish(newest_ns, {});
  return lanes;
}

std::vector<Capture> Split(const Capture& capture, size_t parts,
                           Random& random) {
  std::vector<Capture> split(parts, capture);
  for (size_t i = 0; i < parts; ++i) {
    split[i].packets.clear();
    split[i].sensor += "-" + std::string(1, static_cast<char>('a' + i));
  }
  std::map<std::string, size_t> part_of;
  for (const Packet& packet : capture.packets) {
    const auto [part, added] = part_of.try_emplace(FlowOf(packet), 0);
    if (added) part->second = Any(random, parts);
    split[part->second].packets.push_back(packet);
  }
  return split;
}

}  // namespace callbraid::convergence
