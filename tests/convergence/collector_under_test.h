#ifndef CALLBRAID_TESTS_CONVERGENCE_COLLECTOR_UNDER_TEST_H_
#define CALLBRAID_TESTS_CONVERGENCE_COLLECTOR_UNDER_TEST_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "collector/correlate/call_sink.h"
#include "collector/correlate/correlator.h"
#include "collector/ingest/ingest_pipeline.h"
#include "collector/store/rocksdb_store.h"
#include "tests/convergence/captures.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/open_gate.h"
#include "tests/fakes/temp_dir.h"

// The collector's own path from the uplink to the stored calls, with the thread
// of ingest and the clock in the test's hands.

namespace callbraid::convergence {

// What someone who watches all calls knows, and every id he was ever told.
class Watcher final : public collector::CallSink {
 public:
  void OnCallUpdated(const v1::Call& call) override;
  void OnCallMerged(const std::string& id, const std::string& into) override;

  // By id; with revisions.
  const std::map<std::string, v1::Call>& calls() const { return calls_; }
  const std::set<std::string>& ids() const { return ids_; }
  size_t merged() const { return merged_; }

 private:
  std::map<std::string, v1::Call> calls_;
  std::set<std::string> ids_;
  size_t merged_ = 0;
};

// A sensor as the collector sees it.
struct SensorScript {
  std::string id;
  std::string site;
  std::vector<std::string> points;
  Lanes lanes;
};

// By call id.
struct StoredCalls {
  // CallRecord, serialized, without its revision.
  std::map<std::string, std::string> records;
  // Hash of the recording, or why there is none.
  std::map<std::string, std::string> recordings;
};

class CollectorUnderTest {
 public:
  // `held`: how many observations the correlator may keep in memory.
  CollectorUnderTest(std::vector<SensorScript> sensors, size_t held);
  ~CollectorUnderTest();

  const std::vector<SensorScript>& sensors() const { return scripts_; }
  // Frames of a lane that were not yet sent.
  size_t Left(size_t sensor, size_t lane) const;

  // Sends the next `count` frames, at most, and `repeated` of those before.
  void Send(size_t sensor, size_t lane, size_t count, size_t repeated = 0);
  // Ingest folds and commits what was sent.
  void Commit();
  // The correlator looks at what was committed.
  void Correlate();
  // Ends and opens again. Unless `orderly`, what was sent and not committed is
  // gone, and what was committed need not have been correlated.
  void Restart(bool orderly);
  // The sensor reads its captures again from the start, into new spools.
  void ReadAgain(size_t sensor);
  void Wait(int64_t ns) { clock_.Advance(ns); }

  StoredCalls Stored();
  // What the watcher was told differs from what is stored; empty if not.
  std::string WatchedAmiss();
  // Of the ids handed out, those that no call answers to.
  std::vector<std::string> UnknownIds();
  const Watcher& watcher() const { return watcher_; }

 private:
  class Peer;
  struct Connection {
    std::shared_ptr<Peer> peer;
    uint64_t generation = 0;
    std::array<size_t, 2> sent = {};
  };

  void Open();
  void Close(bool orderly);
  void Connect(size_t sensor);
  uint64_t SpoolId(size_t sensor, size_t lane) const;
  std::vector<std::string> CallIds();

  const std::vector<SensorScript> scripts_;
  v1::CorrelateConfig config_;
  const fakes::TempDir dir_;
  fakes::FakeClock clock_;
  Watcher watcher_;
  std::vector<Connection> connections_;
  std::unique_ptr<collector::RocksDbStore> store_;
  std::unique_ptr<collector::Correlator> correlator_;
  fakes::OpenGate gate_;
  std::unique_ptr<collector::IngestPipeline> pipeline_;
};

}  // namespace callbraid::convergence

#endif  // CALLBRAID_TESTS_CONVERGENCE_COLLECTOR_UNDER_TEST_H_
