#ifndef CALLBRAID_COLLECTOR_TIMELINE_TELEPHONE_EVENTS_H_
#define CALLBRAID_COLLECTOR_TIMELINE_TELEPHONE_EVENTS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callbraid::collector {

// One event of RFC 4733, whatever number of packets told of it.
struct TelephoneEvent {
  uint8_t event = 0;
  // Arrival of the first packet.
  int64_t time_ns = 0;
  // In units of the RTP timestamp, as far as it was reported.
  uint64_t duration = 0;
};

// Collects the events of one stream (RFC 4733, section 2.5): packets that
// repeat or update an event have the timestamp of its beginning; an event
// longer than the field of its duration goes on in a new segment. Packets may
// be missing, come late or twice. One thread.
class TelephoneEvents {
 public:
  // Events that are kept, at most: one more than is told.
  static constexpr size_t kMaxEvents = 10'001;

  // `payload` of a packet of telephone-events. What is no event is left out.
  void OnPacket(int64_t time_ns, uint32_t timestamp, std::string_view payload);

  // In the order in which they began to arrive.
  const std::vector<TelephoneEvent>& events() const { return events_; }

 private:
  struct Known {
    uint8_t event = 0;
    // Of the last segment.
    uint32_t timestamp = 0;
    uint64_t before = 0;  // Duration of the segments before that.
    size_t index = 0;     // In `events_`.
  };

  Known* Find(uint8_t event, uint32_t timestamp);
  void OnEvent(int64_t time_ns, uint32_t timestamp, uint8_t event,
               uint16_t duration);

  std::vector<TelephoneEvent> events_;
  // The latest, the oldest first.
  std::vector<Known> known_;
};

// "5", "*", "!"; empty if the event is no key.
std::string DigitOf(uint8_t event);
// Name of any other event.
std::string ToneOf(uint8_t event);

// Whether a payload of which SDP says nothing is a telephone-event: one key
// that has lasted or is over, with what is reserved 0.
bool LooksLikeTelephoneEvent(std::string_view payload);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_TIMELINE_TELEPHONE_EVENTS_H_
