// What a call makes of SDP with several media lines.
#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/unit/collector/correlate/harness.h"

namespace callbraid::collector {
namespace {

using fakes::Dialog;
using fakes::See;
using fakes::Spot;
using fakes::Stream;
using store::v1::SdpMedia;

const Spot kHere;
constexpr double kBestG711 = 4.41;

struct LineSpec {
  std::string endpoint;
  std::string kind = "audio";
  uint32_t payload_type = 8;
  std::string codec = "PCMA";
};

void AddLines(int64_t at_ms, bool from_initiator,
              const std::vector<LineSpec>& lines,
              store::v1::DialogObservation& dialog) {
  for (const LineSpec& spec : lines) {
    SdpMedia& media = *dialog.add_media();
    media.set_time_ns(kHere.Shows(at_ms));
    media.set_from_initiator(from_initiator);
    *media.mutable_rtp() = ToProto(fakes::At(spec.endpoint));
    media.set_kind(spec.kind);
    media.set_direction("sendrecv");
    auto& codec = *media.add_codecs();
    codec.set_payload_type(spec.payload_type);
    codec.set_name(spec.codec);
    codec.set_clock_rate(spec.kind == "video"   ? 90'000
                         : spec.codec == "opus" ? 48'000
                                                : 8000);
  }
}

// A dialog between these two, who say that of their media.
StoredObservation Saying(const std::vector<LineSpec>& offer,
                         const std::vector<LineSpec>& answer) {
  Dialog plain;
  plain.offer = "";
  plain.answer = "";
  StoredObservation seen = See(plain, kHere);
  auto& dialog = *seen.observation.mutable_dialog();
  AddLines(0, true, offer, dialog);
  AddLines(2000, false, answer, dialog);
  return seen;
}

Stream Sent(const std::string& source, const std::string& destination,
            uint32_t ssrc) {
  Stream stream;
  stream.source = source;
  stream.destination = destination;
  stream.ssrc = ssrc;
  stream.content = ssrc;
  return stream;
}

v1::Call CallOf(const StoredObservation& dialog,
                const std::vector<Stream>& streams) {
  std::vector<StoredObservation> seen = {dialog};
  for (const Stream& stream : streams) seen.push_back(See(stream, kHere));
  Braid all;
  all.Add(seen);
  const v1::Call call = all.CallOf(fakes::IdOf(dialog));
  EXPECT_EQ(call.streams_size(), static_cast<int>(streams.size()));
  // In whatever order.
  Braid one_by_one;
  std::reverse(seen.begin(), seen.end());
  for (const StoredObservation& one : seen) one_by_one.Add(one);
  v1::Call other = one_by_one.CallOf(fakes::IdOf(dialog));
  other.set_revision(call.revision());
  EXPECT_EQ(other.SerializeAsString(), call.SerializeAsString());
  return call;
}

const v1::Stream& StreamFrom(const v1::Call& call, const std::string& source) {
  for (const v1::Stream& stream : call.streams()) {
    if (stream.source() == source) return stream;
  }
  ADD_FAILURE() << "no stream from " << source;
  return v1::Stream::default_instance();
}

v1::Side SideFrom(const v1::Call& call, const std::string& source) {
  return StreamFrom(call, source).side();
}

// An exchange sends a call to a recorder, each party in a line of its own.
class TwoLinesOfOneSide : public testing::Test {
 protected:
  const std::vector<LineSpec> offer_ = {{"10.0.0.1:4000"}, {"10.0.0.1:4002"}};
  const std::vector<LineSpec> answer_ = {{"10.0.0.9:30000"},
                                         {"10.0.0.9:30002"}};
  const Stream first_ = Sent("10.0.0.1:4000", "10.0.0.9:30000", 1);
  const Stream second_ = Sent("10.0.0.1:4002", "10.0.0.9:30002", 2);
};

TEST_F(TwoLinesOfOneSide, AreTheTwoParties) {
  for (const bool is_copy : {true, false}) {
    StoredObservation dialog = Saying(offer_, answer_);
    dialog.observation.mutable_dialog()->set_is_copy(is_copy);
    const v1::Call call = CallOf(dialog, {first_, second_});
    EXPECT_EQ(SideFrom(call, "10.0.0.1:4000"), v1::SIDE_CALLER);
    EXPECT_EQ(SideFrom(call, "10.0.0.1:4002"), v1::SIDE_CALLEE);
    EXPECT_FALSE(HasFlag(call, v1::CALL_FLAG_ONE_WAY));
    EXPECT_EQ(call.ended_by(), v1::SIDE_CALLER);
  }
}

TEST_F(TwoLinesOfOneSide, AreTheTwoPartiesByTheOrderOfLines) {
  Stream first = first_;
  first.start_ms += 500;
  const v1::Call call = CallOf(Saying(offer_, {}), {first, second_});
  EXPECT_EQ(SideFrom(call, "10.0.0.1:4000"), v1::SIDE_CALLER);
  EXPECT_EQ(SideFrom(call, "10.0.0.1:4002"), v1::SIDE_CALLEE);
}

TEST_F(TwoLinesOfOneSide, AreNotWhereTheOtherSideSpeaks) {
  const Stream back = Sent("10.0.0.9:30000", "10.0.0.1:4000", 3);
  const v1::Call call =
      CallOf(Saying(offer_, answer_), {first_, second_, back});
  EXPECT_EQ(SideFrom(call, "10.0.0.1:4000"), v1::SIDE_CALLER);
  EXPECT_EQ(SideFrom(call, "10.0.0.1:4002"), v1::SIDE_CALLER);
  EXPECT_EQ(SideFrom(call, "10.0.0.9:30000"), v1::SIDE_CALLEE);
}

TEST_F(TwoLinesOfOneSide, AreNotWhereOneFollowsTheOther) {
  Stream second = second_;
  second.start_ms = first_.start_ms + 20 * first_.packets + 1000;
  second.packets = 50;
  const v1::Call call = CallOf(Saying(offer_, answer_), {first_, second});
  EXPECT_EQ(SideFrom(call, "10.0.0.1:4002"), v1::SIDE_CALLER);
}

TEST_F(TwoLinesOfOneSide, AThirdIsNobody) {
  std::vector<LineSpec> offer = offer_;
  offer.push_back({"10.0.0.1:4004"});
  const Stream third = Sent("10.0.0.1:4004", "10.0.0.9:30004", 3);
  const v1::Call call = CallOf(Saying(offer, {}), {first_, second_, third});
  EXPECT_EQ(SideFrom(call, "10.0.0.1:4002"), v1::SIDE_CALLEE);
  EXPECT_EQ(SideFrom(call, "10.0.0.1:4004"), v1::SIDE_CALLER);
}

TEST_F(TwoLinesOfOneSide, APictureIsNoVoice) {
  const std::vector<LineSpec> offer = {{"10.0.0.1:4000"},
                                       {"10.0.0.1:4002", "video", 96, "H264"}};
  const v1::Call call = CallOf(Saying(offer, {}), {first_, second_});
  EXPECT_EQ(SideFrom(call, "10.0.0.1:4002"), v1::SIDE_CALLER);
  EXPECT_TRUE(HasFlag(call, v1::CALL_FLAG_ONE_WAY));
}

// Audio and video, each with payload type 96 of its own.
class VideoCall : public testing::Test {
 protected:
  VideoCall() {
    for (Stream* stream : {&voice_, &picture_, &voice_back_}) {
      stream->payload_type = 96;
    }
  }
  const std::vector<LineSpec> offer_ = {{"10.0.0.1:4000", "audio", 96, "opus"},
                                        {"10.0.0.1:4002", "video", 96, "VP8"}};
  const std::vector<LineSpec> answer_ = {
      {"10.0.0.9:30000", "audio", 96, "opus"},
      {"10.0.0.9:30002", "video", 96, "VP8"}};
  Stream voice_ = Sent("10.0.0.1:4000", "10.0.0.9:30000", 1);
  Stream picture_ = Sent("10.0.0.1:4002", "10.0.0.9:30002", 2);
  Stream voice_back_ = Sent("10.0.0.9:30000", "10.0.0.1:4000", 3);
};

TEST_F(VideoCall, EachStreamHasTheCodecOfItsLine) {
  for (const bool answered : {true, false}) {
    const v1::Call call =
        CallOf(Saying(offer_, answered ? answer_ : std::vector<LineSpec>()),
               {voice_, picture_, voice_back_});
    EXPECT_EQ(StreamFrom(call, "10.0.0.1:4000").codec(), "opus");
    EXPECT_EQ(StreamFrom(call, "10.0.0.1:4002").codec(), "VP8");
    EXPECT_EQ(StreamFrom(call, "10.0.0.9:30000").codec(), "opus");
    EXPECT_FALSE(HasFlag(call, v1::CALL_FLAG_UNKNOWN_CODEC));
  }
}

TEST_F(VideoCall, APictureIsNotRated) {
  std::vector<LineSpec> offer = {{"10.0.0.1:4000"},
                                 {"10.0.0.1:4002", "video", 8, "PCMA"}};
  std::vector<LineSpec> answer = {{"10.0.0.9:30000"},
                                  {"10.0.0.9:30002", "video", 8, "PCMA"}};
  Stream voice = voice_;
  Stream picture = picture_;
  voice.payload_type = picture.payload_type = 8;
  picture.lose_every = 6;
  const v1::Call call = CallOf(Saying(offer, answer), {voice, picture});
  EXPECT_FALSE(StreamFrom(call, "10.0.0.1:4002").has_listening_mos());
  EXPECT_EQ(call.listening_mos(), kBestG711);
}

// Some senders use their own numbers, and say so from behind an address
// translator.
TEST_F(VideoCall, WhatTheReceiverDoesNotNameALineOfItsKindDoes) {
  std::vector<LineSpec> offer = {{"192.168.0.1:5002", "video", 96, "VP8"},
                                 {"192.168.0.1:5000", "audio", 96, "opus"}};
  const v1::Call call = CallOf(
      Saying(offer, {{"10.0.0.9:30000", "audio", 97, "speex"}}), {voice_});
  EXPECT_EQ(call.streams(0).codec(), "opus");
}

// Of one stream of a call in which nothing else is odd.
bool LacksDecoder(const std::string& codec, const std::string& kind = "audio") {
  Stream stream = Sent("10.0.0.1:4000", "10.0.0.9:30000", 1);
  stream.payload_type = 97;
  const v1::Call call =
      CallOf(Saying({{"10.0.0.1:4000"}}, {{"10.0.0.9:30000", kind, 97, codec}}),
             {stream});
  return HasFlag(call, v1::CALL_FLAG_UNKNOWN_CODEC);
}

TEST(UnknownCodec, IsSaidOfAudioAlone) {
  EXPECT_TRUE(LacksDecoder("EVS"));
  EXPECT_FALSE(LacksDecoder("speex"));
  for (const char* name : {"H264", "VP8", "CN", "telephone-event", "ulpfec",
                           "rtx", "X-NSE", "flexfec"}) {
    EXPECT_FALSE(LacksDecoder(name)) << name;
  }
  EXPECT_FALSE(LacksDecoder("x-picture", "video"));
  EXPECT_FALSE(LacksDecoder("H224", "application"));
  EXPECT_FALSE(LacksDecoder("t140", "text"));
}

TEST(UnknownCodec, IsNotSaidOfStaticTypesThatAreNoAudio) {
  for (const uint32_t type : {13u, 31u, 34u}) {
    Stream stream;
    stream.payload_type = type;
    Braid braid;
    const auto id = braid.Add(See(stream, kHere));
    EXPECT_FALSE(HasFlag(braid.CallOf(id), v1::CALL_FLAG_UNKNOWN_CODEC))
        << type;
  }
}

}  // namespace
}  // namespace callbraid::collector
