#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/correlate/harness.h"
#include "tests/unit/collector/correlate/scenes.h"

// Ingest commits while the correlator reads: of one call it may see one part as
// it was before a commit, and another as it was after.

namespace callbraid::collector {
namespace {

// A store into which somebody else commits between two reads.
class InterruptedStore final : public Store, private FactStore {
 public:
  explicit InterruptedStore(MemoryStore& store) : store_(store) {}

  // Before the n-th read from now on.
  void InterruptAt(int n, std::function<void()> commit) {
    left_ = n;
    commit_ = std::move(commit);
  }
  bool interrupted() const { return commit_ == nullptr; }

  FactStore& facts() override { return *this; }
  MediaStore& media() override { return store_.media(); }
  CoordinationStore& coordination() override { return store_.coordination(); }
  AccessStore& access() override { return store_.access(); }
  absl::Status Commit(const CommitGroup& group) override {
    return store_.Commit(group);
  }
  absl::StatusOr<std::unique_ptr<CallDeletion>> PrepareDeletion(
      const std::string& id, const Scope& scope, int64_t now_ns) override {
    return store_.PrepareDeletion(id, scope, now_ns);
  }
  absl::StatusOr<MediaLeft> LeftOfMedia(
      const store::v1::CallRecord& record) override {
    return store_.LeftOfMedia(record);
  }

 private:
  FactStore& Read() {
    if (commit_ != nullptr && left_-- == 0) std::exchange(commit_, nullptr)();
    return store_.facts();
  }

  absl::StatusOr<StoredObservation> GetObservation(
      const ObservationId& id) override {
    return Read().GetObservation(id);
  }
  absl::StatusOr<StoredObservation> GetCommitted(
      const ObservationId& id) override {
    return Read().GetCommitted(id);
  }
  absl::StatusOr<std::vector<v1::DtlsSrtp>> GetDtlsSrtp(
      const ObservationId& id) override {
    return Read().GetDtlsSrtp(id);
  }
  uint64_t LastCommit() override { return Read().LastCommit(); }
  absl::StatusOr<std::vector<ObservationId>> FindByToken(
      Token token, int64_t from_ns, int64_t to_ns, size_t limit) override {
    return Read().FindByToken(token, from_ns, to_ns, limit);
  }
  absl::StatusOr<std::vector<ObservationId>> Unsettled() override {
    return Read().Unsettled();
  }
  absl::Status VisitCounts(int64_t from_ns, int64_t before_ns,
                           const VisitCount& visit) override {
    return store_.facts().VisitCounts(from_ns, before_ns, visit);
  }
  absl::Status ApplyCalls(const CallChange& change) override {
    return store_.facts().ApplyCalls(change);
  }
  absl::StatusOr<store::v1::CallRecord> SetHold(
      const std::string& id, const Scope& scope,
      const std::optional<v1::CallHold>& hold) override {
    return store_.facts().SetHold(id, scope, hold);
  }
  const RecentDeletions& deletions() const override {
    return store_.facts().deletions();
  }
  absl::StatusOr<bool> WasDeleted(const ObservationId& id,
                                  int64_t time_ns) override {
    return store_.facts().WasDeleted(id, time_ns);
  }
  absl::StatusOr<bool> WasDeleted(Token token, int64_t time_ns) override {
    return store_.facts().WasDeleted(token, time_ns);
  }
  absl::StatusOr<store::v1::CallRecord> GetCall(const std::string& id,
                                                const Scope& scope) override {
    return Read().GetCall(id, scope);
  }
  absl::StatusOr<store::v1::CallRecord> Annotate(
      const v1::AnnotateCallRequest& request, const std::string& user,
      const Scope& scope) override {
    return store_.facts().Annotate(request, user, scope);
  }
  absl::StatusOr<CallPage> ListCalls(const v1::ListCallsRequest& request,
                                     const Scope& scope) override {
    return Read().ListCalls(request, scope);
  }

  MemoryStore& store_;
  int left_ = 0;
  std::function<void()> commit_;
};

class ConcurrentCommitTest : public testing::TestWithParam<scenes::Wire> {
 protected:
  static std::vector<StoredObservation> SeenByTwo(const scenes::Wire& wire) {
    std::vector<StoredObservation> seen = scenes::SeeAll(wire, fakes::Spot());
    const fakes::Spot there = {"s2", "eth0", "hq", 0, fakes::kMs};
    for (auto& stored : scenes::SeeAll(wire, there)) {
      seen.push_back(std::move(stored));
    }
    return seen;
  }
  static std::vector<ObservationId> Commit(
      const std::vector<StoredObservation>& several, Store& store) {
    CommitGroup group;
    std::vector<ObservationId> changed;
    for (const StoredObservation& stored : several) {
      group.observations.push_back(fakes::UpsertOf(stored));
      changed.push_back(fakes::IdOf(stored));
    }
    EXPECT_TRUE(store.Commit(group).ok());
    return changed;
  }

  struct Case {
    // All else was looked at before. This is being looked at...
    size_t now = 0;
    // ...when this is committed,
    size_t late = 0;
    // before the n-th read.
    int read = 0;
    // What the correlator may keep in memory.
    uint32_t held = 0;
  };
  // False if there were fewer reads.
  static bool BraidsOneCall(const std::vector<StoredObservation>& seen,
                            const Case& it) {
    SCOPED_TRACE(absl::StrCat(it.now, " looked at, ", it.late,
                              " comes at read ", it.read, ", held ", it.held));
    MemoryStore memory;
    InterruptedStore store(memory);
    RecordingCallSink sink;
    v1::CorrelateConfig config;
    config.set_max_observations(it.held);
    Braider braider(store, config, sink);
    std::vector<StoredObservation> before;
    for (size_t i = 0; i < seen.size(); ++i) {
      if (i != it.now && i != it.late) before.push_back(seen[i]);
    }
    EXPECT_TRUE(braider.Process(Commit(before, memory), Watermarks()).ok());
    const auto now = Commit({seen[it.now]}, memory);
    std::vector<ObservationId> late;
    store.InterruptAt(it.read, [&] { late = Commit({seen[it.late]}, memory); });
    EXPECT_TRUE(braider.Process(now, Watermarks()).ok());
    if (!store.interrupted()) return false;
    EXPECT_TRUE(braider.Process(late, Watermarks()).ok());
    const auto calls =
        memory.facts().ListCalls(v1::ListCallsRequest(), Scope::All());
    EXPECT_TRUE(calls.ok()) << calls.status();
    EXPECT_EQ(calls->calls.size(), 1u);
    const auto record =
        memory.facts().GetCall(calls->calls.front().id(), Scope::All());
    EXPECT_EQ(static_cast<size_t>(record->members_size()), seen.size());
    return true;
  }
};

TEST_P(ConcurrentCommitTest, LeavesOneCallWheneverItComes) {
  const std::vector<StoredObservation> seen = SeenByTwo(GetParam());
  int tried = 0;
  for (const uint32_t held : {1000u, 1u}) {
    for (size_t late = 0; late < seen.size(); ++late) {
      for (const size_t apart : {size_t{1}, seen.size() / 2}) {
        Case it = {
            .now = (late + apart) % seen.size(), .late = late, .held = held};
        for (; BraidsOneCall(seen, it); it.read += 1 + it.read / 4) {
          ++tried;
          ASSERT_FALSE(HasFailure());
        }
      }
    }
  }
  EXPECT_GT(tried, 100);
}

INSTANTIATE_TEST_SUITE_P(Calls, ConcurrentCommitTest,
                         testing::Values(scenes::ProxyCall({}),
                                         scenes::B2buaCall({})));

}  // namespace
}  // namespace callbraid::collector
