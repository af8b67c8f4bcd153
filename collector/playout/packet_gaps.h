#ifndef CALLBRAID_COLLECTOR_PLAYOUT_PACKET_GAPS_H_
#define CALLBRAID_COLLECTOR_PLAYOUT_PACKET_GAPS_H_

#include <cstdint>
#include <deque>
#include <string>

namespace callbraid::collector {

// Tells loss from pauses, by the numbers of a stream's packets: those of audio
// in the order in which they are played, and of those that are no audio. One
// thread.
class PacketGaps {
 public:
  // What lies between a packet of audio and the one played before it.
  struct Before {
    // Packets were sent that nobody saw.
    bool lost = false;
    // The sender chose to send nothing.
    bool pause = false;
    // The payload (RFC 3389) that describes what is heard there.
    std::string comfort_noise;
  };

  // A packet that is no audio but no loss either; with the payload of comfort
  // noise.
  void AddSilent(uint16_t sequence, const std::string& comfort_noise);
  // The next packet of audio; `ends_in_pause` if it says so itself.
  Before Pass(uint16_t sequence, bool ends_in_pause);

 private:
  struct Silent {
    uint16_t sequence = 0;
    std::string comfort_noise;
  };

  // Not passed yet.
  std::deque<Silent> silent_;
  bool any_passed_ = false;
  uint16_t last_sequence_ = 0;
  bool last_pauses_ = false;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_PLAYOUT_PACKET_GAPS_H_
