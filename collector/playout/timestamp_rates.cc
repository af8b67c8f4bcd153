#include "collector/playout/timestamp_rates.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "collector/playout/stream_union.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kWatchedNs = 20 * kSecond;
constexpr int kMaxPackets = 2000;
constexpr size_t kEnoughRuns = 3;
// How far arrival may be off and still agree.
constexpr double kTolerance = 0.2;

bool Agree(double a, double b) {
  return std::abs(a - b) <= kTolerance * std::max(a, b);
}

// What packets of one codec show.
struct Evidence {
  // Rates by arrival, one for each run of a second.
  std::vector<double> measured;
  // What the step of the timestamp is to be for the payload; each codec's own
  // last.
  double by_payload = 0;
};

// A run of packets of one codec, without a gap and with the same step.
struct Run {
  const Codec* codec = nullptr;
  MediaPacket first;
  MediaPacket last;
  uint32_t step = 0;
};

class Watch {
 public:
  explicit Watch(size_t trailer) : trailer_(trailer) {}

  void Add(const Codec* codec, const MediaPacket& packet) {
    if (!run_ || codec != run_->codec ||
        packet.sequence !=
            static_cast<uint16_t>(run_->last.sequence + uint16_t{1})) {
      run_ = Run{codec, packet, packet, 0};
      return;
    }
    const uint32_t step = packet.timestamp - run_->last.timestamp;
    if (run_->step == 0) run_->step = step;
    if (step == 0 || step != run_->step) {
      run_ = Run{codec, packet, packet, 0};
      return;
    }
    run_->last = packet;
    if (packet.time_ns - run_->first.time_ns >= kSecond) Conclude(packet);
  }

  std::map<const Codec*, uint32_t> Rogue() {
    std::map<const Codec*, uint32_t> rogue;
    for (auto& [codec, evidence] : evidence_) {
      auto& measured = evidence.measured;
      if (measured.size() < kEnoughRuns) continue;
      const auto median =
          measured.begin() + static_cast<ptrdiff_t>(measured.size() / 2);
      std::nth_element(measured.begin(), median, measured.end());
      const double own = codec->clock_rate();
      // Packets that come at another pace than they count are no matter of the
      // clock: a capture that was replayed.
      if (Agree(*median, own) || std::abs(evidence.by_payload - own) < 1) {
        continue;
      }
      const double rate =
          Agree(*median, evidence.by_payload) ? evidence.by_payload : *median;
      rogue[codec] = static_cast<uint32_t>(
          std::clamp<double>(std::round(rate), 1, 1'000'000));
    }
    return rogue;
  }

 private:
  void Conclude(const MediaPacket& packet) {
    Evidence& evidence = evidence_[run_->codec];
    evidence.measured.push_back(
        static_cast<double>(packet.timestamp - run_->first.timestamp) * 1e9 /
        static_cast<double>(packet.time_ns - run_->first.time_ns));
    evidence.by_payload = ByPayload(packet);
    run_ = Run{run_->codec, packet, packet, 0};
  }

  // The rate at which the step is as long as the payload; 0 if that is not
  // known.
  double ByPayload(const MediaPacket& packet) const {
    const Codec& codec = *run_->codec;
    if (packet.payload.size() <= trailer_) return 0;
    if (trailer_ > 0 && !codec.SizeTells()) return 0;
    const size_t samples =
        codec.Samples({reinterpret_cast<const uint8_t*>(packet.payload.data()),
                       packet.payload.size() - trailer_});
    if (samples == 0) return 0;
    return static_cast<double>(run_->step) * codec.sample_rate() /
           static_cast<double>(samples);
  }

  const size_t trailer_;
  std::optional<Run> run_;
  std::map<const Codec*, Evidence> evidence_;
};

}  // namespace

absl::StatusOr<TimestampRates> TimestampRates::Measure(
    MediaStore& store, const std::vector<ObservationSource>& observations,
    const StreamPayloads& payloads, size_t trailer) {
  StreamUnion packets(store, observations);
  Watch watch(trailer);
  std::optional<int64_t> begin_ns;
  for (int i = 0; i < kMaxPackets; ++i) {
    const auto packet = packets.Next();
    if (!packet) break;
    if (!begin_ns) begin_ns = packet->time_ns;
    if (packet->time_ns - *begin_ns > kWatchedNs) break;
    const PayloadMeaning& meaning =
        payloads.At(packet->payload_type, packet->time_ns);
    // How long redundant audio is its size does not tell.
    if (meaning.codec != nullptr && !meaning.redundant && !packet->truncated) {
      watch.Add(meaning.codec, *packet);
    }
  }
  RETURN_IF_ERROR(packets.status());
  TimestampRates rates;
  rates.rogue_ = watch.Rogue();
  return rates;
}

}  // namespace callbraid::collector
