#include "tests/unit/collector/correlate/convergence.h"

#include <string>

#include "gtest/gtest.h"

// The calls that are stored are a function of the set of observations: however
// these are shuffled, split, repeated and interrupted, each call comes out the
// same, byte by byte.

namespace callbraid::collector {
namespace {

using fakes::Dialog;
using fakes::Stream;
using scenes::B2buaCall;
using scenes::ProxyCall;
using scenes::Spots;
using scenes::Variant;
using scenes::Wire;

class MediaWorld : public scenes::World {
 public:
  explicit MediaWorld(uint64_t seed) : World(seed) {
    for (int i = 0; i < 6; ++i) Add(ProxyCall(Next()));
    for (int i = 0; i < 6; ++i) Add(B2buaCall(Next()));
    for (int i = 0; i < 3; ++i) AddSplit(ProxyCall(Next()), 0, 1);
    // Only what other calls say of the clocks can join these.
    for (int i = 0; i < 3; ++i) AddSplit(ProxyCall(Next()), 0, 2);
    for (int i = 0; i < 3; ++i) AddSplit(ProxyCall(Next()), 2, 1);
    AddSplitPortReuse();
    AddRelayed();
    AddPortReuse();
    AddMusicOnHold();
    AddTestTool();
    AddCallIdReuse();
    AddHold();
    AddPaging();
    AddRefusedFork();
    AddMediaOnly();
  }

 private:
  // Signalling here, media there.
  void AddSplit(Wire wire, size_t signalling, size_t media) {
    Wire streams;
    streams.streams.swap(wire.streams);
    AddAt(wire, Spots()[signalling]);
    World::AddSplit(streams, Spots()[media]);
  }
  // The ports are used again as soon as they can be: without knowing the clocks
  // media would go to the wrong call.
  void AddSplitPortReuse() {
    Variant v = Next();
    for (int i = 0; i < 3; ++i) {
      Wire wire = ProxyCall(v);
      for (Dialog& dialog : wire.dialogs) {
        dialog.call_id += "-" + std::to_string(i);
      }
      for (Stream& stream : wire.streams) stream.content += 2 * i;
      AddSplit(wire, 0, 2);
      v.start_ms += v.talk_ms + 4000;
    }
  }
  void AddRelayed() {
    Wire wire = B2buaCall(Next());
    for (size_t i = 0; i < 2; ++i) {
      wire.streams[i + 2].ssrc = wire.streams[i].ssrc;
      wire.streams[i + 2].sequence = wire.streams[i].sequence;
      wire.streams[i + 2].timestamp = wire.streams[i].timestamp;
    }
    Add(wire);
  }
  void AddPortReuse() {
    Variant v = Next();
    for (int i = 0; i < 4; ++i) {
      Wire wire = ProxyCall(v);
      for (Dialog& dialog : wire.dialogs) {
        dialog.call_id += "-" + std::to_string(i);
        if (i == 1) dialog.end_ms = -1;
      }
      for (Stream& stream : wire.streams) stream.content += 2 * i;
      Add(wire);
      v.start_ms += v.talk_ms + 2500;
    }
  }
  void AddMusicOnHold() {
    for (int i = 0; i < 6; ++i) {
      Wire wire = B2buaCall(Next());
      wire.streams[3].content = 4711;
      wire.streams[3].content_offset = static_cast<uint64_t>(Any(50));
      Add(wire);
    }
  }
  // More streams of one content than a token may have.
  void AddTestTool() {
    const int64_t base = Any(60'000);
    for (int i = 0; i < 36; ++i) {
      const Variant v = {
          .number = 1100 + i, .start_ms = base + i * 900, .talk_ms = 6000};
      Wire wire = ProxyCall(v);
      wire.dialogs.pop_back();
      wire.streams.pop_back();
      wire.streams[0].ssrc = 0xdeadbeef;
      wire.streams[0].content = 99;
      wire.streams[0].sequence = 1;
      wire.streams[0].timestamp = 0;
      AddAt(wire, Spots()[0]);
      AddAt(wire, Spots()[1]);
    }
  }
  void AddCallIdReuse() {
    Variant v = Next();
    for (int i = 0; i < 2; ++i) {
      Wire wire = ProxyCall(v);
      for (Stream& stream : wire.streams) stream.content += 2 * i;
      AddAt(wire, Spots()[0]);
      AddAt(wire, Spots()[1]);
      AddAt(wire, Spots()[2]);
      v.start_ms += v.talk_ms + 2500;
    }
  }
  void AddHold() {
    Wire wire = ProxyCall(Next());
    Stream later = wire.streams[0];
    later.start_ms += later.packets * 20 + 9000;
    later.sequence = static_cast<uint16_t>(later.sequence + later.packets);
    later.timestamp += static_cast<uint32_t>(later.packets) * 160;
    later.content_offset = static_cast<uint64_t>(later.packets);
    for (Dialog& dialog : wire.dialogs) dialog.end_ms += 60'000;
    wire.streams.push_back(later);
    Add(wire);
  }
  void AddPaging() {
    Wire wire;
    for (int i = 0; i < 5; ++i) {
      Stream page;
      page.source = "10.0.7.1:4000";
      page.destination = "10.0.7." + std::to_string(i + 10) + ":5004";
      page.content = 31337;
      wire.streams.push_back(page);
    }
    AddAt(wire, Spots()[0]);
    AddAt(wire, Spots()[1]);
  }
  void AddRefusedFork() {
    Wire wire = ProxyCall(Next());
    Dialog refused = wire.dialogs[1];
    refused.responder = "10.0.8.1:5060";
    refused.answer_ms = -1;
    refused.end_ms = refused.invite_ms + 700;
    refused.end_reason = v1::END_REASON_REFUSED;
    refused.final_status = 486;
    wire.dialogs.push_back(refused);
    Add(wire);
  }
  void AddMediaOnly() {
    Wire wire = B2buaCall(Next());
    wire.dialogs.clear();
    Add(wire);
    Wire silent = ProxyCall(Next());
    silent.dialogs.clear();
    for (Stream& stream : silent.streams) stream.content = 0;
    AddAt(silent, Spots()[0]);
    AddAt(silent, Spots()[1]);
  }
};

class Convergence : public testing::TestWithParam<uint64_t> {};

TEST_P(Convergence, HoldsForAnyOrderSplitRepetitionAndRestart) {
  scenes::ExpectTheSameCalls<MediaWorld>(GetParam(), 2);
}

// Each a test of its own, for they take their time.
INSTANTIATE_TEST_SUITE_P(Worlds, Convergence, testing::Range<uint64_t>(1, 5));

}  // namespace
}  // namespace callbraid::collector
