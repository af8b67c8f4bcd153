// Conditions of a listing, and ids, as anyone may send them, by somebody with a
// scope. RocksDB and the store in memory must give the same calls, none of them
// out of scope, each once, in pages that end.
//
// Input: a ListCallsRequest; its page token is also an id,
// and its number prefix also a number that the reader is held to.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "callbraid/v1/query.pb.h"
#include "collector/store/rocksdb_store.h"
#include "common/base/log.h"
#include "tests/fakes/memory_store.h"
#include "tests/fakes/temp_dir.h"
#include "tests/fuzz/message_mutator.h"

namespace {

using callbraid::collector::CallChange;
using callbraid::collector::FactStore;
using callbraid::collector::MemoryStore;
using callbraid::collector::RocksDbStore;
using callbraid::collector::Scope;

constexpr int kCalls = 60;
constexpr size_t kMostPages = 2 * kCalls;

std::string IdOf(int number) {
  return absl::StrCat(absl::Hex(number % 7, absl::kZeroPad8),
                      absl::Hex(number, absl::kZeroPad8), "00000000",
                      absl::Hex(number * 7919, absl::kZeroPad8));
}

callbraid::store::v1::CallRecord RecordOf(int number) {
  callbraid::store::v1::CallRecord record;
  callbraid::v1::Call& call = *record.mutable_call();
  call.set_id(IdOf(number));
  call.mutable_start_time()->set_seconds(1000 + number / 3);
  call.set_caller(absl::StrCat(number % 5 == 0 ? "+49" : "", 100 + number % 9));
  call.set_callee(absl::StrCat(200 + number % 4));
  call.set_state(number % 3 == 0 ? callbraid::v1::CALL_STATE_RINGING
                                 : callbraid::v1::CALL_STATE_COMPLETED);
  call.add_sensors(number % 2 == 0 ? "s1" : "s2");
  auto& leg = *call.add_legs();
  leg.set_id(IdOf(1000 + number));
  leg.add_observations()->set_site(number % 4 == 0 ? "berlin" : "bonn");
  return record;
}

// Both with the same calls.
class Stores {
 public:
  Stores() {
    spdlog::set_level(spdlog::level::off);
    auto rocksdb = RocksDbStore::Open(dir_.path());
    if (!rocksdb.ok()) std::abort();
    rocksdb_ = *std::move(rocksdb);
    CallChange change;
    for (int i = 0; i < kCalls; ++i) change.records.push_back(RecordOf(i));
    if (!rocksdb_->facts().ApplyCalls(change).ok()) std::abort();
    if (!memory_.facts().ApplyCalls(change).ok()) std::abort();
  }

  FactStore& rocksdb() { return rocksdb_->facts(); }
  FactStore& memory() { return memory_.facts(); }

 private:
  callbraid::fakes::TempDir dir_;
  std::unique_ptr<RocksDbStore> rocksdb_;
  MemoryStore memory_;
};

// Ids of all pages; nullopt if the first was refused.
std::optional<std::vector<std::string>> ListAll(
    FactStore& facts, callbraid::v1::ListCallsRequest request,
    const Scope& scope) {
  std::vector<std::string> ids;
  std::set<std::string> once;
  for (size_t pages = 0;; ++pages) {
    const auto page = facts.ListCalls(request, scope);
    if (!page.ok()) {
      // What we gave out we must take.
      if (pages > 0) std::abort();
      return std::nullopt;
    }
    if (request.page_size() > 0 && page->calls.size() > request.page_size()) {
      std::abort();
    }
    for (const auto& call : page->calls) {
      if (!scope.Sees(call) || !once.insert(call.id()).second) std::abort();
      ids.push_back(call.id());
    }
    if (page->next_page_token.empty()) return ids;
    if (pages > kMostPages) std::abort();
    request.set_page_token(page->next_page_token);
  }
}

void Find(Stores& stores, const std::string& id, const Scope& scope) {
  const auto a = stores.rocksdb().GetCall(id, scope);
  const auto b = stores.memory().GetCall(id, scope);
  if (a.status().code() != b.status().code()) std::abort();
  if (!a.ok()) return;
  if (a->call().id() != b->call().id() || !scope.Sees(a->call())) std::abort();
}

void ListBoth(Stores& stores, callbraid::v1::ListCallsRequest request,
              const Scope& scope) {
  // One that somebody made up.
  (void)stores.rocksdb().ListCalls(request, scope);
  (void)stores.memory().ListCalls(request, scope);
  request.clear_page_token();
  if (ListAll(stores.rocksdb(), request, scope) !=
      ListAll(stores.memory(), request, scope)) {
    std::abort();
  }
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size,
                                          size_t max_size, unsigned seed) {
  callbraid::v1::ListCallsRequest request;
  return callbraid::fuzz::Mutate(request, data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  callbraid::v1::ListCallsRequest request;
  if (!request.ParseFromArray(data, static_cast<int>(size))) return 0;
  static Stores& stores = *new Stores();
  callbraid::v1::Scope berlin;
  berlin.add_sites("berlin");
  callbraid::v1::Scope numbers;
  numbers.add_numbers(request.number_prefix());
  for (const auto& scope : {callbraid::v1::Scope(), berlin, numbers}) {
    const auto parsed = Scope::Parse(scope);
    if (!parsed.ok()) continue;
    ListBoth(stores, request, *parsed);
    Find(stores, request.page_token(), *parsed);
  }
  return 0;
}
