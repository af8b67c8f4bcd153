#include "collector/index/observation_index.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/fakes/call_scene.h"
#include "tests/fakes/memory_store.h"

namespace callbraid::collector {
namespace {

class ObservationIndexTest : public testing::Test {
 protected:
  // A dialog that is in the store.
  ObservationId Commit(const std::string& call_id) {
    fakes::Dialog dialog;
    dialog.call_id = call_id;
    const StoredObservation stored = fakes::See(dialog, fakes::Spot());
    CommitGroup group;
    group.observations.push_back(fakes::UpsertOf(stored));
    EXPECT_TRUE(store_.Commit(group).ok());
    return fakes::IdOf(stored);
  }

  MemoryStore store_;
  ObservationIndex index_{store_.facts(), 1000};
};

TEST_F(ObservationIndexTest, ForgetsWhatWasNotUsedSinceTheCallBefore) {
  const ObservationId idle = Commit("idle");
  const ObservationId busy = Commit("busy");
  ASSERT_TRUE(index_.Refresh(idle).ok());
  ASSERT_TRUE(index_.Refresh(busy).ok());
  index_.ForgetUnused();
  EXPECT_NE(index_.Held(idle), nullptr) << "it was used since ever";
  index_.Trim();
  ASSERT_TRUE(index_.Get(busy).ok());
  index_.ForgetUnused();
  EXPECT_EQ(index_.Held(idle), nullptr);
  EXPECT_NE(index_.Held(busy), nullptr);
  // It comes back when it is asked for, as something new.
  const auto again = index_.Refresh(idle);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->structural);
  EXPECT_EQ(index_.size(), 2u);
}

TEST_F(ObservationIndexTest, HoldsNoMoreThanItsBound) {
  ObservationIndex index(store_.facts(), 10);
  for (int i = 0; i < 100; ++i) {
    index.Trim();
    ASSERT_TRUE(index.Refresh(Commit(std::to_string(i))).ok());
    EXPECT_LE(index.size(), 11u);
  }
}

}  // namespace
}  // namespace callbraid::collector
