#include "collector/timeline/telephone_events.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "common/bytes/byte_reader.h"

namespace callbraid::collector {
namespace {

constexpr size_t kEventBytes = 4;
constexpr uint8_t kFlash = 16;
// Packets of an event come late by less than this many events.
constexpr size_t kMaxKnown = 16;

std::span<const uint8_t> BytesOf(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +---------------+-+-+-----------+-------------------------------+
//   |     Event     |E|R|  Volume   |           Duration            |
//   +---------------+-+-+-----------+-------------------------------+
//
// Several in one packet follow each other in time (section 2.5.1.5).
void TelephoneEvents::OnPacket(int64_t time_ns, uint32_t timestamp,
                               std::string_view payload) {
  ByteReader in(BytesOf(payload));
  while (in.rest().size() >= kEventBytes) {
    const uint8_t event = in.U8();
    in.U8();
    const uint16_t duration = in.U16();
    OnEvent(time_ns, timestamp, event, duration);
    timestamp += duration;
  }
}

TelephoneEvents::Known* TelephoneEvents::Find(uint8_t event,
                                              uint32_t timestamp) {
  for (Known& known : known_) {
    if (known.event != event) continue;
    // The next segment of an event that lasts.
    constexpr uint16_t kLongest = std::numeric_limits<uint16_t>::max();
    if (known.timestamp + kLongest == timestamp) {
      known.timestamp = timestamp;
      known.before += kLongest;
      return &known;
    }
    // Some move the timestamp on with each packet.
    const uint64_t length = events_[known.index].duration;
    if (length >= known.before &&
        timestamp - known.timestamp <= length - known.before) {
      return &known;
    }
  }
  return nullptr;
}

void TelephoneEvents::OnEvent(int64_t time_ns, uint32_t timestamp,
                              uint8_t event, uint16_t duration) {
  Known* known = Find(event, timestamp);
  if (known == nullptr) {
    if (events_.size() == kMaxEvents) return;
    if (known_.size() == kMaxKnown) known_.erase(known_.begin());
    known = &known_.emplace_back(
        Known{event, timestamp, /*before=*/0, events_.size()});
    events_.push_back({event, time_ns, 0});
  }
  TelephoneEvent& whole = events_[known->index];
  whole.duration = std::max(whole.duration, known->before + duration);
}

std::string DigitOf(uint8_t event) {
  constexpr std::string_view kDigits = "0123456789*#ABCD!";
  return event <= kFlash ? std::string(1, kDigits[event]) : "";
}

// The registry of audio/telephone-event: RFC 4733 and RFC 4734.
std::string ToneOf(uint8_t event) {
  switch (event) {
    case 32:
      return "ANS";
    case 33:
      return "/ANS";
    case 34:
      return "ANSam";
    case 35:
      return "/ANSam";
    case 36:
      return "CNG";
    case 49:
      return "CED";
    case 66:
      return "dial tone";
    case 70:
      return "ringing tone";
    case 72:
      return "busy tone";
    case 73:
      return "congestion tone";
    default:
      return absl::StrCat("event ", int{event});
  }
}

bool LooksLikeTelephoneEvent(std::string_view payload) {
  if (payload.size() != kEventBytes) return false;
  ByteReader in(BytesOf(payload));
  const uint8_t event = in.U8();
  const uint8_t flags = in.U8();
  const uint16_t duration = in.U16();
  // Four zeros are a keep-alive of some.
  return event <= kFlash && (flags & 0x40) == 0 &&
         (duration > 0 || (flags & 0x80) != 0);
}

}  // namespace callbraid::collector
