#ifndef CALLBRAID_COLLECTOR_PLAYOUT_TIMESTAMP_RATES_H_
#define CALLBRAID_COLLECTOR_PLAYOUT_TIMESTAMP_RATES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "absl/status/statusor.h"
#include "collector/codecs/codec.h"
#include "collector/playout/packet_reader.h"
#include "collector/playout/payload_map.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// How fast the timestamps of a stream count, Hz: as its codecs say, but for
// those of which its packets showed otherwise. Some senders count milliseconds,
// some wideband at its sample rate, some packets. A value.
class TimestampRates {
 public:
  // Of the first 20 s, of which no more than 2,000 packets are read: a codec's
  // rate is another if, in at least three seconds of packets without a gap and
  // with the same step, the step is not what the payload is worth, and arrival
  // agrees that it is not. Of SRTP, each payload ends in `trailer` bytes more.
  // Errors: those of the store.
  static absl::StatusOr<TimestampRates> Measure(
      MediaStore& store, const std::vector<ObservationSource>& observations,
      const StreamPayloads& payloads, size_t trailer);

  uint32_t Of(const Codec& codec) const {
    const auto rogue = rogue_.find(&codec);
    return rogue == rogue_.end() ? codec.clock_rate() : rogue->second;
  }
  bool operator==(const TimestampRates&) const = default;

 private:
  std::map<const Codec*, uint32_t> rogue_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_PLAYOUT_TIMESTAMP_RATES_H_
