#include "collector/correlate/correlator.h"

#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/unit/collector/correlate/harness.h"
#include "tests/unit/collector/correlate/scenes.h"

namespace callbraid::collector {
namespace {

using fakes::Dialog;
using fakes::kEpoch;
using fakes::kSecond;
using fakes::See;
using fakes::SensorAt;
using fakes::Spot;

class CorrelatorTest : public ::testing::Test {
 protected:
  std::vector<ObservationId> Commit(
      const std::vector<StoredObservation>& several) {
    CommitGroup group;
    std::vector<ObservationId> changed;
    for (const StoredObservation& stored : several) {
      group.observations.push_back(fakes::UpsertOf(stored));
      changed.push_back(fakes::IdOf(stored));
    }
    EXPECT_TRUE(store_.Commit(group).ok());
    return changed;
  }
  v1::Call CallOf(const ObservationId& id) {
    auto record = store_.facts().GetCall(id.ToHex(), Scope::All());
    EXPECT_TRUE(record.ok()) << record.status();
    return record.ok() ? record->call() : v1::Call();
  }

  MemoryStore store_;
  StillClock clock_;
  RecordingCallSink sink_;
};

TEST_F(CorrelatorTest, LooksAtWhatWasUnsettledWhenItStarts) {
  const auto ids = Commit(scenes::SeeAll(scenes::ProxyCall({}), Spot()));
  Correlator correlator(store_, {}, clock_, sink_);
  ASSERT_TRUE(correlator.Start().ok());
  correlator.Flush();
  EXPECT_EQ(CallOf(ids[0]).legs_size(), 2);
}

TEST_F(CorrelatorTest, LooksAtWhatWasCommitted) {
  Correlator correlator(store_, {}, clock_, sink_);
  ASSERT_TRUE(correlator.Start().ok());
  const auto ids = Commit(scenes::SeeAll(scenes::B2buaCall({}), Spot()));
  correlator.OnCommitted("s1", ids);
  correlator.Flush();
  EXPECT_EQ(CallOf(ids[0]).streams_size(), 4);
  ASSERT_EQ(sink_.updated.size(), 1u);
  EXPECT_EQ(sink_.updated[0].id(), CallOf(ids[0]).id());
}

TEST_F(CorrelatorTest, TellsWhatWaits) {
  Correlator correlator(store_, {}, clock_, sink_);
  const auto ids = Commit(scenes::SeeAll(scenes::B2buaCall({}), Spot()));
  correlator.OnCommitted("s1", ids);
  EXPECT_EQ(correlator.Backlog("s1"), ids.size());
  EXPECT_EQ(correlator.Backlog("s2"), 0u);
  ASSERT_TRUE(correlator.Start().ok());
  correlator.Flush();
  // The thread says so when it comes to rest, which may be a moment later.
  while (correlator.Backlog("s1") > 0) std::this_thread::yield();
  EXPECT_EQ(CallOf(ids[0]).streams_size(), 4);
}

TEST_F(CorrelatorTest, GoesOnWithTheRevisionAfterARestart) {
  const Dialog dialog;
  std::vector<ObservationId> ids;
  for (const int64_t upto : {10, 3000, 30'000}) {
    ids = Commit({See(dialog, Spot(), upto)});
    Correlator correlator(store_, {}, clock_, sink_);
    ASSERT_TRUE(correlator.Start().ok());
    correlator.Flush();
  }
  EXPECT_EQ(CallOf(ids[0]).revision(), 3u);
  Correlator correlator(store_, {}, clock_, sink_);
  ASSERT_TRUE(correlator.Start().ok());
  correlator.Flush();
  EXPECT_EQ(CallOf(ids[0]).revision(), 3u);
  EXPECT_EQ(sink_.updated.size(), 3u);
}

TEST_F(CorrelatorTest, SettlesWhenTheSensorsHaveGoneOn) {
  Correlator correlator(store_, {}, clock_, sink_);
  ASSERT_TRUE(correlator.Start().ok());
  correlator.OnCommitted("s1", Commit({See(fakes::Stream(), Spot())}));
  correlator.Flush();
  EXPECT_EQ(store_.facts().Unsettled()->size(), 1u);
  CommitGroup group;
  group.sensors.push_back(SensorAt(Spot(), kEpoch + 500 * kSecond));
  ASSERT_TRUE(store_.Commit(group).ok());
  correlator.Flush();
  EXPECT_EQ(store_.facts().Unsettled()->size(), 0u);
}

TEST_F(CorrelatorTest, TakesNotesFromOtherThreadsWhileItWorks) {
  Correlator correlator(store_, {}, clock_, sink_);
  ASSERT_TRUE(correlator.Start().ok());
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 2; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < 10; ++i) {
        const scenes::Variant v = {.number = writer * 10 + i};
        correlator.OnCommitted(
            "s1", Commit(scenes::SeeAll(scenes::ProxyCall(v), Spot())));
        if (i % 4 == 0) correlator.Flush();
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  correlator.Flush();
  v1::ListCallsRequest request;
  EXPECT_EQ(store_.facts().ListCalls(request, Scope::All())->calls.size(), 20u);
}

}  // namespace
}  // namespace callbraid::collector
