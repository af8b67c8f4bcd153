// SRTP with keys in SDP (RFC 3711, RFC 4568), from stored frames to samples.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/srtp_sender.h"
#include "tests/unit/collector/record/recorded_call.h"

namespace callbraid::collector {
namespace {

using testing::HasSubstr;

constexpr char kLeg[] = "leg";

// As the sensor saw them. Chunks made by hand have SSRC 0.
Packets Encrypted(Packets packets, const SrtpSender& sender, uint64_t roc = 0) {
  for (SentPacket& packet : packets) {
    std::string header("\x80\0", 2);
    for (const int shift : {8, 0}) {
      header.push_back(static_cast<char>(packet.sequence >> shift & 0xff));
    }
    for (const int shift : {24, 16, 8, 0}) {
      header.push_back(static_cast<char>(packet.timestamp >> shift & 0xff));
    }
    header.append(4, '\0');
    const std::string whole = sender.Protect(
        header, std::string(packet.payload.begin(), packet.payload.end()),
        roc << 16 | packet.sequence);
    packet.payload.assign(whole.begin() + 12, whole.end());
  }
  return packets;
}

struct Line {
  bool from_initiator = true;
  int64_t time_ns = kStart;
  std::string crypto;  // "1 AES_CM_128_HMAC_SHA1_80 inline:..."
};

// A dialog with one SDP message for each line.
void AddSignalling(RecordedCall& call, const std::vector<Line>& lines) {
  const ObservationId id = ObservationId::Of("dialog");
  v1::LegObservation& seen = *call.LegOf(kLeg).add_observations();
  seen.set_id(id.ToHex());
  seen.set_sensor("s1");
  CommitGroup group;
  ObservationUpsert& upsert = group.observations.emplace_back();
  upsert.id = id;
  upsert.observation.emplace();
  store::v1::Observation& observation = *upsert.observation;
  observation.set_id(std::string(id.bytes()));
  observation.set_sensor("s1");
  observation.set_first_time_ns(kStart);
  observation.mutable_dialog()->set_from_tag("a");
  observation.mutable_dialog()->add_media()->set_encrypted(true);
  for (const Line& line : lines) {
    const std::string sdp = absl::StrCat(
        "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 9 RTP/SAVP 0\r\na=crypto:",
        line.crypto, "\r\n");
    v1::CallFrame frame;
    frame.mutable_sip()->set_time_ns(line.time_ns);
    frame.mutable_sip()->set_message(absl::StrCat(
        line.from_initiator ? "INVITE sip:b@b SIP/2.0" : "SIP/2.0 200 OK",
        "\r\nFrom: <sip:a@a>;tag=a\r\nTo: <sip:b@b>;tag=b\r\nCall-ID: c\r\n"
        "CSeq: 1 INVITE\r\nContent-Type: application/sdp\r\nContent-Length: ",
        sdp.size(), "\r\n\r\n", sdp));
    FrameRecord& record = group.frames.emplace_back();
    record.observation = id;
    record.time_ns = line.time_ns;
    record.ordinal = static_cast<uint32_t>(group.frames.size());
    record.frame = frame.SerializeAsString();
    AddBucket(BucketOf(line.time_ns), *observation.mutable_bucket_ranges());
  }
  ASSERT_TRUE(call.store().Commit(group).ok());
}

v1::Stream& AddSecure(RecordedCall& call, v1::Side side,
                      const Packets& packets) {
  const bool caller = side == v1::SIDE_CALLER;
  v1::Stream& stream =
      call.AddStream(side, caller ? kA : kB, caller ? kB : kA, kLeg, 0);
  stream.set_encrypted(true);
  stream.set_encryption("SDES, AES_CM_128_HMAC_SHA1_80");
  call.Observe(stream, "s1", packets);
  return stream;
}

std::string Crypto(const SrtpSender& sender) {
  return absl::StrCat("1 AES_CM_128_HMAC_SHA1_80 ", sender.Inline());
}

class ToldSink final : public RecordingSink {
 public:
  void Tell(const std::vector<std::string>& findings) override {
    told = findings;
  }
  absl::Status Begin(uint64_t /*total_bytes*/) override {
    return absl::OkStatus();
  }
  absl::Status Write(std::string_view /*bytes*/) override {
    return absl::OkStatus();
  }
  std::vector<std::string> told;
};

std::vector<std::string> Told(RecordedCall& call) {
  ToldSink sink;
  EXPECT_TRUE(RenderCall(call.store(), call.record(), {}, sink).ok());
  return sink.told;
}

TEST(EncryptedCall, IsHeardOnBothSidesWithEachSendersKey) {
  const SrtpSender caller({}, 'a');
  const SrtpSender callee({}, 'k');
  const Packets left = Speech(100, 1);
  const Packets right = Speech(100, 2);
  RecordedCall call;
  AddSignalling(call, {{true, kStart - kSecond, Crypto(caller)},
                       {false, kStart - kSecond / 2, Crypto(callee)}});
  AddSecure(call, v1::SIDE_CALLER, Encrypted(left, caller));
  AddSecure(call, v1::SIDE_CALLEE, Encrypted(right, callee, 7));
  const Wav wav = call.Render();
  ASSERT_TRUE(wav.status.ok()) << wav.status;
  EXPECT_EQ(wav.left, Decoded(left));
  EXPECT_EQ(wav.right, Decoded(right));
  EXPECT_TRUE(Told(call).empty());
}

TEST(EncryptedCall, IsHeardAcrossNewKeys) {
  const SrtpSender first({}, 'a');
  const SrtpSender second({}, 'k');
  const Packets speech = Speech(200);
  Packets sent =
      Encrypted(Packets(speech.begin(), speech.begin() + 100), first);
  sent = sent + Encrypted(Packets(speech.begin() + 100, speech.end()), second);
  RecordedCall call;
  AddSignalling(call, {{true, kStart - kSecond, Crypto(first)},
                       {true, kStart + 2 * kSecond, Crypto(second)}});
  AddSecure(call, v1::SIDE_CALLER, sent);
  const Wav wav = call.Render();
  ASSERT_TRUE(wav.status.ok()) << wav.status;
  EXPECT_EQ(wav.left, Decoded(speech));
}

// Neither noise nor concealment, and not a sample shorter.
TEST(EncryptedCall, IsSilentWhereATagDoesNotVerify) {
  const SrtpSender sender({}, 'a');
  const Packets speech = Speech(150);
  Packets sent = Encrypted(speech, sender);
  for (size_t i = 50; i < 100; ++i) sent[i].payload[3] ^= 1;
  RecordedCall call;
  AddSignalling(call, {{true, kStart - kSecond, Crypto(sender)}});
  AddSecure(call, v1::SIDE_CALLER, sent);
  const Wav wav = call.Render();
  ASSERT_TRUE(wav.status.ok()) << wav.status;
  std::vector<int16_t> expected = Decoded(speech);
  std::fill(expected.begin() + 50 * 160, expected.begin() + 100 * 160, 0);
  EXPECT_EQ(wav.left, expected);
  ASSERT_EQ(Told(call).size(), 1u);
  EXPECT_THAT(Told(call)[0], HasSubstr("50 of 150 packets do not verify"));
}

TEST(EncryptedCall, HasSilenceOfTheRightLengthForWhatHasNoKey) {
  const SrtpSender caller({}, 'a');
  const SrtpSender unknown({}, 'x');
  const Packets left = Speech(50, 1);
  RecordedCall call;
  AddSignalling(call, {{true, kStart - kSecond, Crypto(caller)}});
  AddSecure(call, v1::SIDE_CALLER, Encrypted(left, caller));
  // A second and four: no key of the call fits.
  AddSecure(call, v1::SIDE_CALLEE,
            Encrypted(Speech(200, 2, kStart + kSecond), unknown));
  const Wav wav = call.Render();
  ASSERT_TRUE(wav.status.ok()) << wav.status;
  EXPECT_NEAR(static_cast<double>(wav.left.size()), 5 * 8000, 160);
  EXPECT_EQ(std::count(wav.right.begin(), wav.right.end(), 0),
            static_cast<ptrdiff_t>(wav.right.size()));
  ASSERT_EQ(Told(call).size(), 1u);
  EXPECT_THAT(Told(call)[0], HasSubstr("no key of the call's SDP fits"));
}

TEST(EncryptedCall, SaysWhyNothingCanBeHeard) {
  RecordedCall call;
  v1::Stream& stream = AddSecure(call, v1::SIDE_CALLER,
                                 Encrypted(Speech(50), SrtpSender({}, 'x')));
  stream.set_encryption("no key (DTLS-SRTP)");
  const absl::Status status = call.Render().status;
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("DTLS-SRTP"));
}

}  // namespace
}  // namespace callbraid::collector
