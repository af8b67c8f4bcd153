#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/unit/collector/correlate/harness.h"
#include "tests/unit/collector/correlate/scenes.h"

// What looks like one call and is two. Each case is a false join that some
// recorder makes.

namespace callbraid::collector {
namespace {

using fakes::Dialog;
using fakes::kMs;
using fakes::kSecond;
using fakes::Reply;
using fakes::See;
using fakes::Spot;
using fakes::Stream;
using scenes::B2buaCall;
using scenes::ProxyCall;
using scenes::SeeAll;
using scenes::Variant;
using scenes::Wire;

const Spot kHere;

class MustNotMerge : public ::testing::Test {
 protected:
  ObservationId Add(const std::vector<StoredObservation>& seen) {
    braid_.Add(seen);
    return fakes::IdOf(seen.front());
  }
  void ExpectApart(const ObservationId& a, const ObservationId& b) {
    EXPECT_FALSE(braid_.Together(a, b));
  }
  Braid braid_;
};

TEST_F(MustNotMerge, OnePortInTheNextCallWhoseFirstByeWasLost) {
  Wire first = ProxyCall({.number = 1});
  first.dialogs[0].end_ms = first.dialogs[1].end_ms = -1;
  Wire second = ProxyCall({.number = 1, .start_ms = 30'000});
  for (Dialog& dialog : second.dialogs) dialog.call_id = "next";
  for (Stream& stream : second.streams) {
    stream.ssrc += 7;
    stream.content += 2;
  }
  ExpectApart(Add(SeeAll(first, kHere)), Add(SeeAll(second, kHere)));
}

TEST_F(MustNotMerge, OnePortAndOneSsrcInTheNextCall) {
  const Wire first = ProxyCall({.number = 1});
  Wire second = ProxyCall({.number = 1, .start_ms = 19'000});
  for (Dialog& dialog : second.dialogs) dialog.call_id = "next";
  for (Stream& stream : second.streams) stream.content += 2;
  ExpectApart(Add(SeeAll(first, kHere)), Add(SeeAll(second, kHere)));
}

TEST_F(MustNotMerge, ACallIdUsedAgainASecondLater) {
  const Wire first = ProxyCall({.number = 1});
  const Wire second = ProxyCall({.number = 1, .start_ms = 18'500});
  Wire other = second;
  for (Stream& stream : other.streams) {
    stream.ssrc += 9;
    stream.content += 2;
  }
  ExpectApart(Add(SeeAll(first, kHere)), Add(SeeAll(other, kHere)));
}

TEST_F(MustNotMerge, MusicOnHoldPlayedToTwoCallers) {
  Wire first = B2buaCall({.number = 1});
  Wire second = B2buaCall({.number = 2, .start_ms = 300});
  // Both hear the same from the PBX.
  first.streams[3].content = second.streams[3].content = 4711;
  ExpectApart(Add(SeeAll(first, kHere)), Add(SeeAll(second, kHere)));
}

TEST_F(MustNotMerge, AnAnnouncementAtTheBeginningOfEveryCall) {
  std::vector<ObservationId> calls;
  for (int i = 0; i < 4; ++i) {
    Wire wire = B2buaCall({.number = i, .start_ms = i * 700});
    wire.streams[3].content = 4711;
    calls.push_back(Add(SeeAll(wire, kHere)));
  }
  for (size_t i = 1; i < calls.size(); ++i) ExpectApart(calls[0], calls[i]);
}

TEST_F(MustNotMerge, OneFilePlayedByATestToolInEveryCall) {
  std::vector<ObservationId> calls;
  for (int i = 0; i < 6; ++i) {
    Wire wire = ProxyCall({.number = i, .start_ms = i * 100});
    for (Stream& stream : wire.streams) {
      stream.ssrc = 0xdeadbeef;
      stream.content = 99;
      stream.sequence = 1;
      stream.timestamp = 0;
    }
    wire.dialogs[0].initiator = "10.0.9.1:5060";
    wire.dialogs[1].responder = "10.0.9.2:5060";
    for (Dialog& dialog : wire.dialogs) {
      dialog.offer = "10.0.9.1:" + std::to_string(6000 + 2 * i);
      dialog.answer = "10.0.9.2:" + std::to_string(6000 + 2 * i);
    }
    wire.streams[0].source = wire.streams[1].destination =
        wire.dialogs[0].offer;
    wire.streams[0].destination = wire.streams[1].source =
        wire.dialogs[0].answer;
    calls.push_back(Add(SeeAll(wire, kHere)));
    Add(SeeAll(wire, {"s2", "eth0", "hq", 10 * kMs}));
  }
  for (size_t i = 1; i < calls.size(); ++i) ExpectApart(calls[0], calls[i]);
}

TEST_F(MustNotMerge, CallsThatAllNameOnePort) {
  std::vector<ObservationId> calls;
  for (int i = 0; i < 3; ++i) {
    Dialog dialog;
    dialog.call_id = "sipp-" + std::to_string(i);
    dialog.invite_ms = i * 10;
    calls.push_back(Add({See(dialog, kHere)}));
  }
  Add({See(Stream(), kHere)});
  ExpectApart(calls[0], calls[1]);
  ExpectApart(calls[1], calls[2]);
}

TEST_F(MustNotMerge, CallsOnHoldAtNoAddress) {
  Dialog first;
  Dialog second;
  second.call_id = "call-2";
  second.initiator = "10.0.0.2:5060";
  first.offer = second.offer = "0.0.0.0:4000";
  first.answer = second.answer = "0.0.0.0:4000";
  ExpectApart(Add({See(first, kHere)}), Add({See(second, kHere)}));
}

TEST_F(MustNotMerge, OneAddressInTwoSites) {
  const auto here = Add({See(Dialog(), kHere), See(Stream(), kHere)});
  Dialog there;
  there.call_id = "elsewhere";
  Stream stream;
  stream.ssrc = 5;
  stream.content = 5;
  const Spot branch = {"s2", "eth0", "branch"};
  const auto other = Add({See(there, branch), See(stream, branch)});
  ExpectApart(here, other);
}

TEST_F(MustNotMerge, SilenceWithOneSsrcInTwoSites) {
  Stream silence;
  silence.content = 0;
  ExpectApart(Add({See(silence, kHere)}),
              Add({See(silence, {"s2", "eth0", "branch"})}));
}

TEST_F(MustNotMerge, TwoCallsOfAlikeNumbersAtTheSameMinute) {
  ExpectApart(Add(SeeAll(ProxyCall({.number = 1}), kHere)),
              Add(SeeAll(ProxyCall({.number = 2}), kHere)));
}

TEST_F(MustNotMerge, ListenersOfAConferenceMix) {
  std::vector<ObservationId> calls;
  for (int i = 0; i < 4; ++i) {
    Wire wire = B2buaCall({.number = i});
    wire.dialogs.pop_back();
    wire.streams = {wire.streams[0], wire.streams[3]};
    // All hear the first one.
    wire.streams[1].content = B2buaCall({.number = 0}).streams[0].content;
    wire.streams[1].start_ms += 30;
    calls.push_back(Add(SeeAll(wire, kHere)));
  }
  for (size_t i = 1; i < calls.size(); ++i) ExpectApart(calls[0], calls[i]);
}

TEST_F(MustNotMerge, PagingToManyPhones) {
  std::vector<ObservationId> calls;
  for (int i = 0; i < 6; ++i) {
    Stream page;
    page.destination = "10.0.1." + std::to_string(i + 1) + ":5004";
    calls.push_back(Add({See(page, kHere)}));
  }
  for (size_t i = 1; i < calls.size(); ++i) ExpectApart(calls[0], calls[i]);
}

TEST_F(MustNotMerge, TheReverseOfTheNextCallOnFixedPorts) {
  Wire first = ProxyCall({.number = 1});
  Wire second = ProxyCall({.number = 1, .start_ms = 17'700});
  first.streams.pop_back();
  second.streams.erase(second.streams.begin());
  // The first goes on a little after its BYE.
  first.streams[0].packets += 100;
  for (Dialog& dialog : second.dialogs) dialog.call_id = "next";
  second.streams[0].ssrc += 1;
  second.streams[0].content += 2;
  ExpectApart(Add(SeeAll(first, kHere)), Add(SeeAll(second, kHere)));
}

}  // namespace
}  // namespace callbraid::collector
