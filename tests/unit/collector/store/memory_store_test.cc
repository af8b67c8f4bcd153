#include "tests/fakes/memory_store.h"

#include <memory>

#include "gtest/gtest.h"
#include "tests/unit/collector/store/access_store_contract.h"
#include "tests/unit/collector/store/call_counts_contract.h"
#include "tests/unit/collector/store/call_store_contract.h"
#include "tests/unit/collector/store/coordination_store_contract.h"
#include "tests/unit/collector/store/deletion_contract.h"
#include "tests/unit/collector/store/event_log_contract.h"
#include "tests/unit/collector/store/fact_store_contract.h"
#include "tests/unit/collector/store/media_store_contract.h"

namespace callbraid::collector {
namespace {

class MemoryHolder final : public StoreHolder {
 public:
  Store& store() override { return store_; }
  EventLog& events() override { return store_.events(); }

 private:
  MemoryStore store_;
};

const auto kMemory = testing::Values(
    StoreKind{"Memory", [] { return std::make_unique<MemoryHolder>(); }});

INSTANTIATE_TEST_SUITE_P(Stores, AccessStoreContract, kMemory, NameOfKind);
INSTANTIATE_TEST_SUITE_P(Stores, CallCountsContract, kMemory, NameOfKind);
INSTANTIATE_TEST_SUITE_P(Stores, DeletionContract, kMemory, NameOfKind);
INSTANTIATE_TEST_SUITE_P(Stores, EventLogContract, kMemory, NameOfKind);
INSTANTIATE_TEST_SUITE_P(Stores, FactStoreContract, kMemory, NameOfKind);
INSTANTIATE_TEST_SUITE_P(Stores, CallStoreContract, kMemory, NameOfKind);
INSTANTIATE_TEST_SUITE_P(Stores, MediaStoreContract, kMemory, NameOfKind);
INSTANTIATE_TEST_SUITE_P(Stores, CoordinationStoreContract, kMemory,
                         NameOfKind);

}  // namespace
}  // namespace callbraid::collector
