#include "collector/calls/stream_rating.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/correlate/harness.h"

// How well a call could be heard, by its observations alone.

namespace callbraid::collector {
namespace {

using fakes::Dialog;
using fakes::Reply;
using fakes::Report;
using fakes::See;
using fakes::Spot;
using fakes::Stream;

const Spot kHere;

constexpr double kBestG711 = 4.41;

Stream Losing(std::vector<int64_t> lost) {
  Stream stream;
  stream.lost = std::move(lost);
  return stream;
}

// Runs of `length` packets, one in each `every`.
Stream LosingRuns(int64_t length, int64_t every) {
  std::vector<int64_t> lost;
  for (int64_t i = every / 2; i < Stream().packets; i += every) {
    for (int64_t j = 0; j < length; ++j) lost.push_back(i + j);
  }
  return Losing(std::move(lost));
}

Stream Back() { return Reply(Stream(), 0x22222222, 2); }

// A call with one SIP dialog, as one capture point sees it.
v1::Call CallWith(const std::vector<Stream>& streams,
                  const Dialog& dialog = {}) {
  Braid braid;
  std::vector<StoredObservation> seen = {See(dialog, kHere)};
  for (const Stream& stream : streams) seen.push_back(See(stream, kHere));
  braid.Add(seen);
  const v1::Call call = braid.CallOf(fakes::IdOf(seen.front()));
  EXPECT_EQ(call.streams_size(), static_cast<int>(streams.size()));
  return call;
}

double MosOf(const Stream& stream) {
  const v1::Call call = CallWith({stream});
  EXPECT_TRUE(call.has_listening_mos());
  EXPECT_EQ(call.listening_mos(), call.streams(0).listening_mos());
  return call.listening_mos();
}

TEST(StreamRating, IsThatOfTheCodecWithoutLoss) {
  EXPECT_EQ(MosOf(Stream()), kBestG711);
  Stream g729;
  g729.payload_type = 18;
  EXPECT_EQ(MosOf(g729), 4.1);
}

TEST(StreamRating, FallsWithLossAndFurtherInRuns) {
  Stream two_percent;
  two_percent.lose_every = 50;
  EXPECT_EQ(MosOf(two_percent), 4.24);
  Stream at_random;
  at_random.lose_every = 10;
  EXPECT_LT(MosOf(at_random), MosOf(two_percent));
  EXPECT_LT(MosOf(LosingRuns(20, 200)), MosOf(at_random) - 0.1);
}

TEST(StreamRating, IsAbsentWhereNothingIsKnownOrTooLittleWasHeard) {
  Stream unknown;
  unknown.payload_type = 97;
  Stream brief;
  brief.packets = 49;
  for (const Stream& stream : {unknown, brief}) {
    const v1::Call call = CallWith({stream});
    EXPECT_FALSE(call.has_listening_mos());
    EXPECT_FALSE(call.streams(0).has_listening_mos());
  }
  brief.packets = 50;
  EXPECT_EQ(MosOf(brief), kBestG711);
  EXPECT_FALSE(CallWith({}).has_listening_mos());
}

TEST(StreamRating, OfACallIsThatOfItsWorstStream) {
  Stream lossy = Back();
  lossy.lose_every = 10;
  const v1::Call call = CallWith({Stream(), lossy});
  EXPECT_EQ(call.listening_mos(), std::min(call.streams(0).listening_mos(),
                                           call.streams(1).listening_mos()));
  EXPECT_LT(call.listening_mos(), 4);
}

TEST(StreamRating, CountsEncryptedStreams) {
  Dialog secure;
  secure.encrypted = true;
  const v1::Call call = CallWith({Stream()}, secure);
  EXPECT_TRUE(call.streams(0).encrypted());
  EXPECT_EQ(call.listening_mos(), kBestG711);
}

TEST(StreamRating, DoesNotCountWhatOtherCapturePointsSaw) {
  Braid braid;
  const Spot there = {.sensor = "s2"};
  const auto id = braid.Add(See(Losing({100, 101, 102, 103, 104}), kHere));
  braid.Add(See(Losing({500, 501, 502}), there));
  const v1::Stream stream = braid.CallOf(id).streams(0);
  EXPECT_EQ(stream.lost(), 0u);
  uint32_t on_hops = 0;
  for (const v1::Hop& hop : stream.hops()) on_hops += hop.network_lost();
  // What the farther one lacks was lost on the way to it.
  EXPECT_EQ(LostFurtherOn(stream), on_hops);
  EXPECT_GT(on_hops, 0u);
  EXPECT_LT(stream.listening_mos(), kBestG711);
}

TEST(StreamRating, CountsWhatTheReceiverSaysWasLostBehind) {
  Braid braid;
  const auto id = braid.Add(See(Stream(), kHere));
  EXPECT_EQ(braid.CallOf(id).listening_mos(), kBestG711);
  Report report;
  report.highest = static_cast<uint16_t>(Stream().sequence + 750);
  report.lost = 40;
  braid.Add(See(report, kHere));
  braid.Add(See(Back(), kHere));
  const v1::Call call = braid.CallOf(id);
  EXPECT_LT(call.listening_mos(), 4);
}

TEST(StreamRating, DoesNotCountWhatTheReceiverSaysHasArrived) {
  Braid braid;
  const Stream missed = LosingRuns(20, 200);
  const auto id = braid.Add(See(missed, kHere));
  EXPECT_LT(braid.CallOf(id).listening_mos(), 4);
  Report report;
  report.highest = static_cast<uint16_t>(Stream().sequence + 799);
  report.lost = 0;
  braid.Add(See(report, kHere));
  braid.Add(See(Back(), kHere));
  EXPECT_EQ(braid.CallOf(id).listening_mos(), kBestG711);
}

// The callee is put on hold and hears music, which the network loses.
class RatingOfHold : public testing::Test {
 protected:
  RatingOfHold() {
    music_.source = "10.0.0.50:7000";
    music_.ssrc = 0x33333333;
    music_.content = 3;
    music_.start_ms = 8100;
    music_.packets = 200;
    music_.lose_every = 6;
  }

  void Say(const std::string& direction, int64_t at_ms) {
    auto& dialog = *dialog_.observation.mutable_dialog();
    const store::v1::SdpMedia answer = dialog.media(1);
    auto& media = *dialog.add_media();
    media = answer;
    media.set_direction(direction);
    media.set_time_ns(kHere.Shows(at_ms));
  }

  v1::Call Braided(const std::vector<Stream>& streams) {
    Braid braid;
    std::vector<StoredObservation> seen = {dialog_};
    for (const Stream& stream : streams) seen.push_back(See(stream, kHere));
    braid.Add(seen);
    return braid.CallOf(fakes::IdOf(dialog_));
  }

  StoredObservation dialog_ = See(Dialog(), kHere);
  Stream music_;
};

TEST_F(RatingOfHold, MusicIsNoSpeech) {
  Say("recvonly", 8000);
  Say("sendrecv", 12'050);
  const v1::Call call = Braided({Stream(), music_});
  ASSERT_EQ(call.streams_size(), 2);
  EXPECT_LT(call.streams(1).listening_mos(), 4);
  EXPECT_EQ(call.listening_mos(), kBestG711);
}

TEST_F(RatingOfHold, WhoIsSpokenToAsWellIsAParty) {
  Say("recvonly", 8000);
  Say("sendrecv", 9000);
  EXPECT_LT(Braided({Stream(), music_}).listening_mos(), 4);
}

TEST_F(RatingOfHold, WithoutSdpItIsNotKnown) {
  EXPECT_LT(Braided({Stream(), music_}).listening_mos(), 4);
}

TEST_F(RatingOfHold, WhatIsNothingElseIsRatedAllTheSame) {
  Say("recvonly", 2050);
  EXPECT_EQ(Braided({Stream()}).listening_mos(), kBestG711);
}

}  // namespace
}  // namespace callbraid::collector
