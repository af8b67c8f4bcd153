#include "collector/clocks/clock_samples.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

#include "collector/evidence/lag.h"
#include "collector/index/merged_others.h"
#include "collector/store/clock_window.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kFirstTime = std::numeric_limits<int64_t>::min();
constexpr int64_t kLastTime = std::numeric_limits<int64_t>::max();

// Observations of one level; a level with more is left out.
constexpr size_t kMaxOfLevel = 64;
// Windows held; a few kilobytes each.
constexpr size_t kMaxWindows = 4096;
// Samples that are further off than this from most are wrong, or a clock was
// set by so much.
constexpr int64_t kOutlierNs = 5 * EvidencePolicy::kSecond;

ClockSamples::Place PlaceOf(const Node& node) {
  return {node.sensor(), ClockWindowOf(node.first_ns)};
}

ClockSamples::Summary Summarize(const std::vector<ClockSample>& samples) {
  const bool content =
      std::any_of(samples.begin(), samples.end(),
                  [](const ClockSample& sample) { return sample.content; });
  std::vector<int64_t> middles;
  for (const ClockSample& sample : samples) {
    if (sample.content != content) continue;
    middles.push_back(sample.low_ns + (sample.high_ns - sample.low_ns) / 2);
  }
  const int64_t median = Median(std::move(middles));
  ClockSamples::Summary summary{median, median, content};
  for (const ClockSample& sample : samples) {
    if (sample.content != content ||
        std::max(std::abs(sample.low_ns - median),
                 std::abs(sample.high_ns - median)) > kOutlierNs) {
      continue;
    }
    summary.low_ns = std::min(summary.low_ns, sample.low_ns);
    summary.high_ns = std::max(summary.high_ns, sample.high_ns);
  }
  return summary;
}

}  // namespace

absl::StatusOr<std::vector<const Node*>> ClockSamples::Sampled(
    const Place& place) {
  std::vector<const Node*> nodes;
  for (int level = 0; level < kClockLevels; ++level) {
    const Token token = ClockToken(place.sensor, place.window, level);
    ASSIGN_OR_RETURN(const ObservationIndex::Query* const query,
                     index_.Find(token, kFirstTime, kLastTime, kMaxOfLevel));
    if (query->over) continue;
    // A copy: looking further may add to what is held.
    const std::vector<ObservationId> ids = query->ids;
    for (const ObservationId& id : ids) {
      ASSIGN_OR_RETURN(const Node* const node, index_.Get(id));
      if (node != nullptr && node->makes_call && PlaceOf(*node) == place) {
        nodes.push_back(node);
      }
    }
  }
  return nodes;
}

absl::StatusOr<ClockSamples::Samples> ClockSamples::SamplesOf(
    const Node& node) {
  const auto by =
      node.is_dialog ? Candidates::By::kDialog : Candidates::By::kContent;
  ASSIGN_OR_RETURN(const Candidates::Found* const mine,
                   candidates_.Sharing(node, by));
  Samples samples;
  for (const Node* other : mine->nodes) {
    if (SameSensor(*other, node) || other->is_dialog != node.is_dialog) {
      continue;
    }
    ASSIGN_OR_RETURN(const Candidates::Found* const theirs,
                     candidates_.Sharing(*other, by));
    const MergedOthers merged(*mine, *theirs);
    const auto sample = SampleClocks(node, *other, merged.others(), policy_);
    if (sample) samples[other->sensor()].push_back(*sample);
  }
  return samples;
}

// With `anew`, only these observations, and those that were not sampled before.
absl::Status ClockSamples::Load(const Place& place,
                                const std::set<ObservationId>* anew,
                                Window& window) {
  ASSIGN_OR_RETURN(const std::vector<const Node*> nodes, Sampled(place));
  std::map<ObservationId, Samples> samples;
  for (const Node* node : nodes) {
    const auto known = window.samples.find(node->id);
    if (anew != nullptr && known != window.samples.end() &&
        anew->count(node->id) == 0) {
      samples[node->id] = known->second;
      continue;
    }
    ASSIGN_OR_RETURN(samples[node->id], SamplesOf(*node));
  }
  std::map<std::string, std::vector<ClockSample>> by_sensor;
  for (const auto& [id, some] : samples) {
    for (const auto& [sensor, list] : some) {
      std::vector<ClockSample>& all = by_sensor[sensor];
      all.insert(all.end(), list.begin(), list.end());
    }
  }
  window.samples = std::move(samples);
  window.summaries.clear();
  for (const auto& [sensor, list] : by_sensor) {
    window.summaries[sensor] = Summarize(list);
  }
  return absl::OkStatus();
}

absl::StatusOr<const ClockSamples::Summaries*> ClockSamples::Of(
    const Place& place) {
  const auto held = windows_.find(place);
  if (held != windows_.end()) {
    held->second.used = round_;
    return &held->second.summaries;
  }
  Window window;
  RETURN_IF_ERROR(Load(place, nullptr, window));
  window.used = round_;
  return &(windows_[place] = std::move(window)).summaries;
}

absl::Status ClockSamples::Update(const std::vector<const Node*>& nodes,
                                  std::set<Place>& changed) {
  // A sample of two observations may be one no more when a third turns up.
  std::map<Place, std::set<ObservationId>> touched;
  for (const Node* node : nodes) {
    if (!node->makes_call) continue;
    touched[PlaceOf(*node)].insert(node->id);
    ASSIGN_OR_RETURN(
        const Candidates::Found* const found,
        candidates_.Sharing(*node, node->is_dialog ? Candidates::By::kDialog
                                                   : Candidates::By::kContent));
    for (const Node* other : found->nodes) {
      touched[PlaceOf(*other)].insert(other->id);
    }
  }
  for (const auto& [place, ids] : touched) {
    const auto held = windows_.find(place);
    if (held == windows_.end()) {
      changed.insert(place);
      continue;
    }
    Window& window = held->second;
    RETURN_IF_ERROR(Load(place, &ids, window));
    if (window.noted != window.summaries) changed.insert(place);
    window.noted = window.summaries;
  }
  return absl::OkStatus();
}

void ClockSamples::Trim() {
  ++round_;
  if (windows_.size() <= kMaxWindows) return;
  std::vector<uint64_t> ages;
  for (const auto& [place, window] : windows_) ages.push_back(window.used);
  std::nth_element(ages.begin(), ages.begin() + ages.size() / 2, ages.end());
  const uint64_t oldest_kept = ages[ages.size() / 2];
  std::erase_if(windows_, [oldest_kept](const auto& entry) {
    return entry.second.used <= oldest_kept;
  });
}

}  // namespace callbraid::collector
