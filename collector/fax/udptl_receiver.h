#ifndef CALLBRAID_COLLECTOR_FAX_UDPTL_RECEIVER_H_
#define CALLBRAID_COLLECTOR_FAX_UDPTL_RECEIVER_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/t38/udptl_packet.h"

namespace callbraid::collector {

// An IFP packet, in its turn.
struct ReceivedIfp {
  // Arrival of the packet that it came in, or could be had from.
  int64_t time_ns = 0;
  // Packets before it are lost.
  bool follows_loss = false;
  std::string bytes;
};

struct UdptlTally {
  // Datagrams with a number that was not known before.
  uint32_t packets = 0;
  // Numbers that did not come in time, and what error recovery gave of them.
  uint32_t missing = 0;
  uint32_t recovered_by_redundancy = 0;
  uint32_t recovered_by_parity = 0;
  // Not UDPTL.
  uint32_t malformed = 0;
};

// Puts the UDPTL packets of one direction in order, and gives back what was
// lost where redundancy or parity tell it (ITU-T T.38, section 9.1.4). What is
// not there when 16 packets, or two seconds, are waiting behind it is lost.
//
// Holds at most 96 IFP packets and 64 parities. One thread.
class UdptlReceiver {
 public:
  // `rest`: what followed the sequence number. Packets by arrival.
  void Take(int64_t time_ns, uint16_t sequence, std::span<const uint8_t> rest);
  // No packet follows: what waits no longer need.
  void Finish();
  // The next in order; nullopt if it is not there yet.
  std::optional<ReceivedIfp> Next();

  const UdptlTally& tally() const { return tally_; }

 private:
  enum class Source : uint8_t { kPrimary, kRedundancy, kParity };
  struct Known {
    int64_t time_ns = 0;
    Source source = Source::kPrimary;
    std::string ifp;
  };
  struct Parity {
    int64_t number = 0;
    int64_t time_ns = 0;
    int64_t span = 0;
    std::vector<std::string> entries;
  };

  void Begin(int64_t number, const UdptlPacket& packet);
  void TakeRedundancy(int64_t time_ns, int64_t number,
                      const UdptlPacket& packet);
  void TakeParity(int64_t time_ns, int64_t number, const UdptlPacket& packet);
  bool Recover(const Parity& parity, size_t entry);
  void Deliver();
  void PassOver();
  void Hand(const Known& known);
  bool IsWaiting(int64_t time_ns) const;

  bool begun_ = false;
  // Extended sequence numbers. The one whose turn it is, and the highest.
  int64_t next_ = 0;
  int64_t highest_ = 0;
  bool follows_loss_ = false;
  // Handed on already, as parities rest on them, or waiting.
  std::map<int64_t, Known> known_;
  std::deque<Parity> parities_;
  std::deque<ReceivedIfp> ready_;
  UdptlTally tally_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_FAX_UDPTL_RECEIVER_H_
