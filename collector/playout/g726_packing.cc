#include "collector/playout/g726_packing.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "collector/codecs/codec.h"
#include "collector/codecs/find_codec.h"
#include "collector/playout/stream_timeline.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kWatchedNs = 40'000'000'000;
constexpr int kMaxPackets = 4000;
// 100 ms.
constexpr size_t kBlock = 800;
constexpr int kLeastBlocks = 20;
constexpr int kEnoughBlocks = 150;
// Of samples; what is quieter is silence in any packing.
constexpr double kLeastPower = 50.0 * 50.0;
// By how much steadier the other packing must be. Of speech it is 5 to 12
// times, of tones 1.4 and more, of noise, which sounds alike in both, 0.5 to 2.
constexpr double kClearly = 2.5;

constexpr char kByRfc3551[] = "G726-32";
constexpr char kByI366[] = "AAL2-G726-32";

bool IsPackedByRfc3551(const std::string& name) {
  return absl::EqualsIgnoreCase(name, kByRfc3551) ||
         absl::EqualsIgnoreCase(name, "G721");
}

bool CanTell(const std::string& name) {
  return IsPackedByRfc3551(name) || absl::EqualsIgnoreCase(name, kByI366);
}

// The same samples in the other packing.
const Codec* OtherPacking(const std::string& name) {
  return FindCodec({.name = IsPackedByRfc3551(name) ? kByI366 : kByRfc3551})
      .codec;
}

// How much the likeness of neighbours within a byte differs from that of
// neighbours across bytes; nullopt of silence.
std::optional<double> Unsteadiness(std::span<const int16_t> pcm) {
  double power = 0;
  double within = 0;
  double across = 0;
  for (size_t i = 0; i + 2 < pcm.size(); i += 2) {
    const double first = pcm[i];
    const double second = pcm[i + 1];
    power += first * first + second * second;
    within += first * second;
    across += second * pcm[i + 2];
  }
  if (power < kLeastPower * static_cast<double>(pcm.size())) {
    return std::nullopt;
  }
  const double difference = (within - across) / power;
  return difference * difference;
}

// One codec of the stream, decoded both ways.
class Contest {
 public:
  Contest(const Codec& named, const Codec& other)
      : other_(other),
        as_named_(named.CreateDecoder()),
        otherwise_(other.CreateDecoder()) {}

  void Add(std::span<const uint8_t> payload) {
    if (decided()) return;
    if (!as_named_->Decode(payload, named_pcm_) ||
        !otherwise_->Decode(payload, other_pcm_)) {
      named_pcm_.clear();
      other_pcm_.clear();
    }
    if (std::min(named_pcm_.size(), other_pcm_.size()) < kBlock) return;
    const auto named = Unsteadiness(std::span(named_pcm_).first(kBlock));
    const auto other = Unsteadiness(std::span(other_pcm_).first(kBlock));
    named_pcm_.clear();
    other_pcm_.clear();
    if (!named || !other) return;
    ++blocks_;
    unsteady_as_named_ += *named;
    unsteady_otherwise_ += *other;
  }
  bool decided() const { return blocks_ >= kEnoughBlocks; }
  bool is_otherwise() const {
    return blocks_ >= kLeastBlocks &&
           unsteady_as_named_ > kClearly * unsteady_otherwise_;
  }
  const Codec& other() const { return other_; }

 private:
  const Codec& other_;
  const std::unique_ptr<Decoder> as_named_;
  const std::unique_ptr<Decoder> otherwise_;
  std::vector<int16_t> named_pcm_;
  std::vector<int16_t> other_pcm_;
  int blocks_ = 0;
  double unsteady_as_named_ = 0;
  double unsteady_otherwise_ = 0;
};

}  // namespace

bool MayBeMispacked(const StreamPayloads& payloads, uint8_t payload_type) {
  const auto& meanings = payloads.Of(payload_type);
  return std::any_of(
      meanings.begin(), meanings.end(),
      [](const PayloadMeaning& meaning) { return CanTell(meaning.name); });
}

absl::StatusOr<bool> CorrectG726Packing(StreamUnion packets,
                                        StreamPayloads& payloads) {
  std::map<const Codec*, Contest> contests;
  std::optional<int64_t> begin_ns;
  for (int i = 0; i < kMaxPackets; ++i) {
    const auto packet = packets.Next();
    if (!packet) break;
    if (!begin_ns) begin_ns = packet->time_ns;
    if (packet->time_ns - *begin_ns > kWatchedNs) break;
    const PayloadMeaning& meaning =
        payloads.At(packet->payload_type, packet->time_ns);
    if (meaning.codec == nullptr || meaning.redundant || packet->truncated ||
        packet->payload.empty() || !CanTell(meaning.name)) {
      continue;
    }
    auto contest = contests.find(meaning.codec);
    if (contest == contests.end()) {
      const Codec* other = OtherPacking(meaning.name);
      if (other == nullptr) continue;
      contest =
          contests.try_emplace(meaning.codec, *meaning.codec, *other).first;
    }
    contest->second.Add(BytesOf(packet->payload));
    if (std::all_of(contests.begin(), contests.end(),
                    [](const auto& each) { return each.second.decided(); })) {
      break;
    }
  }
  if (!packets.status().ok()) return packets.status();
  bool any = false;
  for (const auto& [codec, contest] : contests) {
    if (!contest.is_otherwise()) continue;
    payloads.Replace(*codec, contest.other());
    any = true;
  }
  return any;
}

}  // namespace callbraid::collector
