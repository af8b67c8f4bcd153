#ifndef CALLBRAID_COLLECTOR_FAX_T38_READER_H_
#define CALLBRAID_COLLECTOR_FAX_T38_READER_H_

#include <cstdint>
#include <span>
#include <string>

#include "collector/fax/t30_listener.h"
#include "collector/fax/udptl_receiver.h"

namespace callbraid::collector {

// Tells a listener what one direction of T.38 says. One thread.
class T38Reader {
 public:
  // `listener` must outlive the reader; `direction` as there.
  T38Reader(T30Listener& listener, int direction)
      : listener_(listener), direction_(direction) {}

  // A packet of UDPTL, as UdptlReceiver takes it.
  void Take(int64_t time_ns, uint16_t sequence, std::span<const uint8_t> rest);
  // No packet follows.
  void Finish();

  const UdptlTally& tally() const { return receiver_.tally(); }

 private:
  void Drain();
  void Read(const ReceivedIfp& ifp);
  void EndFrame(int64_t time_ns, bool intact);

  T30Listener& listener_;
  const int direction_;
  UdptlReceiver receiver_;
  // The HDLC frame that is coming, and whether a part of it is missing.
  std::string frame_;
  bool is_cut_ = false;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_FAX_T38_READER_H_
