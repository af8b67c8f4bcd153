#include "collector/clocks/clock_model.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "collector/store/clock_window.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kMs = EvidencePolicy::kMs;

// Windows before and after that are asked where one has no samples: an hour.
constexpr int64_t kReach = 6;
// Hops of dialogs count as much as packets that are so many windows away.
constexpr int64_t kHopsRank = 3;
// By how much quartz may drift within a window.
constexpr int64_t kDriftNs = kClockWindowNs / 10'000;
// Rounding: seldom does a value change that is so coarse.
constexpr int64_t kOffsetStepNs = 100 * kMs;
constexpr int64_t kToleranceStepNs = 500 * kMs;

constexpr size_t kMaxStates = 8192;
constexpr size_t kMaxUsers = size_t{1} << 20;

int64_t RoundDown(int64_t value, int64_t step) {
  const int64_t rest = value % step;
  return value - (rest < 0 ? rest + step : rest);
}

ClockRelation Rounded(int64_t low_ns, int64_t high_ns, int64_t rank) {
  const int64_t half = (high_ns - low_ns) / 2;
  const int64_t error = half + rank * kDriftNs + kOffsetStepNs / 2;
  return {true, RoundDown(low_ns + half + kOffsetStepNs / 2, kOffsetStepNs),
          RoundDown(error + kToleranceStepNs - 1, kToleranceStepNs)};
}

ClockModel::Partners FromNote(const store::v1::ClockNote& note) {
  ClockModel::Partners partners;
  for (const store::v1::ClockPartner& partner : note.partners()) {
    partners[partner.sensor()] = {true, partner.offset_ns(),
                                  static_cast<int64_t>(partner.tolerance_ns())};
  }
  return partners;
}

store::v1::Observation ToNote(const ClockSamples::Place& place,
                              const ClockModel::Partners& partners) {
  store::v1::Observation note;
  note.set_id(std::string(ClockNoteId(place.sensor, place.window).bytes()));
  note.set_sensor(place.sensor);
  note.set_first_time_ns(place.window * kClockWindowNs);
  note.mutable_clock();
  for (const auto& [sensor, relation] : partners) {
    store::v1::ClockPartner& partner = *note.mutable_clock()->add_partners();
    partner.set_sensor(sensor);
    partner.set_offset_ns(relation.offset_ns);
    partner.set_tolerance_ns(static_cast<uint64_t>(relation.tolerance_ns));
  }
  return note;
}

}  // namespace

ClockModel::ClockModel(ClockSamples& samples, FactStore& facts)
    : samples_(samples), facts_(facts) {}

absl::StatusOr<ClockModel::State*> ClockModel::Find(const Place& place) {
  const auto held = states_.find(place);
  if (held != states_.end()) {
    held->second.used = round_;
    return &held->second;
  }
  const auto note =
      facts_.GetCommitted(ClockNoteId(place.sensor, place.window));
  if (!note.ok() && !absl::IsNotFound(note.status())) return note.status();
  State& state = states_[place];
  if (note.ok()) state.applied = FromNote(note->observation.clock());
  state.used = round_;
  return &state;
}

// From the nearest windows that have samples.
absl::StatusOr<ClockModel::Partners> ClockModel::Work(const Place& place) {
  struct Found {
    int64_t rank = std::numeric_limits<int64_t>::max();
    int64_t low_ns = 0;
    int64_t high_ns = 0;
  };
  std::map<std::string, Found> found;
  for (int64_t away = -kReach; away <= kReach; ++away) {
    ASSIGN_OR_RETURN(const ClockSamples::Summaries* const summaries,
                     samples_.Of({place.sensor, place.window + away}));
    for (const auto& [sensor, summary] : *summaries) {
      const int64_t rank = std::abs(away) + (summary.content ? 0 : kHopsRank);
      Found& best = found[sensor];
      if (rank > best.rank) continue;
      const bool replaces = rank < best.rank;
      best.rank = rank;
      best.low_ns =
          replaces ? summary.low_ns : std::min(best.low_ns, summary.low_ns);
      best.high_ns =
          replaces ? summary.high_ns : std::max(best.high_ns, summary.high_ns);
    }
  }
  Partners partners;
  for (const std::string& sensor : uplinks_.Sensors()) {
    if (sensor == place.sensor) continue;
    const ClockRelation relation = uplinks_.Relate(
        place.sensor, (place.window + 1) * kClockWindowNs, sensor);
    if (relation.known) partners[sensor] = relation;
  }
  for (const auto& [sensor, best] : found) {
    partners[sensor] = Rounded(best.low_ns, best.high_ns, best.rank);
  }
  return partners;
}

absl::StatusOr<const ClockModel::Partners*> ClockModel::PartnersAt(
    const std::string& sensor, int64_t time_ns) {
  const Place place{sensor, ClockWindowOf(time_ns)};
  ASSIGN_OR_RETURN(State* const state, Find(place));
  state->asked = true;
  // What was gone by holds until AddUsers() has looked at whoever did: what is
  // read from the store meanwhile may be ahead of that.
  if (state->applied && (!installed_ || !state->current)) {
    return &*state->applied;
  }
  if (!state->current) {
    ASSIGN_OR_RETURN(state->current, Work(place));
  }
  return &*state->current;
}

absl::StatusOr<ClockRelation> ClockModel::Relate(const std::string& from,
                                                 int64_t time_ns,
                                                 const std::string& to) {
  if (from == to) return ClockRelation::Same();
  ASSIGN_OR_RETURN(const Partners* const partners, PartnersAt(from, time_ns));
  const auto found = partners->find(to);
  return found == partners->end() ? ClockRelation() : found->second;
}

absl::Status ClockModel::Know(std::span<const Node* const> nodes) {
  for (const Node* node : nodes) {
    if (known_.Has(*node)) continue;
    ASSIGN_OR_RETURN(const Partners* const partners,
                     PartnersAt(node->sensor(), node->first_ns));
    known_.Set(*node, *partners);
  }
  return absl::OkStatus();
}

void ClockModel::Begin() {
  installed_ = false;
  known_.Clear();
}

absl::Status ClockModel::Note(const std::vector<const Node*>& nodes) {
  std::set<Place> changed;
  const absl::Status status = samples_.Update(nodes, changed);
  if (!status.ok()) {
    samples_.Clear();
    return status;
  }
  if (!changed.empty()) ++revision_;
  for (const Place& place : changed) {
    for (int64_t away = -kReach; away <= kReach; ++away) {
      doubted_.insert({place.sensor, place.window + away});
    }
  }
  return absl::OkStatus();
}

void ClockModel::Note(const UplinkClocks& uplinks) {
  if (uplinks == uplinks_) return;
  // After a start, all but what came last was gone by before.
  const bool start = uplinks_ == UplinkClocks();
  for (const auto& [sensor, from_ns] :
       start ? uplinks.Recent() : uplinks.DifferencesFrom(uplinks_)) {
    for (const std::string& other : uplinks.Sensors()) {
      const int64_t first = ClockWindowOf(
          from_ns + uplinks.Relate(sensor, from_ns, other).offset_ns);
      // What is newer than that has not been asked for yet.
      for (int64_t window = first; window <= first + 2 * kReach; ++window) {
        doubted_.insert({other, window});
      }
    }
  }
  uplinks_ = uplinks;
}

absl::Status ClockModel::AddUsersOf(const Place& place,
                                    std::vector<ObservationId>& ids) {
  for (int level = 0; level < kClockLevels; ++level) {
    ASSIGN_OR_RETURN(
        const std::vector<ObservationId> users,
        facts_.FindByToken(ClockToken(place.sensor, place.window, level),
                           std::numeric_limits<int64_t>::min(),
                           std::numeric_limits<int64_t>::max(), kMaxUsers));
    ids.insert(ids.end(), users.begin(), users.end());
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> ClockModel::AddUsers(std::vector<ObservationId>& ids) {
  bool changed = false;
  for (const Place& place : doubted_) {
    ASSIGN_OR_RETURN(State* const state, Find(place));
    state->current.reset();
    // Nobody went by it.
    if (!state->applied) continue;
    ASSIGN_OR_RETURN(state->current, Work(place));
    if (state->current == state->applied) continue;
    changed = true;
    RETURN_IF_ERROR(AddUsersOf(place, ids));
  }
  return changed;
}

void ClockModel::Install() {
  installed_ = true;
  known_.Clear();
}

void ClockModel::Collect(CallChange& change) {
  for (const auto& [place, state] : states_) {
    if (!state.current || state.current == state.applied) continue;
    if (!state.asked && !state.applied) continue;
    change.notes.push_back(ToNote(place, *state.current));
  }
}

void ClockModel::Applied() {
  for (auto& [place, state] : states_) {
    if (state.current && (state.asked || state.applied)) {
      state.applied = state.current;
    }
    state.asked = false;
  }
  doubted_.clear();
  Trim();
}

void ClockModel::Failed() {
  for (auto& [place, state] : states_) {
    state.current.reset();
    state.asked = false;
  }
}

void ClockModel::Trim() {
  ++round_;
  samples_.Trim();
  if (states_.size() <= kMaxStates) return;
  std::vector<uint64_t> ages;
  for (const auto& [place, state] : states_) ages.push_back(state.used);
  std::nth_element(ages.begin(), ages.begin() + ages.size() / 2, ages.end());
  const uint64_t oldest_kept = ages[ages.size() / 2];
  std::erase_if(states_, [oldest_kept](const auto& entry) {
    return entry.second.used <= oldest_kept;
  });
}

}  // namespace callbraid::collector
