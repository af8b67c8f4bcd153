#ifndef CALLBRAID_COLLECTOR_QUALITY_SEQUENCE_WINDOW_H_
#define CALLBRAID_COLLECTOR_QUALITY_SEQUENCE_WINDOW_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <utility>

namespace callbraid::collector {

// What became of one sequence number.
struct PacketFate {
  // Arrival; of a lost packet, when its neighbours came.
  int64_t time_ns = 0;
  bool arrived = false;
  // Too late to be played.
  bool discarded = false;
};

// Puts packets in the order of their sequence numbers and tells the fate of
// each number once no packet can be awaited any more (RFC 3550, appendix A.1:
// the same limits as the sensors have).
//
// Holds the last hundred numbers. One thread.
class SequenceWindow {
 public:
  enum class Arrival {
    kNext,       // Above all so far.
    kLate,       // New, but below the highest.
    kDuplicate,  // Seen before.
    // Too far off. Nothing is known of it unless the next packet follows it:
    // then the source began anew, and both count.
    kStray,
  };
  struct Added {
    Arrival arrival;
    // Of a packet that is next or late, until the next call; else null.
    PacketFate* fate = nullptr;
  };
  using Sink = std::function<void(const PacketFate&)>;

  explicit SequenceWindow(Sink sink) : sink_(std::move(sink)) {}

  Added Add(uint16_t sequence, int64_t time_ns);
  // The end of the stream.
  void Flush();

 private:
  void Begin(uint16_t sequence, int64_t time_ns);
  void PassOldest();

  const Sink sink_;
  // Of numbers first_, first_ + 1...
  std::deque<PacketFate> held_;
  int64_t first_ = 0;
  // A number before the first that came belongs to the stream, too.
  bool any_passed_ = false;
  int64_t passed_ns_ = 0;
  // Number and arrival.
  std::optional<std::pair<uint16_t, int64_t>> stray_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUALITY_SEQUENCE_WINDOW_H_
