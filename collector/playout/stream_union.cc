#include "collector/playout/stream_union.h"

#include <algorithm>
#include <span>
#include <utility>

#include "common/bytes/byte_writer.h"
#include "common/rtp/rtp_packet.h"

namespace callbraid::collector {
namespace {

// Copies of a packet arrive elsewhere within this time (hop delay, and the
// uncertainty of the clock offset) and may still replace it.
constexpr int64_t kHoldNs = 1'000'000'000;
// The same, where a listener waits.
constexpr int64_t kShortHoldNs = 100'000'000;
// A later copy is at least recognised. Short, because a source may begin anew
// with the same numbers.
constexpr int64_t kRememberNs = 5'000'000'000;
// Bounds memory where a flood of packets claims to be one stream.
constexpr size_t kMaxHeld = 16384;
constexpr size_t kMaxRemembered = 65536;

uint64_t KeyOf(const RtpPacket& packet) {
  return uint64_t{packet.timestamp} << 16 | packet.sequence;
}

constexpr uint8_t kPaddingBit = 0x20;

// What comes before the payload (RFC 3550, section 5.1).
std::string HeaderOf(const RtpPacket& packet) {
  std::string header;
  ByteWriter out(header);
  out.U8(packet.first_byte);
  out.U8(
      static_cast<uint8_t>((packet.marker ? 0x80 : 0) | packet.payload_type));
  out.U16(packet.sequence);
  out.U32(packet.timestamp);
  out.U32(packet.ssrc);
  out.Bytes(packet.extra_header);
  return header;
}

// Of SRTP, with what the sensor took for padding: only what can be made again
// (sensor/flow/parse_media.h).
std::string WholePayloadOf(const RtpPacket& packet) {
  std::string payload(packet.payload.begin(), packet.payload.end());
  if (packet.padding > 0) {
    payload.append(packet.padding - size_t{1}, '\0');
    payload.push_back(static_cast<char>(packet.padding));
  }
  return payload;
}

// Of RTP, without the padding that the sensor left there because it might have
// been SRTP.
std::span<const uint8_t> AudioOf(const RtpPacket& packet) {
  const auto payload = packet.payload;
  if (!(packet.first_byte & kPaddingBit) || packet.padding > 0 ||
      packet.truncated || payload.empty() || payload.back() == 0 ||
      payload.back() > payload.size()) {
    return payload;
  }
  return payload.first(payload.size() - payload.back());
}

bool IsBetter(const ChunkPacket& copy, const MediaPacket& held) {
  if (copy.withheld != held.withheld) return held.withheld;
  if (copy.rtp.truncated != held.truncated) return held.truncated;
  return copy.payload_size > held.payload_size;
}

}  // namespace

StreamUnion::StreamUnion(MediaStore& store,
                         std::vector<ObservationSource> sources,
                         std::unique_ptr<SrtpDecryptor> decryptor)
    : store_(store),
      decryptor_(std::move(decryptor)),
      waiting_(std::move(sources)) {
  // By id where times are equal: the order in which they are known must not
  // matter.
  std::sort(waiting_.begin(), waiting_.end(),
            [](const ObservationSource& a, const ObservationSource& b) {
              return std::tie(a.first_time_ns, a.id) >
                     std::tie(b.first_time_ns, b.id);
            });
}

std::optional<MediaPacket> StreamUnion::Next() {
  for (;;) {
    std::optional<MediaPacket> packet = NextHeld();
    if (!packet || decryptor_ == nullptr || packet->withheld ||
        Decrypt(*packet)) {
      return packet;
    }
  }
}

// False of a packet that was replayed: there is no such packet.
bool StreamUnion::Decrypt(MediaPacket& packet) {
  std::string whole = packet.header + packet.payload;
  packet.header.clear();
  packet.payload.clear();
  const auto outcome = decryptor_->Decrypt(packet.time_ns, whole);
  if (outcome != SrtpSession::Outcome::kDecrypted) {
    return outcome != SrtpSession::Outcome::kRepeated;
  }
  const auto rtp =
      ParseRtp({reinterpret_cast<const uint8_t*>(whole.data()), whole.size()});
  if (!rtp) return true;
  packet.payload.assign(rtp->payload.begin(), rtp->payload.end());
  return true;
}

std::optional<MediaPacket> StreamUnion::NextHeld() {
  while (held_.empty() || (newest_ns_ - held_.front().time_ns < kHoldNs &&
                           held_.size() < kMaxHeld)) {
    if (!Pull()) break;
  }
  if (held_.empty() || !status_.ok() || held_.front().time_ns > settled_ns_) {
    return std::nullopt;
  }
  MediaPacket packet = std::move(held_.front());
  held_.pop_front();
  ++first_serial_;
  return packet;
}

void StreamUnion::Follow(int64_t until_ns) {
  follows_ = true;
  until_ns_ = until_ns;
  settled_ns_ = until_ns - kShortHoldNs;
  for (const auto& reader : active_) reader->Follow(until_ns);
}

// The active reader with the earliest packet; null at the end.
PacketReader* StreamUnion::EarliestReader() {
  for (;;) {
    PacketReader* earliest = nullptr;
    for (size_t i = 0; i < active_.size();) {
      if (active_[i]->Peek() == nullptr) {
        status_.Update(active_[i]->status());
        if (follows_) {
          ++i;
        } else {
          active_.erase(active_.begin() + static_cast<ptrdiff_t>(i));
        }
        continue;
      }
      if (earliest == nullptr ||
          active_[i]->Peek()->time_ns < earliest->Peek()->time_ns) {
        earliest = active_[i].get();
      }
      ++i;
    }
    if (!status_.ok()) return nullptr;
    if (waiting_.empty()) return earliest;
    if (earliest != nullptr &&
        earliest->Peek()->time_ns < waiting_.back().first_time_ns) {
      return earliest;
    }
    active_.push_back(std::make_unique<PacketReader>(store_, waiting_.back()));
    waiting_.pop_back();
    if (follows_) active_.back()->Follow(until_ns_);
  }
}

bool StreamUnion::Pull() {
  PacketReader* reader = EarliestReader();
  if (reader == nullptr || reader->Peek()->time_ns > until_ns_) return false;
  Take(*reader->Peek());
  reader->Pop();
  return true;
}

void StreamUnion::Take(const ChunkPacket& packet) {
  newest_ns_ = std::max(newest_ns_, packet.time_ns);
  while (!seen_by_time_.empty() &&
         (newest_ns_ - seen_by_time_.front().first > kRememberNs ||
          seen_by_time_.size() > kMaxRemembered)) {
    seen_.erase(seen_by_time_.front().second);
    seen_by_time_.pop_front();
  }
  const uint64_t key = KeyOf(packet.rtp);
  const auto [it, inserted] = seen_.try_emplace(key);
  Seen& seen = it->second;
  const bool is_gone = !inserted && seen.serial < first_serial_;
  if (inserted || (is_gone && seen.withheld && !packet.withheld)) {
    if (inserted) seen_by_time_.emplace_back(packet.time_ns, key);
    seen = {first_serial_ + held_.size(), packet.withheld};
    held_.emplace_back().time_ns = packet.time_ns;
    Copy(packet, held_.back());
    return;
  }
  if (is_gone) return;
  MediaPacket& held = held_[seen.serial - first_serial_];
  if (!IsBetter(packet, held)) return;
  seen.withheld = packet.withheld;
  Copy(packet, held);
}

// All but the time: of that the first arrival counts.
void StreamUnion::Copy(const ChunkPacket& from, MediaPacket& to) const {
  to.timestamp = from.rtp.timestamp;
  to.sequence = from.rtp.sequence;
  to.payload_type = from.rtp.payload_type;
  to.truncated = from.rtp.truncated;
  to.withheld = from.withheld;
  to.payload_size = from.payload_size;
  if (decryptor_ != nullptr) {
    to.header = HeaderOf(from.rtp);
    to.payload = WholePayloadOf(from.rtp);
    return;
  }
  const std::span<const uint8_t> audio = AudioOf(from.rtp);
  to.payload.assign(audio.begin(), audio.end());
}

}  // namespace callbraid::collector
