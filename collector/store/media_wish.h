#ifndef CALLBRAID_COLLECTOR_STORE_MEDIA_WISH_H_
#define CALLBRAID_COLLECTOR_STORE_MEDIA_WISH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "collector/store/observation_id.h"
#include "common/net/endpoint.h"

// What correlation has to say of media that several capture points see, so that
// its payload crosses the WAN once (docs/media-once.md).

namespace callbraid::collector {

// One stream at one capture point.
struct MediaPlace {
  std::string sensor;
  std::string capture_point;
  FlowKey flow;
  uint32_t ssrc = 0;

  friend bool operator==(const MediaPlace&, const MediaPlace&) = default;
};

// A place that sees a stream now, as others do.
struct MediaCandidate {
  MediaPlace place;
  // Whether it sees the stream as well as any: hardly a packet less than all of
  // them together, and none of them cut.
  bool good = false;
  // Packets that others saw and it did not.
  int64_t lacks = 0;
};

// Packets of which nobody sent the payload although somebody keeps it: as many
// as can be asked for at once (v1::MediaOrder). What is longer is several.
struct PayloadGap {
  static constexpr int64_t kMaxPackets = 32'768;

  // Extended sequence numbers of the stream that `stream` is an observation of.
  ObservationId stream;
  int64_t begin = 0;
  int64_t end = 0;  // Behind the last.
  struct Keeper {
    MediaPlace place;
    // As v1::MediaOrder: number of the first packet, and when that came, about.
    uint16_t first_sequence = 0;
    int64_t near_ns = 0;
  };
  // Those that keep any of it.
  std::vector<Keeper> keepers;
};

struct MediaWishes {
  // By stream: one of each is enough to send its payload.
  std::vector<std::vector<MediaCandidate>> streams;
  std::vector<PayloadGap> gaps;
};

// Hears these of a call, each time that it was looked at: in place of what it
// heard of it before. Called from the correlator's thread; must return at once.
// Implemented by ingest.
class MediaWishSink {
 public:
  virtual ~MediaWishSink() = default;
  // Whether any sensor keeps media: if not, nobody need think about who is to
  // send what.
  virtual bool HasKeepers() const = 0;
  virtual void OnWishes(const ObservationId& call,
                        const MediaWishes& wishes) = 0;
  // The call's gaps stay: nobody delivers them, and nobody is asked any more.
  virtual bool HasGivenUp(const ObservationId& call) const = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_MEDIA_WISH_H_
