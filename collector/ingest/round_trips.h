#ifndef CALLBRAID_COLLECTOR_INGEST_ROUND_TRIPS_H_
#define CALLBRAID_COLLECTOR_INGEST_ROUND_TRIPS_H_

#include <cstdint>
#include <deque>

#include "callbraid/v1/sensor.pb.h"
#include "callbraid/v1/uplink.pb.h"

namespace callbraid::collector {

// A sensor's clock against the collector's, by heartbeats and their echoes, as
// NTP does it (RFC 5905, section 8): the clocks differ by the middle of the two
// ways, to within half of the round trip. The shortest of the last half minute
// counts: what takes longer waited somewhere, on one of the ways.
//
// What sensors say is bounded, and concerns none but themselves. One thread.
class RoundTrips {
 public:
  // Takes a heartbeat that brings an echo back. False, and nothing has changed,
  // if its times make no sense.
  bool Add(const v1::Heartbeat& heartbeat);

  // What is known now. After an Add().
  void Fill(v1::RoundTrip& trip) const;

  // Appends to `epochs` if the clock is no longer as the last of them says.
  // True if so.
  bool Note(google::protobuf::RepeatedPtrField<v1::ClockEpoch>& epochs) const;

 private:
  struct Trip {
    // The sensor's clock.
    int64_t time_ns = 0;
    // How far it is ahead of ours.
    int64_t ahead_ns = 0;
    int64_t half_ns = 0;
  };

  // By how much the offset of `trip` may be off by now.
  int64_t UncertaintyOf(const Trip& trip) const;
  const Trip& Best() const;

  std::deque<Trip> trips_;  // Newest last.
  // The last one before those: between it and them the clock was set.
  int64_t before_ns_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_ROUND_TRIPS_H_
