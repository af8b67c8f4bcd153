#include "collector/ingest/observation_cache.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/memory_store.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;

constexpr Token kCallId = 7;

ObservationId IdOf(int number) {
  return ObservationId::Of(std::to_string(number));
}

void AddDialog(int number, int64_t first_time_ns, ObservationCache& cache) {
  OpenObservation& dialog = cache.Add(IdOf(number));
  dialog.stored.observation.set_first_time_ns(first_time_ns);
  dialog.observation_changed = true;
  dialog.new_tokens.push_back(kCallId);
  cache.List(kCallId, dialog);
  cache.Note(dialog);
}

std::vector<ObservationId> Listed(ObservationCache& cache) {
  std::vector<ObservationId> ids;
  const auto dialogs = cache.FindListed(kCallId);
  EXPECT_TRUE(dialogs.ok()) << dialogs.status();
  for (const OpenObservation* dialog : *dialogs) ids.push_back(dialog->id);
  return ids;
}

// Found by the fuzzer: after a restart, messages went to another dialog.
TEST(ObservationCache, ListsDialogsAsTheStoreDoesWhenAClockWasSetBack) {
  MemoryStore store;
  ObservationCache cache(store.facts(), 10);
  EXPECT_TRUE(Listed(cache).empty());
  AddDialog(1, 2000, cache);
  AddDialog(2, 1000, cache);
  AddDialog(3, 3000, cache);
  EXPECT_THAT(Listed(cache), ElementsAre(IdOf(3), IdOf(1), IdOf(2)));

  CommitGroup group;
  cache.Collect(group);
  ASSERT_TRUE(store.Commit(group).ok());
  ObservationCache restarted(store.facts(), 10);
  EXPECT_EQ(Listed(restarted), Listed(cache));
}

}  // namespace
}  // namespace callbraid::collector
