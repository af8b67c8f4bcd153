#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "collector/correlate/call_sink.h"
#include "collector/correlate/correlator.h"
#include "collector/ingest/observation_folder.h"
#include "collector/store/rocksdb_store.h"
#include "gtest/gtest.h"
#include "tests/fakes/call_frames.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/temp_dir.h"

// What 100,000 open observations cost in memory, and that the next 100,000 cost
// no more. CALLBRAID_OPEN_OBSERVATIONS sets another number.

namespace callbraid::collector {
namespace {

using fakes::kMs;
using fakes::kSecond;

constexpr int kObservationsOfCall = 4;
constexpr int kCallsOfCommit = 250;
constexpr int64_t kStart = 1'700'000'000 * kSecond;

double ResidentMib() {
  std::ifstream statm("/proc/self/statm");
  int64_t pages = 0;
  statm >> pages >> pages;
  return static_cast<double>(pages) * static_cast<double>(getpagesize()) /
         (1 << 20);
}

class NullSink final : public CallSink {
 public:
  void OnCallUpdated(const v1::Call&) override {}
  void OnCallMerged(const std::string&, const std::string&) override {}
};

std::string Address(int block, int number) {
  return "10." + std::to_string(block) + "." + std::to_string(number / 250) +
         "." + std::to_string(number % 250 + 1);
}

// A call under way: two hops of its dialog, half a second of either direction.
std::vector<v1::CallFrame> FramesOf(int number) {
  const std::string a = Address(1, number);
  const std::string b = Address(2, number);
  const Endpoint phone = fakes::At(a, 5060);
  const Endpoint other = fakes::At(b, 5060);
  const Endpoint pbx = fakes::At("10.0.0.9", 5060);
  const int64_t begin = kStart + int64_t{number} * kMs;
  fakes::Sip invite;
  invite.call_id = "call-" + std::to_string(number);
  invite.sdp = fakes::AudioSdp(a, 4000);
  fakes::Sip answer = invite;
  answer.status = 200;
  answer.to_tag = "to";
  answer.sdp = fakes::AudioSdp(b, 4002);
  fakes::Stream there;
  there.source = fakes::At(a, 4000);
  there.destination = fakes::At(b, 4002);
  there.ssrc = static_cast<uint32_t>(2 * number + 1);
  there.start_ns = begin + 30 * kMs;
  fakes::Stream back = there;
  std::swap(back.source, back.destination);
  ++back.ssrc;
  return {fakes::SipFrame(begin, phone, pbx, invite),
          fakes::SipFrame(begin + kMs, pbx, other, invite),
          fakes::SipFrame(begin + 20 * kMs, other, pbx, answer),
          fakes::SipFrame(begin + 21 * kMs, pbx, phone, answer),
          there.Run(0, 25),
          back.Run(0, 25)};
}

int CountOr(int fallback) {
  const char* setting = std::getenv("CALLBRAID_OPEN_OBSERVATIONS");
  return setting == nullptr ? fallback : std::atoi(setting);
}

double SecondsSince(int64_t begin_ns) {
  return static_cast<double>(SystemClock().MonotonicNs() - begin_ns) / 1e9;
}

class Load {
 public:
  explicit Load(int observations) : calls_(observations / kObservationsOfCall) {
    config_.set_max_observations(static_cast<uint32_t>(observations));
    auto store = RocksDbStore::Open(dir_.path() + "/data");
    if (!store.ok()) std::abort();
    store_ = *std::move(store);
    folder_ = std::make_unique<ObservationFolder>(*store_);
    correlator_ = std::make_unique<Correlator>(*store_, config_, clock_, sink_);
    if (!correlator_->Start().ok()) std::abort();
  }

  void Run(int round) {
    for (int i = 0; i < calls_; i += kCallsOfCommit) {
      CommitGroup group;
      for (int call = i; call < i + kCallsOfCommit; ++call) {
        for (const auto& frame : FramesOf(round * calls_ + call)) {
          EXPECT_EQ(*folder_->Fold(origin_, frame, group), FoldResult::kStored);
        }
      }
      folder_->Collect(group);
      ASSERT_TRUE(store_->Commit(group).ok());
      folder_->Committed(clock_.MonotonicNs());
      std::vector<ObservationId> changed;
      for (const auto& upsert : group.observations)
        changed.push_back(upsert.id);
      correlator_->OnCommitted("s1", changed);
      correlator_->Flush();
    }
  }

 private:
  const int calls_;
  const fakes::TempDir dir_;
  fakes::FakeClock clock_;
  NullSink sink_;
  v1::CorrelateConfig config_;
  const std::string name_ = "s1";
  const FrameOrigin origin_{name_, name_, name_};
  std::unique_ptr<RocksDbStore> store_;
  std::unique_ptr<ObservationFolder> folder_;
  std::unique_ptr<Correlator> correlator_;
};

TEST(OpenObservations, MemoryIsBounded) {
  const int count = CountOr(100'000);
  const double before = ResidentMib();
  Load load(count);
  std::vector<double> resident;
  for (int round = 0; round < 3; ++round) {
    load.Run(round);
    resident.push_back(ResidentMib());
    std::cout << "RSS " << resident.back() << " MiB after "
              << (round + 1) * count << " observations ("
              << (resident.back() - before) * 1024 / count
              << " KiB for each of " << count << " held)\n";
  }
  // The correlator may hold half as much again between two trims.
  EXPECT_LT(resident[2] - before, 1.5 * (resident[1] - before));
}

// A store as an ingest leaves it that was killed before anything was braided.
void FillStore(const std::string& dir, int observations) {
  auto store = RocksDbStore::Open(dir);
  ASSERT_TRUE(store.ok()) << store.status();
  ObservationFolder folder(**store);
  const std::string name = "s1";
  const int calls = observations / kObservationsOfCall;
  for (int i = 0; i < calls; i += kCallsOfCommit) {
    CommitGroup group;
    for (int call = i; call < i + kCallsOfCommit; ++call) {
      for (const auto& frame : FramesOf(call)) {
        ASSERT_EQ(*folder.Fold({name, name, name}, frame, group),
                  FoldResult::kStored);
      }
    }
    folder.Collect(group);
    ASSERT_TRUE((*store)->Commit(group).ok());
    folder.Committed(0);
  }
}

// Commits one more call, of another sensor; one of its observations.
ObservationId AddCall(RocksDbStore& store, Correlator& correlator) {
  ObservationFolder folder(store);
  CommitGroup group;
  const std::string name = "s2";
  for (const auto& frame : FramesOf(10'000'000)) {
    EXPECT_EQ(*folder.Fold({name, name, name}, frame, group),
              FoldResult::kStored);
  }
  folder.Collect(group);
  EXPECT_TRUE(store.Commit(group).ok());
  std::vector<ObservationId> changed;
  for (const auto& upsert : group.observations) changed.push_back(upsert.id);
  correlator.OnCommitted(name, changed);
  return changed.front();
}

// How long it is before a collector that is started again shows what is new,
// however much was left to it.
TEST(OpenObservations, AreNoHindranceAtTheStart) {
  const int count = CountOr(20'000);
  const fakes::TempDir dir;
  FillStore(dir.path() + "/data", count);
  const double before = ResidentMib();
  const int64_t begin_ns = SystemClock().MonotonicNs();
  auto store = RocksDbStore::Open(dir.path() + "/data");
  ASSERT_TRUE(store.ok()) << store.status();
  const double opened_s = SecondsSince(begin_ns);
  SystemClock clock;
  NullSink sink;
  Correlator correlator(**store, {}, clock, sink);
  ASSERT_TRUE(correlator.Start().ok());
  const double started_s = SecondsSince(begin_ns);
  const std::string id = AddCall(**store, correlator).ToHex();
  while (!(*store)->facts().GetCall(id, Scope::All()).ok()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  std::cout << "store opened after " << opened_s << " s, started after "
            << started_s << " s, a new call shown after "
            << SecondsSince(begin_ns) << " s, with " << count
            << " open observations; " << ResidentMib() - before << " MiB\n";
}

}  // namespace
}  // namespace callbraid::collector
