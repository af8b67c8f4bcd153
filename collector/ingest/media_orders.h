#ifndef CALLBRAID_COLLECTOR_INGEST_MEDIA_ORDERS_H_
#define CALLBRAID_COLLECTOR_INGEST_MEDIA_ORDERS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "callbraid/v1/uplink.pb.h"
#include "collector/ingest/uplink_peer.h"
#include "collector/store/media_wish.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/net/endpoint.h"

namespace callbraid::collector {

// Tells sensors which media to send, by what correlation knows of the streams
// and by who is connected (v1::MediaOrder; docs/media-once.md).
//
// All of it is in memory: a sensor forgets with the connection what it was told
// to keep, and calls that lack payload are not settled, so they are looked at
// after a restart. What it was asked to deliver it forgets with its process
// only. The correlator tells, the ingest thread says who comes and goes: each
// only notes something or hands over a message, so they share a lock.
class MediaOrders final : public MediaWishSink {
 public:
  // Calls that anything is ordered for, at once: beyond, all is sent. And gaps
  // of one that are asked for at once: the others wait until these have come,
  // or were asked for in vain.
  static constexpr size_t kMaxCalls = 100'000;
  static constexpr size_t kMaxGaps = 256;

  // `clock` must outlive it.
  explicit MediaOrders(const Clock& clock) : clock_(clock) {}

  bool HasKeepers() const override { return keepers_ > 0; }
  void OnWishes(const ObservationId& call, const MediaWishes& wishes) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  bool HasGivenUp(const ObservationId& call) const override
      ABSL_LOCKS_EXCLUDED(mutex_);

  // A sensor said hello, and was welcomed.
  void Connected(const v1::Hello& hello, std::shared_ptr<UplinkPeer> peer)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Whoever keeps what this one was to send, sends it from now on.
  void Disconnected(const std::string& sensor) ABSL_LOCKS_EXCLUDED(mutex_);

  // Asks again for what has not come. Call often. Returns the calls whose gaps
  // are asked for no more since the last time: they can be settled.
  std::vector<ObservationId> OnTime() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // In the words of the sensor.
  struct StreamKey {
    uint32_t capture_point = 0;
    FlowKey flow;
    uint32_t ssrc = 0;

    friend bool operator==(const StreamKey&, const StreamKey&) = default;
    template <typename H>
    friend H AbslHashValue(H hash, const StreamKey& key) {
      return H::combine(std::move(hash), key.capture_point, key.flow, key.ssrc);
    }
  };
  struct Sensor {
    // Shared: gRPC decides when the connection goes.
    std::shared_ptr<UplinkPeer> peer;
    uint64_t instance_id = 0;
    bool keeps_media = false;
    bool has_kept_media = false;
    std::map<std::string, uint32_t> capture_points;
    // What it was told to keep, and who sends it instead.
    absl::flat_hash_map<StreamKey, std::string> keeping;
    // When something came that it was asked for, and when it had been, of all
    // that came the latest.
    int64_t delivered_ns = 0;
    int64_t delivered_asked_ns = 0;
  };
  struct Gap {
    PayloadGap what;
    // How often each of its keepers was asked since anything of it came.
    std::vector<int> times;
    // Who was asked last and may deliver it yet, in which process of it, and
    // since when it is waited for; 0: not now.
    std::string asked_of;
    uint64_t asked_instance = 0;
    int64_t asked_ns = 0;
    // How often a connection ended while it was waited for.
    int cut_off = 0;
    // How many packets of it have come, while TakeGaps() counts.
    int64_t came = 0;
    // Nobody has it who could be asked, or is waited for.
    bool given_up = false;
  };
  struct Call {
    // What sensors were told to keep for it.
    std::vector<std::pair<std::string, StreamKey>> kept;
    // All there are: of a stream, as many as correlation tells apart.
    std::vector<Gap> gaps;
    bool given_up = false;
  };
  // By sensor.
  using Outgoing = std::map<std::string, v1::MediaOrders>;

  // Null if it is not connected, or has no such capture point.
  Sensor* Find(const MediaPlace& place, StreamKey& key)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  const MediaCandidate* SenderOf(const std::vector<MediaCandidate>& stream)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Decide(const std::vector<MediaCandidate>& stream, Call& call,
              Outgoing& out) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EndKept(const Call& before, const Call& now, Outgoing& out)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Those of a call, in place of those that it had `before`.
  std::vector<Gap> TakeGaps(const std::vector<PayloadGap>& gaps,
                            std::vector<Gap> before)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static void Inherit(const Gap& old, Gap& gap);
  void AskFor(std::vector<Gap>& gaps, Outgoing& out)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool WasInVain(const Gap& gap, int64_t now_ns) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Ask(Gap& gap, Outgoing& out) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static bool AreGivenUp(const std::vector<Gap>& gaps);
  void Send(Outgoing out) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Forget(const std::string& sensor) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // A connection ended, and nobody knows whether what was asked by it was
  // heard: that it did not come does not count.
  void TakeBackAsked(const std::string& sensor)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What a process was asked for by an earlier connection may be in its queue,
  // or in its spool: it is waited for anew, and not asked for at once.
  void WaitForAsked(const v1::Hello& hello)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;
  // Sensors that are connected and keep media.
  std::atomic<int> keepers_ = 0;
  mutable Mutex mutex_;
  std::map<std::string, Sensor> sensors_ ABSL_GUARDED_BY(mutex_);
  // Those of which a sensor was told anything, or is to be.
  absl::flat_hash_map<ObservationId, Call> calls_ ABSL_GUARDED_BY(mutex_);
  int64_t next_look_ns_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_MEDIA_ORDERS_H_
