#include "collector/ingest/observation_folder.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "collector/store/observation_identity.h"
#include "common/media/withhold.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/call_frames.h"
#include "tests/fakes/memory_store.h"
#include "tests/fakes/read_only_store.h"

namespace callbraid::collector {
namespace {

using fakes::At;
using fakes::AudioSdp;
using fakes::CaptureFrame;
using fakes::kMs;
using fakes::kSecond;
using fakes::Reception;
using fakes::Sip;
using fakes::SipFrame;
using fakes::Stream;

const std::string kSensor = "s1";
const std::string kSite = "site";
const std::string kPoint = "eth0";
const FrameOrigin kOrigin{kSensor, kSite, kPoint};
const Endpoint kPhone = At("10.0.0.1", 5060);
const Endpoint kPbx = At("10.0.0.2", 5060);

// A store and the folder over it.
class Collector {
 public:
  explicit Collector(size_t capacity = 1000) : capacity_(capacity) {
    Restart();
  }
  FoldResult Fold(const v1::CallFrame& frame) {
    const auto result = folder_->Fold(kOrigin, frame, group_);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *result : FoldResult::kMalformed;
  }
  void Commit() {
    folder_->Collect(group_);
    EXPECT_TRUE(store_.Commit(group_).ok());
    group_ = {};
    folder_->Committed(0);
  }
  // What is not committed is lost.
  void Restart() {
    group_ = {};
    folder_ = std::make_unique<ObservationFolder>(store_, capacity_);
  }

  // Every observation, byte for byte, with its frames.
  std::map<std::string, std::string> Dump() {
    std::map<std::string, std::string> dump;
    const auto ids = store_.facts().Unsettled();
    for (const ObservationId& id : *ids) {
      const auto stored = store_.facts().GetObservation(id);
      EXPECT_TRUE(stored.ok()) << stored.status();
      if (!stored.ok()) continue;
      std::string& text = dump[id.ToHex()];
      text = stored->observation.DebugString() + stored->tally.DebugString();
      text += std::to_string(Frames(id)) + " frames";
      if (const auto rtcp = RtcpFramesId(stored->observation)) {
        text += ", RTCP " + std::to_string(Frames(*rtcp));
      }
    }
    return dump;
  }
  int Frames(const ObservationId& id) {
    int frames = 0;
    EXPECT_TRUE(store_.media()
                    .ReadFrames(id, {0, 0xffffffff},
                                [&frames](const FrameRecord&) {
                                  ++frames;
                                  return true;
                                })
                    .ok());
    return frames;
  }
  MemoryStore& store() { return store_; }
  CommitGroup& group() { return group_; }
  ObservationFolder& folder() { return *folder_; }

 private:
  const size_t capacity_;
  MemoryStore store_;
  CommitGroup group_;
  std::unique_ptr<ObservationFolder> folder_;
};

v1::CallFrame Rtcp(int64_t time_ns, uint32_t ssrc) {
  v1::CallFrame frame;
  v1::RtcpFrame& rtcp = *frame.mutable_rtcp();
  rtcp.set_time_ns(time_ns);
  *rtcp.mutable_source() = ToProto(At("10.0.0.1", 4001));
  *rtcp.mutable_destination() = ToProto(At("10.0.0.2", 4003));
  rtcp.set_ssrc(ssrc);
  rtcp.set_packet("rtcp" + std::to_string(time_ns));
  return frame;
}

// One capture: a call with everything, the same Call-ID again, a REGISTER; two
// streams with loss, reordering and duplicates. By lane, in capture order.
struct Capture {
  std::vector<v1::CallFrame> signalling;
  std::vector<v1::CallFrame> media;
};

void AddCall(int64_t start_ns, Capture& capture) {
  int64_t time_ns = start_ns;
  const auto say = [&](const Sip& sip, bool back = false) {
    time_ns += 100 * kMs;
    capture.signalling.push_back(back ? SipFrame(time_ns, kPbx, kPhone, sip)
                                      : SipFrame(time_ns, kPhone, kPbx, sip));
  };
  say({.sdp = AudioSdp("10.0.0.1", 4000)});
  say({.status = 401, .to_tag = "t0"}, true);
  say({.method = "ACK", .to_tag = "t0"});
  const Sip again = {
      .cseq = 2, .branch = "b2", .sdp = AudioSdp("10.0.0.1", 4000)};
  say(again);
  say(again);
  say({.status = 180, .to_tag = "t1", .cseq = 2}, true);
  say({.status = 200,
       .to_tag = "t1",
       .cseq = 2,
       .sdp = AudioSdp("10.0.0.2", 4002)},
      true);
  say({.method = "ACK", .to_tag = "t1", .cseq = 2});
  say({.from_tag = "t1",
       .to_tag = "from",
       .cseq = 9,
       .sdp = AudioSdp("10.0.0.2", 4002, "sendonly")},
      true);
  say({.status = 200, .from_tag = "t1", .to_tag = "from", .cseq = 9});
  say({.method = "BYE", .from_tag = "t1", .to_tag = "from", .cseq = 10}, true);
  say({.method = "BYE",
       .status = 200,
       .from_tag = "t1",
       .to_tag = "from",
       .cseq = 10});
}

Capture MakeCapture() {
  Capture capture;
  const Stream forth{.start_ns = 1001 * kSecond};
  const Stream back{.source = At("10.0.0.2", 4002),
                    .destination = At("10.0.0.1", 4000),
                    .ssrc = 0x77,
                    .start_ns = 1001 * kSecond + 3 * kMs};
  AddCall(1000 * kSecond, capture);
  capture.signalling.push_back(forth.Report(1001 * kSecond, false));
  for (int i = 0; i < 5; ++i) {
    capture.signalling.push_back(Rtcp((1002 + 5 * i) * kSecond, forth.ssrc));
    capture.signalling.push_back(
        Reception{.reporter = forth.ssrc,
                  .ssrc = back.ssrc,
                  .highest_sequence = static_cast<uint32_t>(65'580 + 250 * i),
                  .lost = i}
            .Frame((1003 + 5 * i) * kSecond));
    capture.signalling.push_back(CaptureFrame((1002 + 5 * i) * kSecond, false));
  }
  // 24 s, over three buckets; every seventh packet is lost, some come late.
  for (uint32_t chunk = 0; chunk < 48; ++chunk) {
    std::vector<uint32_t> indices;
    for (uint32_t i = 25 * chunk; i < 25 * chunk + 25; ++i) {
      if (i % 7 != 3) indices.push_back(i);
    }
    std::swap(indices[4], indices[5]);
    indices.push_back(indices.back());
    capture.media.push_back(forth.Chunk(indices));
    capture.media.push_back(back.Run(25 * chunk, 25 * chunk + 25));
  }
  AddCall(1030 * kSecond, capture);
  capture.signalling.push_back(
      SipFrame(1040 * kSecond, kPhone, kPbx,
               {.method = "REGISTER", .call_id = "r", .from_tag = "r"}));
  capture.signalling.push_back(
      back.Report(back.start_ns + 1199 * 20 * kMs, true));
  capture.signalling.push_back(CaptureFrame(1041 * kSecond, true));
  return capture;
}

TEST(ObservationFolder, FoldsACaptureIntoItsDialogsAndStreams) {
  const Capture capture = MakeCapture();
  Collector collector;
  for (const auto& frame : capture.signalling) collector.Fold(frame);
  for (const auto& frame : capture.media) collector.Fold(frame);
  collector.Commit();
  int dialogs = 0;
  int calls = 0;
  int streams = 0;
  int receptions = 0;
  for (const auto& [hex, text] : collector.Dump()) {
    const auto stored =
        collector.store().facts().GetObservation(*ObservationId::FromHex(hex));
    EXPECT_TRUE(stored->observation.final()) << text;
    EXPECT_EQ(stored->observation.site(), kSite);
    if (stored->observation.has_rtp()) {
      ++streams;
      EXPECT_EQ(stored->tally.statistics().expected(), 1200u);
      EXPECT_EQ(stored->tally.bucket_ranges_size(), 2);
      EXPECT_EQ(stored->observation.rtp().link().dscp(), 46u);
    } else if (stored->observation.has_reception()) {
      ++receptions;
      EXPECT_EQ(stored->observation.reception().reports(), 5u);
      EXPECT_EQ(stored->observation.reception().last().cumulative_lost(), 4);
    } else {
      ++dialogs;
      calls += stored->observation.dialog().method() == "INVITE";
    }
  }
  // The Call-ID is used twice.
  EXPECT_EQ(dialogs, 3);
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(streams, 2);
  EXPECT_EQ(receptions, 1);
}

// Law 1 and 2: however the frames are interleaved, committed, delivered again
// and again, and however often the collector dies in between.
TEST(ObservationFolder, AnySplitRestartAndRepetitionGivesTheSameBytes) {
  const Capture capture = MakeCapture();
  Collector reference;
  for (const auto& frame : capture.signalling) reference.Fold(frame);
  for (const auto& frame : capture.media) reference.Fold(frame);
  reference.Commit();
  const auto expected = reference.Dump();
  ASSERT_EQ(expected.size(), 6u);

  for (uint32_t seed = 0; seed < 60; ++seed) {
    std::mt19937 random(seed);
    Collector collector(/*capacity=*/seed % 3 == 0 ? 1 : 1000);
    // Per lane: what is next, and what a restart goes back to.
    size_t next[2] = {0, 0};
    size_t committed[2] = {0, 0};
    const std::vector<v1::CallFrame>* const lanes[2] = {&capture.signalling,
                                                        &capture.media};
    while (next[0] < lanes[0]->size() || next[1] < lanes[1]->size()) {
      const size_t lane = random() % 2;
      if (next[lane] < lanes[lane]->size()) {
        collector.Fold((*lanes[lane])[next[lane]++]);
      }
      switch (random() % 100) {
        case 0:
        case 1:
        case 2:
          collector.Commit();
          std::copy(next, next + 2, committed);
          break;
        case 3:
          collector.Restart();
          std::copy(committed, committed + 2, next);
          break;
        case 4:
          // Another spool with the same capture, from its beginning.
          next[lane] = 0;
          committed[lane] = std::min(committed[lane], next[lane]);
          break;
        default:
          break;
      }
    }
    collector.Commit();
    EXPECT_EQ(collector.Dump(), expected) << "seed " << seed;
  }
}

TEST(ObservationFolder, ReadsAFileTwiceWithoutAChange) {
  const Capture capture = MakeCapture();
  Collector collector;
  for (const auto& frame : capture.media) {
    EXPECT_EQ(collector.Fold(frame), FoldResult::kStored);
  }
  collector.Commit();
  collector.Restart();
  for (const auto& frame : capture.media) {
    EXPECT_EQ(collector.Fold(frame), FoldResult::kRepeated);
  }
  EXPECT_TRUE(collector.group().frames.empty());
}

TEST(ObservationFolder, TheEndOfTheCaptureConcernsItsCapturePointOnly) {
  Collector collector;
  const Stream stream;
  collector.Fold(stream.Run(0, 10));
  const std::string other_point = "eth1";
  ASSERT_TRUE(collector.folder()
                  .Fold({kSensor, kSite, other_point}, stream.Run(0, 10),
                        collector.group())
                  .ok());
  collector.Commit();
  collector.Fold(CaptureFrame(stream.start_ns + kSecond, true));
  collector.folder().Collect(collector.group());
  EXPECT_EQ(collector.group().observations.size(), 1u);
}

TEST(ObservationFolder, SeesThroughTheCodingOfMedia) {
  const Stream stream{};
  Collector plain;
  Collector coded;
  PayloadEncoder encoder;
  PayloadEncoder::History history;
  uint64_t saved = 0;
  for (uint32_t i = 0; i < 4; ++i) {
    v1::CallFrame frame = stream.Run(25 * i, 25 * i + 25);
    v1::MediaChunk& chunk = *frame.mutable_media();
    const size_t size = chunk.payload().size();
    for (size_t at = 0; at < size; ++at) {
      (*chunk.mutable_payload())[at] = static_cast<char>(at / 100 + i);
    }
    EXPECT_EQ(plain.Fold(frame), FoldResult::kStored);
    encoder.Encode(CodingEffort::kBest, history, chunk);
    ASSERT_NE(chunk.encoding(), v1::PAYLOAD_ENCODING_PLAIN);
    saved += size - chunk.payload().size();
    EXPECT_EQ(coded.Fold(frame), FoldResult::kStored);
    chunk.set_payload_size(chunk.payload_size() + 1);
    chunk.set_encoding(v1::PAYLOAD_ENCODING_PCMU_ZSTD);
    EXPECT_EQ(coded.Fold(frame), FoldResult::kMalformed);
  }
  plain.Commit();
  coded.Commit();
  EXPECT_EQ(coded.Dump(), plain.Dump());
  EXPECT_EQ(plain.folder().expanded_bytes(), 0u);
  EXPECT_EQ(coded.folder().expanded_bytes(), saved);
}

TEST(ObservationFolder, EvictsWhatIsCommittedOnly) {
  Collector collector(/*capacity=*/2);
  Stream stream;
  for (uint32_t i = 0; i < 10; ++i) {
    stream.ssrc = i;
    collector.Fold(stream.Run(0, 10));
  }
  EXPECT_EQ(collector.folder().open_observations(), 10u);
  collector.Commit();
  EXPECT_EQ(collector.folder().open_observations(), 2u);
  EXPECT_EQ(collector.Dump().size(), 10u);
}

TEST(ObservationFolder, ForgetsWhatHasBeenIdleForMinutes) {
  Collector collector;
  collector.Fold(Stream().Run(0, 10));
  collector.Commit();
  collector.folder().Committed(299 * kSecond);
  EXPECT_EQ(collector.folder().open_observations(), 1u);
  collector.folder().Committed(301 * kSecond);
  EXPECT_EQ(collector.folder().open_observations(), 0u);
}

TEST(ObservationFolder, ProgramsOnOneHostHaveDialogsOfTheirOwn) {
  Collector collector;
  const Endpoint caller = At("127.0.0.1", 5060);
  const Endpoint proxy = At("127.0.0.1", 5070);
  const Endpoint callee = At("127.0.0.1", 5080);
  collector.Fold(SipFrame(1 * kSecond, caller, proxy, {}));
  collector.Fold(SipFrame(2 * kSecond, proxy, callee, {}));
  collector.Fold(SipFrame(3 * kSecond, callee, proxy, {.status = 180}));
  collector.Fold(SipFrame(4 * kSecond, proxy, caller, {.status = 180}));
  collector.Commit();
  EXPECT_EQ(collector.Dump().size(), 2u);
}

TEST(ObservationFolder, CountsWhatBreaksTheRules) {
  Collector collector;
  const auto refuse = [&collector](const v1::CallFrame& frame) {
    EXPECT_EQ(collector.Fold(frame), FoldResult::kMalformed)
        << frame.ShortDebugString();
  };
  refuse({});
  v1::CallFrame sip = SipFrame(1, kPhone, kPbx, {});
  sip.mutable_sip()->set_time_ns(-1);
  refuse(sip);
  sip.mutable_sip()->set_time_ns(INT64_MAX);
  refuse(sip);
  sip = SipFrame(1, kPhone, kPbx, {});
  sip.mutable_sip()->mutable_source()->set_address("abc");
  refuse(sip);
  sip = SipFrame(1, kPhone, kPbx, {});
  sip.mutable_sip()->mutable_source()->set_port(65'536);
  refuse(sip);
  sip = SipFrame(1, kPhone, kPbx, {});
  sip.mutable_sip()->set_message("\r\n\r\n");
  refuse(sip);
  sip = SipFrame(1, kPhone, kPbx, {.sdp = std::string(65'536, 'x')});
  refuse(sip);
  v1::CallFrame media = Stream().Run(0, 5);
  media.mutable_media()->set_packet_count(6);
  refuse(media);
  media = Stream().Run(0, 5);
  media.mutable_media()->set_time_step(0);
  media.mutable_media()->add_time_deviations(INT64_MAX / 1000);
  for (int i = 0; i < 3; ++i) media.mutable_media()->add_time_deviations(0);
  refuse(media);
  media = Stream().Run(0, 5);
  media.mutable_media()->set_stream_start_ns(INT64_MIN);
  refuse(media);
  v1::CallFrame report = Stream().Report(1, false);
  report.mutable_stream()->mutable_link()->set_source_mac("12345");
  refuse(report);
  refuse(Rtcp(-5, 1));
  refuse(CaptureFrame(INT64_MIN, true));
  collector.folder().Collect(collector.group());
  EXPECT_TRUE(collector.group().frames.empty());
  EXPECT_TRUE(collector.group().observations.empty());
}

TEST(ObservationFolder, KeepsARunWhoseChunksWereDiscarded) {
  const Stream stream{.start_ns = 1001 * kSecond};
  Collector collector;
  collector.Fold(stream.Report(1005 * kSecond, /*final=*/false));
  collector.Commit();
  EXPECT_TRUE(collector.Dump().empty()) << "they may be on their way";
  v1::CallFrame report = stream.Report(1010 * kSecond, /*final=*/true);
  report.mutable_stream()->mutable_statistics()->set_packets(450);
  collector.Fold(report);
  collector.Commit();
  const auto ids = collector.store().facts().Unsettled();
  ASSERT_EQ(ids->size(), 1u);
  const auto stored = collector.store().facts().GetObservation(ids->front());
  EXPECT_EQ(stored->observation.rtp().ssrc(), stream.ssrc);
  EXPECT_EQ(stored->observation.first_time_ns(), 1001 * kSecond);
  EXPECT_EQ(stored->observation.last_time_ns(), 1010 * kSecond);
  EXPECT_TRUE(stored->observation.final());
  EXPECT_EQ(stored->tally.undelivered(), 450u);
  EXPECT_EQ(collector.folder().begun_observations(), 1u);
}

TEST(ObservationFolder, ForgetsThatNothingCameWhenItDoes) {
  const Stream stream{.start_ns = 1001 * kSecond};
  const auto report = stream.Report(1002 * kSecond, /*final=*/true);
  Collector in_order;
  in_order.Fold(stream.Run(0, 25));
  in_order.Fold(stream.Run(25, 50));
  in_order.Fold(report);
  in_order.Commit();
  for (const bool restart : {false, true}) {
    Collector collector;
    collector.Fold(report);
    if (restart) {
      collector.Commit();
      collector.Restart();
    }
    collector.Fold(stream.Run(0, 25));
    EXPECT_EQ(collector.Fold(stream.Run(25, 50)), FoldResult::kStored);
    EXPECT_EQ(collector.Fold(stream.Run(0, 25)), FoldResult::kRepeated);
    collector.Commit();
    EXPECT_EQ(collector.Dump(), in_order.Dump());
  }
}

// Frames of which the disk has lost a bit.
class DamagedFrames final : public ReadOnlyStore {
 public:
  using ReadOnlyStore::ReadOnlyStore;

 private:
  absl::Status ReadFrames(
      const ObservationId&, const std::vector<uint32_t>&,
      const std::function<bool(const FrameRecord&)>&) override {
    return absl::DataLossError("a block");
  }
  absl::StatusOr<std::string> GetFrame(const ObservationId&, int64_t,
                                       uint32_t) override {
    return absl::DataLossError("a block");
  }
};

TEST(ObservationFolder, GoesOnWithoutADamagedFrameThatIsDeliveredAfterAll) {
  const Stream stream{.start_ns = 1001 * kSecond};
  v1::CallFrame delivered = stream.Run(25, 50);
  v1::CallFrame bare = delivered;
  Withhold({}, *bare.mutable_media());
  delivered.mutable_media()->set_was_kept(true);
  Collector collector;
  collector.Fold(stream.Run(0, 25));
  collector.Fold(bare);
  collector.Commit();
  const auto before = collector.Dump();

  DamagedFrames damaged(collector.store());
  ObservationFolder folder(damaged, 1000);
  const auto result = folder.Fold(kOrigin, delivered, collector.group());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(*result, FoldResult::kRepeated);
  EXPECT_EQ(collector.Dump(), before);

  EXPECT_EQ(collector.Fold(delivered), FoldResult::kStored);
  collector.Commit();
  EXPECT_NE(collector.Dump(), before);
}

}  // namespace
}  // namespace callbraid::collector
