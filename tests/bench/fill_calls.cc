// Fills a data folder with calls, as many as a collector has after years:
// copies of those in another folder, with ids, numbers and times of their own,
// the newest a minute ago. For tests/bench/query. What calls are made of
// (messages, media) is not copied.
//
//   fill_calls FROM TO CALLS DAYS

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "collector/store/proto_time.h"
#include "collector/store/rocksdb_store.h"
#include "common/base/absl_string.h"
#include "common/base/clock.h"

namespace callbraid::collector {
namespace {

using Records = std::vector<store::v1::CallRecord>;

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kCallsOfChange = 2000;
constexpr uint64_t kPhones = 5000;

// The same for the same number, and any other for the next.
uint64_t Scatter(uint64_t number) {
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9u;
  number = (number ^ (number >> 27)) * 0x94d049bb133111ebu;
  return number ^ (number >> 31);
}

absl::StatusOr<Records> Read(const std::string& folder) {
  const auto store = RocksDbStore::Open(folder);
  if (!store.ok()) return store.status();
  const auto page = (*store)->facts().ListCalls({}, Scope::All());
  if (!page.ok()) return page.status();
  Records records;
  for (const v1::Call& call : page->calls) {
    auto record = (*store)->facts().GetCall(call.id(), Scope::All());
    if (!record.ok()) return record.status();
    record->set_settled(true);
    records.push_back(*std::move(record));
  }
  if (records.empty()) return absl::NotFoundError("no calls in there");
  return records;
}

// The call that is `number` before the newest one.
store::v1::CallRecord Copy(const store::v1::CallRecord& original,
                           int64_t number, int64_t start_ns) {
  store::v1::CallRecord record = original;
  const uint64_t random = Scatter(static_cast<uint64_t>(number));
  const auto renewed = [number](std::string_view old) {
    return ObservationId::Of(absl::StrCat(number, " ", ToAbsl(old)));
  };
  for (std::string& member : *record.mutable_members()) {
    member = std::string(renewed(member).bytes());
  }
  v1::Call& call = *record.mutable_call();
  for (v1::Leg& leg : *call.mutable_legs())
    leg.set_id(renewed(leg.id()).ToHex());
  for (v1::Stream& stream : *call.mutable_streams()) {
    stream.set_id(renewed(stream.id()).ToHex());
  }
  call.set_id(ObservationId::FromBytes(record.members(0))->ToHex());
  const int64_t length_ns = ToNs(call.end_time()) - ToNs(call.start_time());
  *call.mutable_start_time() = ToTimestamp(start_ns);
  *call.mutable_end_time() = ToTimestamp(start_ns + length_ns);
  call.set_caller(absl::StrFormat("+4930%08d", random % 100'000'000));
  call.set_callee(absl::StrCat(10'000 + (random >> 32) % kPhones));
  return record;
}

absl::Status Fill(const Records& originals, const std::string& folder,
                  int64_t calls, int64_t days) {
  const auto store = RocksDbStore::Open(folder);
  if (!store.ok()) return store.status();
  const int64_t newest_ns = SystemClock().WallNs() - 60 * kSecondNs;
  const int64_t step_ns = days * 86'400 * kSecondNs / calls;
  // The oldest first, as they come.
  for (int64_t next = calls; next > 0;) {
    CallChange change;
    for (int64_t i = 0; i < kCallsOfChange && next > 0; ++i) {
      --next;
      const auto& original =
          originals[static_cast<size_t>(next) % originals.size()];
      change.records.push_back(
          Copy(original, next, newest_ns - next * step_ns));
    }
    const absl::Status status = (*store)->facts().ApplyCalls(change);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

int Run(const std::string& from, const std::string& to, int64_t calls,
        int64_t days) {
  const auto begin = std::chrono::steady_clock::now();
  const auto originals = Read(from);
  const absl::Status status =
      originals.ok() ? Fill(*originals, to, calls, days) : originals.status();
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
    return EXIT_FAILURE;
  }
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - begin;
  std::printf("%lld calls in %.0f s\n", static_cast<long long>(calls),
              took.count());
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace callbraid::collector

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  return callbraid::collector::Run(argv[1], argv[2], std::atoll(argv[3]),
                                   std::atoll(argv[4]));
}
