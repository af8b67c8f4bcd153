#include "collector/correlate/braider.h"

#include <algorithm>
#include <optional>

#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr size_t kDefaultObservations = 400'000;

bool MakesCall(const Component& component) {
  return std::any_of(component.members.begin(), component.members.end(),
                     [](const Node* node) { return node->makes_call; });
}

}  // namespace

Braider::Braider(Store& store, const v1::CorrelateConfig& config,
                 CallSink& sink, MediaWishSink* wishes)
    : facts_(store.facts()),
      policy_(PolicyFrom(config)),
      sink_(sink),
      wishes_(wishes),
      index_(facts_, config.max_observations() == 0
                         ? kDefaultObservations
                         : config.max_observations()),
      graph_(index_, facts_, policy_),
      ledger_(facts_) {}

void Braider::Expect(const std::vector<ObservationId>& ids) {
  expected_.insert(ids.begin(), ids.end());
}

absl::Status Braider::Process(const std::vector<ObservationId>& changed,
                              const Watermarks& watermarks) {
  RETURN_IF_ERROR(ProcessOnce(changed, watermarks));
  if (stale_.empty()) return absl::OkStatus();
  const std::vector<ObservationId> again(stale_.begin(), stale_.end());
  absl::Status status = ProcessOnce(again, watermarks);
  // What changed once more meanwhile is told of.
  if (status.ok()) stale_.clear();
  return status;
}

absl::Status Braider::ProcessOnce(const std::vector<ObservationId>& changed,
                                  const Watermarks& watermarks) {
  const uint64_t read_at = facts_.LastCommit();
  ForgetDeleted();
  index_.Trim();
  if (std::exchange(forget_unused_, false)) index_.ForgetUnused();
  graph_.Reset();
  graph_.clocks().Begin();
  Work work;
  work.seeds.assign(unfinished_.begin(), unfinished_.end());
  const auto run = [&]() -> absl::Status {
    RETURN_IF_ERROR(SeedBefore(changed, work));
    if (absl::Status refreshed = Refresh(changed, work); !refreshed.ok()) {
      // Which of them changed would not be known again.
      index_.Clear();
      return refreshed;
    }
    graph_.clocks().Note(watermarks.uplinks());
    RETURN_IF_ERROR(SetClocks(work));
    while (!work.seeds.empty()) {
      const ObservationId seed = work.seeds.front();
      RETURN_IF_ERROR(Visit(seed, watermarks, work));
      work.seeds.pop_front();
    }
    ASSIGN_OR_RETURN(CallChange change, ChangeOf(work));
    change.read_at = read_at;
    change.deletions = forgotten_;
    graph_.clocks().Collect(change);
    const CallTurn turn(sink_);
    RETURN_IF_ERROR(facts_.ApplyCalls(change));
    graph_.clocks().Applied();
    Publish(change, work, watermarks);
    return absl::OkStatus();
  };
  absl::Status status = run();
  if (status.ok()) {
    unfinished_ = std::move(work.postponed);
    for (const ObservationId& id : changed) expected_.erase(id);
    // Of a million it holds on to what they took.
    if (expected_.empty()) expected_.rehash(0);
  } else {
    graph_.clocks().Failed();
    unfinished_.assign(work.visited.begin(), work.visited.end());
    unfinished_.insert(unfinished_.end(), work.seeds.begin(), work.seeds.end());
    unfinished_.insert(unfinished_.end(), work.postponed.begin(),
                       work.postponed.end());
  }
  return status;
}

void Braider::ForgetDeleted() {
  const RecentDeletions& deletions = facts_.deletions();
  const uint64_t number = deletions.number();
  if (number == forgotten_) return;
  const auto deleted = deletions.Since(forgotten_);
  for (const auto& [id, call] : ledger_.open()) {
    if (wishes_ != nullptr && (!deleted || deleted->contains(id))) {
      wishes_->OnWishes(id, {});
    }
  }
  index_.Forget(deleted);
  ledger_.ForgetDeleted(deleted);
  forgotten_ = number;
}

// What a dialog said before may have kept others apart or together.
absl::Status Braider::SeedBefore(const std::vector<ObservationId>& changed,
                                 Work& work) {
  std::vector<ObservationId> affected;
  for (const ObservationId& id : changed) {
    work.seeds.push_back(id);
    const Node* held = index_.Held(id);
    if (held == nullptr || !held->is_dialog || expected_.contains(id)) continue;
    RETURN_IF_ERROR(graph_.AddAffected(*held, affected));
  }
  work.seeds.insert(work.seeds.end(), affected.begin(), affected.end());
  graph_.Reset();
  return absl::OkStatus();
}

absl::Status Braider::Refresh(const std::vector<ObservationId>& changed,
                              Work& work) {
  std::vector<ObservationId> affected;
  std::vector<ObservationId> structural;
  std::vector<ObservationId> crowded;
  std::vector<ObservationId> expected;
  for (const ObservationId& id : changed) {
    if (expected_.contains(id)) {
      ASSIGN_OR_RETURN(const Node* const node, index_.Reload(id));
      (node == nullptr ? work.settled : expected).push_back(id);
      continue;
    }
    ASSIGN_OR_RETURN(ObservationIndex::Change change, index_.Refresh(id));
    if (change.node == nullptr) {
      work.settled.push_back(id);
      continue;
    }
    if (change.structural) structural.push_back(id);
    crowded.insert(crowded.end(), change.crowded.begin(), change.crowded.end());
  }
  for (const ObservationId& id : structural) {
    RETURN_IF_ERROR(graph_.AddAffected(*index_.Held(id), affected));
  }
  RETURN_IF_ERROR(AddUnaware(expected, affected));
  RETURN_IF_ERROR(AddCrowded(crowded, affected));
  // What many share tells nothing of clocks any more.
  std::vector<const Node*> telling;
  structural.insert(structural.end(), crowded.begin(), crowded.end());
  structural.insert(structural.end(), expected.begin(), expected.end());
  for (const ObservationId& id : structural) {
    ASSIGN_OR_RETURN(const Node* const node, index_.Get(id));
    if (node != nullptr) telling.push_back(node);
  }
  RETURN_IF_ERROR(graph_.clocks().Note(telling));
  work.seeds.insert(work.seeds.end(), affected.begin(), affected.end());
  return absl::OkStatus();
}

// Whoever rests on what is expected, was not looked at yet, and will not be
// otherwise: of a call that is over.
absl::Status Braider::AddUnaware(const std::vector<ObservationId>& expected,
                                 std::vector<ObservationId>& affected) {
  std::vector<ObservationId> resting;
  for (const ObservationId& id : expected) {
    RETURN_IF_ERROR(graph_.AddAffected(*index_.Held(id), resting));
  }
  for (const ObservationId& id : resting) {
    if (!expected_.contains(id) && ledger_.Held(id) == nullptr) {
      affected.push_back(id);
    }
  }
  return absl::OkStatus();
}

// What a look-up held until it found too many, and who asked for that: it may
// be of another time, by another clock.
absl::Status Braider::AddCrowded(const std::vector<ObservationId>& crowded,
                                 std::vector<ObservationId>& affected) {
  affected.insert(affected.end(), crowded.begin(), crowded.end());
  absl::flat_hash_set<ObservationId> seen;
  for (const ObservationId& id : crowded) {
    if (!seen.insert(id).second) continue;
    ASSIGN_OR_RETURN(const Node* const node, index_.Get(id));
    if (node == nullptr || !node->is_dialog) continue;
    RETURN_IF_ERROR(graph_.AddAffected(*node, affected));
  }
  return absl::OkStatus();
}

// From here on clocks are as they are known now. What rested on other values is
// looked at again, and so are the streams that dialogs spoke for, or speak for
// now.
absl::Status Braider::SetClocks(Work& work) {
  std::vector<ObservationId> users;
  ASSIGN_OR_RETURN(const bool changed, graph_.clocks().AddUsers(users));
  std::vector<ObservationId> affected = users;
  const auto add_streams = [&]() -> absl::Status {
    for (const ObservationId& id : users) {
      ASSIGN_OR_RETURN(const Node* const node, index_.Get(id));
      if (node == nullptr || !node->is_dialog) continue;
      RETURN_IF_ERROR(graph_.AddAffected(*node, affected));
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(add_streams());
  graph_.clocks().Install();
  graph_.ResetClocked();
  if (!changed) return absl::OkStatus();
  RETURN_IF_ERROR(add_streams());
  work.seeds.insert(work.seeds.end(), affected.begin(), affected.end());
  return absl::OkStatus();
}

absl::Status Braider::Visit(const ObservationId& seed,
                            const Watermarks& watermarks, Work& work) {
  if (work.visited.contains(seed)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Node* const start, index_.Get(seed));
  if (start == nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Component component, graph_.ComponentOf(*start));
  if (!MakesCall(component)) {
    work.visited.insert(seed);
    work.settled.push_back(seed);
    return absl::OkStatus();
  }
  // Its members did not find it when they were visited: a commit came since,
  // which one part of the reads saw and another did not. That is told of soon,
  // and then all find each other; no observation may be in two calls.
  if (std::any_of(component.members.begin(), component.members.end(),
                  [&work](const Node* node) {
                    return work.visited.contains(node->id);
                  })) {
    work.postponed.push_back(seed);
    return absl::OkStatus();
  }
  Result result;
  absl::flat_hash_set<ObservationId> here;
  for (const Node* node : component.members) {
    here.insert(node->id);
    result.members.push_back(node->id);
  }
  for (const Node* node : component.members) {
    ASSIGN_OR_RETURN(const KnownCall* const call, ledger_.CallOf(node->id));
    if (call == nullptr) continue;
    result.revision = std::max(result.revision, call->revision);
    if (call->id == component.members.front()->id) result.before = call;
    if (!work.touched.insert(call->id).second) continue;
    // Whoever is here no more belongs elsewhere now.
    for (const ObservationId& member : call->members) {
      if (!here.contains(member)) work.seeds.push_back(member);
    }
  }
  MediaKeeping keeping;
  if (wishes_ != nullptr) {
    keeping.any = wishes_->HasKeepers();
    keeping.given_up = wishes_->HasGivenUp(component.members.front()->id);
  }
  result.built = BuildCall(component, watermarks, policy_, keeping);
  work.visited.insert(here.begin(), here.end());
  work.results.push_back(std::move(result));
  return absl::OkStatus();
}

// Whether nothing came in since the members were read: what is settled will not
// be looked at again. What did is noted: nobody else may tell of it, for the
// end of a capture changes observations that were not committed again.
absl::StatusOr<bool> Braider::IsCurrent(const Result& result) {
  bool current = true;
  for (const ObservationId& id : result.members) {
    auto stored = facts_.GetObservation(id);
    if (!stored.ok() && !absl::IsNotFound(stored.status())) {
      return stored.status();
    }
    std::optional<Node> node;
    if (stored.ok()) node = MakeNode(*std::move(stored));
    const Node* held = index_.Held(id);
    if (!node || held == nullptr || node->structure != held->structure ||
        node->last_ns != held->last_ns || node->final() != held->final() ||
        node->tally().SerializeAsString() !=
            held->tally().SerializeAsString()) {
      stale_.insert(id);
      current = false;
    }
  }
  return current;
}

absl::StatusOr<CallChange> Braider::ChangeOf(Work& work) {
  CallChange change;
  change.settled = work.settled;
  absl::flat_hash_set<ObservationId> kept;
  for (Result& result : work.results) {
    store::v1::CallRecord& record = result.built.record;
    kept.insert(*ObservationId::FromHex(record.call().id()));
    if (record.settled()) {
      ASSIGN_OR_RETURN(const bool current, IsCurrent(result));
      record.set_settled(current);
    }
    if (record.settled()) {
      change.settled.insert(change.settled.end(), result.members.begin(),
                            result.members.end());
    }
    result.content = ContentOf(record);
    const bool same =
        result.before != nullptr && result.before->content == result.content;
    record.mutable_call()->set_revision(same ? result.before->revision
                                             : result.revision + 1);
    if (same && result.before->settled == record.settled()) continue;
    change.records.push_back(record);
  }
  for (const ObservationId& id : work.touched) {
    if (!kept.contains(id)) change.removed.push_back(id.ToHex());
  }
  std::sort(change.removed.begin(), change.removed.end());
  return change;
}

void Braider::Publish(const CallChange& change, Work& work,
                      const Watermarks& watermarks) {
  absl::flat_hash_map<ObservationId, std::string> call_of;
  std::vector<KnownCall> calls;
  std::vector<bool> news;
  for (Result& result : work.results) {
    const store::v1::CallRecord& record = result.built.record;
    KnownCall& call = calls.emplace_back();
    call.id = *ObservationId::FromHex(record.call().id());
    call.revision = record.call().revision();
    call.content = result.content;
    call.settled = record.settled();
    news.push_back(result.before == nullptr ||
                   result.before->content != call.content);
    for (const ObservationId& id : result.members) {
      call_of[id] = record.call().id();
    }
    call.members = std::move(result.members);
    call.points = std::move(result.built.points);
    call.phase = PhaseOf(call.points, watermarks, policy_);
  }
  for (const ObservationId& id : work.touched) ledger_.Forget(id);
  for (KnownCall& call : calls) ledger_.Replace(std::move(call));
  for (const std::string& removed : change.removed) {
    const auto into = call_of.find(*ObservationId::FromHex(removed));
    if (into != call_of.end()) sink_.OnCallMerged(removed, into->second);
  }
  Tell(change, work);
  for (size_t i = 0; i < work.results.size(); ++i) {
    if (news[i]) sink_.OnCallUpdated(work.results[i].built.record.call());
  }
}

void Braider::Tell(const CallChange& change, const Work& work) {
  if (wishes_ == nullptr) return;
  for (const std::string& removed : change.removed) {
    wishes_->OnWishes(*ObservationId::FromHex(removed), {});
  }
  for (const Result& result : work.results) {
    const store::v1::CallRecord& record = result.built.record;
    wishes_->OnWishes(*ObservationId::FromHex(record.call().id()),
                      result.built.wishes);
  }
}

absl::StatusOr<std::map<std::string, v1::SensorClock>> Braider::SurveyClocks(
    const std::vector<v1::Sensor>& sensors) {
  graph_.Reset();
  return graph_.SurveyClocks(sensors);
}

std::vector<ObservationId> Braider::Due(const Watermarks& watermarks) const {
  std::vector<ObservationId> due;
  for (const auto& [id, call] : ledger_.open()) {
    if (call.points.empty() ||
        PhaseOf(call.points, watermarks, policy_) == call.phase) {
      continue;
    }
    due.insert(due.end(), call.members.begin(), call.members.end());
  }
  return due;
}

std::vector<ObservationId> Braider::CompanionsOf(
    const ObservationId& id) const {
  const KnownCall* call = ledger_.Held(id);
  return call == nullptr ? std::vector<ObservationId>{id} : call->members;
}

std::string Braider::SensorOf(const ObservationId& id) const {
  const Node* node = index_.Held(id);
  return node == nullptr ? "" : std::string(node->sensor());
}

int64_t Braider::AgeNs(const ObservationId& id) const {
  const Node* node = index_.Held(id);
  return node == nullptr || node->is_dialog ? 0
                                            : node->last_ns - node->first_ns;
}

}  // namespace callbraid::collector
