#include "sensor/decap/mirror_splitter.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/bytes/byte_reader.h"
#include "sensor/decap/ip_tunnel.h"
#include "sensor/decap/link_layer.h"
#include "sensor/decap/udp_tunnel.h"

namespace callbraid::sensor {
namespace {

constexpr int kMaxMirrors = 64;
constexpr size_t kMaxNameBytes = 32;

constexpr uint8_t kUdp = 17;
constexpr size_t kUdpHeader = 8;

bool IsName(const std::string& name) {
  return !name.empty() && name.size() <= kMaxNameBytes &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  c == '.' || c == '_' || c == '-';
         });
}

// The tunnel that an IP packet is, if it is one.
bool OpenTunnel(const IpPacket& packet, Tunnel& tunnel) {
  if (packet.protocol != kUdp) {
    return !OpenIpTunnel(packet.protocol, packet.payload, tunnel);
  }
  ByteReader in(packet.payload);
  in.U16();
  const uint16_t port = in.U16();
  in.Take(kUdpHeader - 4);
  return in.ok() && OpenUdpTunnel(port, in.rest(), tunnel);
}

}  // namespace

absl::Status MirrorSplitter::Validate(const v1::CaptureConfig& config) {
  if (config.mirrors_size() > kMaxMirrors) {
    return absl::InvalidArgumentError(
        absl::StrCat("capture.mirrors has more than ", kMaxMirrors,
                     "; run several sensors"));
  }
  std::set<std::string> names;
  for (const v1::MirrorConfig& mirror : config.mirrors()) {
    if (!IsName(mirror.name())) {
      return absl::InvalidArgumentError(
          absl::StrCat("capture.mirrors has the name '", mirror.name(),
                       "'; use 1 to 32 of A-Z a-z 0-9 . _ -"));
    }
    if (!names.insert(mirror.name()).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("capture.mirrors has the name '", mirror.name(),
                       "' twice; give each its own"));
    }
    if (!mirror.sender().empty() && !IpAddress::Parse(mirror.sender())) {
      return absl::InvalidArgumentError(
          absl::StrCat("capture.mirrors, '", mirror.name(), "': sender is '",
                       mirror.sender(), "'; use the IP address of the switch"));
    }
    if (mirror.sender().empty() && !mirror.has_id()) {
      return absl::InvalidArgumentError(
          absl::StrCat("capture.mirrors, '", mirror.name(),
                       "' has neither sender nor id; give one or both"));
    }
  }
  return absl::OkStatus();
}

MirrorSplitter::MirrorSplitter(const v1::CaptureConfig& config,
                               std::vector<PacketSink*> points)
    : points_(std::move(points)) {
  for (const v1::MirrorConfig& mirror : config.mirrors()) {
    Mirror& added = mirrors_.emplace_back();
    added.sender = IpAddress::Parse(mirror.sender());
    if (mirror.has_id()) added.id = mirror.id();
  }
}

size_t MirrorSplitter::PointOf(const CapturedPacket& captured) {
  LinkHeader link;
  std::span<const uint8_t> ip;
  IpPacket packet;
  const size_t cut = captured.wire_length > captured.bytes.size()
                         ? captured.wire_length - captured.bytes.size()
                         : 0;
  if (ParseLink(captured.link_type, captured.bytes, link, ip) ||
      ParseIp(ip, ip.size() + cut, packet)) {
    return rest();
  }
  if (!packet.is_fragment) return PointOfTunnel(packet);
  if (packet.fragment_offset == 0) {
    const size_t point = PointOfTunnel(packet);
    if (point == rest()) return point;
    fragmented_[next_fragmented_] = {packet.source, packet.destination,
                                     packet.id, point};
    next_fragmented_ = (next_fragmented_ + 1) % kFragmented;
    return point;
  }
  const auto first = std::find_if(
      fragmented_.begin(), fragmented_.end(), [&](const Fragmented& seen) {
        return seen.id == packet.id && seen.source == packet.source &&
               seen.destination == packet.destination;
      });
  return first == fragmented_.end() ? rest() : first->point;
}

size_t MirrorSplitter::PointOfTunnel(const IpPacket& packet) const {
  Tunnel tunnel;
  if (!OpenTunnel(packet, tunnel)) return rest();
  const auto found =
      std::find_if(mirrors_.begin(), mirrors_.end(), [&](const Mirror& mirror) {
        return (!mirror.sender || *mirror.sender == packet.source) &&
               (!mirror.id || *mirror.id == tunnel.id);
      });
  return static_cast<size_t>(found - mirrors_.begin());
}

}  // namespace callbraid::sensor
