#include "collector/timeline/holds.h"

#include <algorithm>
#include <utility>

#include "common/net/endpoint.h"

namespace callbraid::collector {
namespace {

using store::v1::DialogObservation;
using store::v1::SdpMedia;

IpAddress AddressOf(const SdpMedia& media) {
  const auto receiver = FromProto(media.rtp());
  return receiver ? receiver->address : IpAddress();
}

// An observation has no more lines (store/v1/observation.proto): what came
// after them is not known.
constexpr int kMaxLines = 64;

// `before`: where the side received until then; unspecified too if its SDP has
// a name in place of an address, which then tells nothing.
bool IsHeld(const SdpMedia& media, const IpAddress& before) {
  return media.direction() == "sendonly" || media.direction() == "inactive" ||
         (AddressOf(media).is_unspecified() && !before.is_unspecified());
}

// The first audio line of each SDP that is not refused, by time.
std::vector<const SdpMedia*> AudioLines(const DialogObservation& dialog) {
  std::vector<const SdpMedia*> lines;
  for (const SdpMedia& media : dialog.media()) {
    if (media.kind() == "audio" && media.rtp().port() != 0) {
      lines.push_back(&media);
    }
  }
  const auto key = [](const SdpMedia* line) {
    return std::pair(line->time_ns(), line->from_initiator());
  };
  std::stable_sort(
      lines.begin(), lines.end(),
      [key](const auto* a, const auto* b) { return key(a) < key(b); });
  lines.erase(std::unique(lines.begin(), lines.end(),
                          [key](const auto* a, const auto* b) {
                            return key(a) == key(b);
                          }),
              lines.end());
  return lines;
}

// A hold, and where the side that holds received before and after it.
struct Stretch {
  Hold hold;
  IpAddress before;
  IpAddress after;
};

std::vector<Stretch> StretchesIn(const DialogObservation& dialog) {
  std::vector<Stretch> stretches;
  bool is_on_hold = false;
  IpAddress receives[2];
  for (const SdpMedia* line : AudioLines(dialog)) {
    const bool by_initiator = line->from_initiator();
    // The SDP that answered says what the call began with.
    if (line->time_ns() <= dialog.answer_time_ns() ||
        !IsHeld(*line, receives[by_initiator])) {
      receives[by_initiator] = AddressOf(*line);
      if (!is_on_hold || stretches.back().hold.by_initiator != by_initiator) {
        continue;
      }
      stretches.back().hold.end_ns = line->time_ns();
      stretches.back().after = receives[by_initiator];
      is_on_hold = false;
    } else if (!is_on_hold) {
      stretches.push_back({{line->time_ns(), std::nullopt, by_initiator},
                           receives[by_initiator],
                           {}});
      is_on_hold = true;
    }
  }
  if (is_on_hold && dialog.media_size() < kMaxLines &&
      dialog.end_time_ns() > stretches.back().hold.begin_ns) {
    stretches.back().hold.end_ns = dialog.end_time_ns();
  }
  return stretches;
}

// Music came from elsewhere meanwhile, and the party itself after that.
bool AreOne(const Stretch& a, const Stretch& b) {
  return a.hold.by_initiator == b.hold.by_initiator &&
         !a.before.is_unspecified() && a.after != a.before &&
         b.before == a.after && b.after == a.before;
}

}  // namespace

std::vector<Hold> HoldsIn(const DialogObservation& dialog) {
  if (dialog.answer_time_ns() == 0) return {};
  std::vector<Hold> holds;
  const std::vector<Stretch> stretches = StretchesIn(dialog);
  for (size_t i = 0; i < stretches.size(); ++i) {
    Hold& hold = holds.emplace_back(stretches[i].hold);
    if (i + 1 < stretches.size() && AreOne(stretches[i], stretches[i + 1])) {
      hold.end_ns = stretches[++i].hold.end_ns;
    }
  }
  return holds;
}

}  // namespace callbraid::collector
