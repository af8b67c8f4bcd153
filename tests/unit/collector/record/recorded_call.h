#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_RECORD_RECORDED_CALL_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_RECORD_RECORDED_CALL_H_

#include <algorithm>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "callbraid/store/v1/call_record.pb.h"
#include "callbraid/v1/frame.pb.h"
#include "collector/codecs/find_codec.h"
#include "collector/record/recorder.h"
#include "collector/store/buckets.h"
#include "collector/store/observation_id.h"
#include "common/media/media_chunk.h"
#include "common/media/withhold.h"
#include "common/net/endpoint.h"
#include "tests/fakes/memory_store.h"

// Calls made by hand and what is rendered of them; for a benchmark too, so
// without GoogleTest, which fails a test that throws.
namespace callbraid::collector {

inline constexpr int64_t kMs = 1'000'000;
inline constexpr int64_t kSecond = 1000 * kMs;
inline constexpr int64_t kStart = 1'700'000'000 * kSecond;

struct SentPacket {
  int64_t time_ns = 0;
  uint16_t sequence = 0;
  uint32_t timestamp = 0;
  uint8_t type = 0;
  std::vector<uint8_t> payload;
  bool truncated = false;
  // With all of its chunk.
  bool withheld = false;
};

using Packets = std::vector<SentPacket>;

// As SDP has it.
struct NamedCodec {
  int type = 0;
  std::string name;
  std::string fmtp = {};
};

// `count` packets of 20 ms G.711, each unlike the others; `seed` tells talkers
// apart. Loud, so that silence is seen.
inline Packets Speech(int count, int seed = 1, int64_t time_ns = kStart,
                      uint16_t sequence = 100, uint32_t timestamp = 8000) {
  Packets packets;
  for (int i = 0; i < count; ++i) {
    SentPacket packet;
    packet.time_ns = time_ns + i * 20 * kMs;
    packet.sequence = static_cast<uint16_t>(sequence + i);
    packet.timestamp = timestamp + static_cast<uint32_t>(160 * i);
    for (int j = 0; j < 160; ++j) {
      packet.payload.push_back(static_cast<uint8_t>(
          ((i * 31 + j * 7 + seed * 13) % 64) | (j % 2 == 0 ? 0x80 : 0)));
    }
    packets.push_back(std::move(packet));
  }
  return packets;
}

inline constexpr char kA[] = "10.0.0.1:4000";
inline constexpr char kB[] = "10.0.0.2:4000";

inline std::vector<int16_t> Decoded(const Packets& packets,
                                    const char* codec = "PCMU") {
  std::vector<int16_t> pcm;
  const auto decoder = FindCodec({codec}).codec->CreateDecoder();
  for (const SentPacket& packet : packets) {
    decoder->Decode(packet.payload, pcm);
  }
  return pcm;
}

inline std::vector<int16_t> Part(const std::vector<int16_t>& pcm, size_t begin,
                                 size_t end) {
  return {pcm.begin() + static_cast<ptrdiff_t>(begin),
          pcm.begin() + static_cast<ptrdiff_t>(end)};
}

inline Packets operator+(Packets a, const Packets& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

struct Wav {
  absl::Status status;
  int channels = 0;
  int sample_rate = 0;
  int begins = 0;
  uint64_t announced_bytes = 0;
  size_t largest_write = 0;
  uint64_t refused = 0;
  std::vector<std::string> findings;
  std::string bytes;
  std::vector<int16_t> left;
  std::vector<int16_t> right;
};

class WavSink final : public RecordingSink {
 public:
  explicit WavSink(Wav& wav) : wav_(wav) {}
  void Tell(const std::vector<std::string>& findings) override {
    wav_.findings = findings;
  }
  absl::Status Begin(uint64_t total_bytes) override {
    ++wav_.begins;
    wav_.announced_bytes = total_bytes;
    return absl::OkStatus();
  }
  absl::Status Write(std::string_view bytes) override {
    wav_.largest_write = std::max(wav_.largest_write, bytes.size());
    wav_.bytes.append(bytes);
    return absl::OkStatus();
  }
  void End(uint64_t refused_packets) override {
    wav_.refused = refused_packets;
  }

 private:
  Wav& wav_;
};

inline Wav RenderWav(Store& store, const store::v1::CallRecord& record,
                     const RecordingOptions& options = {}) {
  Wav wav;
  WavSink sink(wav);
  wav.status = RenderCall(store, record, options, sink);
  if (!wav.status.ok()) return wav;
  if (wav.begins != 1) throw std::logic_error("not begun once");
  if (wav.announced_bytes != wav.bytes.size()) {
    throw std::logic_error("not as long as announced");
  }
  const auto at = [&wav](size_t i) {
    return static_cast<uint16_t>(static_cast<uint8_t>(wav.bytes[i]) |
                                 static_cast<uint8_t>(wav.bytes[i + 1]) << 8);
  };
  wav.channels = at(22);
  wav.sample_rate = at(24);
  for (size_t i = 44; i + 1 < wav.bytes.size(); i += 2) {
    auto& side = (i - 44) / 2 % wav.channels == 0 ? wav.left : wav.right;
    side.push_back(static_cast<int16_t>(at(i)));
  }
  return wav;
}

// A call in a memory store, made by hand.
class RecordedCall {
 public:
  v1::Stream& AddStream(v1::Side side, const std::string& source,
                        const std::string& destination,
                        const std::string& leg = "", uint32_t ssrc = 1) {
    v1::Stream& stream = *record_.mutable_call()->add_streams();
    stream.set_id(
        ObservationId::Of(source + destination + leg + std::to_string(ssrc))
            .ToHex());
    stream.set_ssrc(ssrc);
    stream.set_source(source);
    stream.set_destination(destination);
    stream.set_leg_id(leg);
    stream.set_side(side);
    return stream;
  }

  // What `sensor` saw of the stream. Chunks of up to 25 packets, or half a
  // second, in the order given.
  void Observe(v1::Stream& stream, const std::string& sensor,
               const Packets& packets) {
    v1::StreamObservation& seen = *stream.add_observations();
    const ObservationId id = ObservationId::Of(
        sensor + stream.id() + std::to_string(stream.observations_size()));
    seen.set_id(id.ToHex());
    seen.set_sensor(sensor);
    seen.set_source(stream.source());
    seen.set_destination(stream.destination());
    if (!packets.empty() && stream.start_time().seconds() == 0) {
      stream.mutable_start_time()->set_seconds(packets[0].time_ns / kSecond);
      stream.mutable_start_time()->set_nanos(
          static_cast<int>(packets[0].time_ns % kSecond));
    }
    CommitGroup group;
    ObservationUpsert& upsert = group.observations.emplace_back();
    upsert.id = id;
    upsert.observation.emplace();
    upsert.observation->set_id(std::string(id.bytes()));
    upsert.observation->set_sensor(sensor);
    upsert.observation->set_first_time_ns(packets.empty() ? 0
                                                          : packets[0].time_ns);
    upsert.first_time_ns = upsert.observation->first_time_ns();
    upsert.tally.emplace();
    store::v1::RtpObservation& rtp = *upsert.observation->mutable_rtp();
    rtp.set_ssrc(stream.ssrc());
    for (size_t i = 0, next = 0; i < packets.size(); i = next) {
      while (next < packets.size() && next < i + 25 &&
             packets[next].time_ns - packets[i].time_ns < 500 * kMs) {
        ++next;
      }
      AddChunk(id, std::span(packets).subspan(i, next - i), rtp, *upsert.tally,
               group);
    }
    Must(store_.Commit(group).ok());
  }

  // SDP that `receiver` ("address:port") sent.
  void AddSdp(const std::string& leg_id, int64_t time_ns,
              const std::string& receiver,
              const std::vector<NamedCodec>& codecs) {
    v1::Leg& leg = LegOf(leg_id);
    v1::LegObservation& seen = *leg.add_observations();
    const ObservationId id = ObservationId::Of(
        leg_id + "sdp" + std::to_string(leg.observations_size()));
    seen.set_id(id.ToHex());
    CommitGroup group;
    ObservationUpsert& upsert = group.observations.emplace_back();
    upsert.id = id;
    upsert.observation.emplace();
    upsert.observation->set_id(std::string(id.bytes()));
    store::v1::SdpMedia& media =
        *upsert.observation->mutable_dialog()->add_media();
    media.set_time_ns(time_ns);
    *media.mutable_rtp() = ToProto(ParseEndpoint(receiver));
    media.set_kind("audio");
    for (const auto& [type, name, fmtp] : codecs) {
      store::v1::SdpCodec& codec = *media.add_codecs();
      codec.set_payload_type(static_cast<uint32_t>(type));
      codec.set_name(name);
      codec.set_clock_rate(8000);
      codec.set_fmtp(fmtp);
    }
    Must(store_.Commit(group).ok());
  }

  v1::Leg& LegOf(const std::string& leg_id) {
    for (v1::Leg& leg : *record_.mutable_call()->mutable_legs()) {
      if (leg.id() == leg_id) return leg;
    }
    v1::Leg& leg = *record_.mutable_call()->add_legs();
    leg.set_id(leg_id);
    return leg;
  }

  Wav Render(const RecordingOptions& options = {}) {
    return RenderWav(store_, record_, options);
  }

  MemoryStore& store() { return store_; }
  store::v1::CallRecord& record() { return record_; }

 private:
  // A call that cannot be made is a mistake in the test.
  static void Must(bool done) {
    if (!done) throw std::logic_error("the call cannot be made");
  }

  static Endpoint ParseEndpoint(const std::string& text) {
    const size_t colon = text.rfind(':');
    return {*IpAddress::Parse(text.substr(0, colon)),
            static_cast<uint16_t>(std::stoi(text.substr(colon + 1)))};
  }

  static void AddChunk(const ObservationId& id,
                       std::span<const SentPacket> packets,
                       store::v1::RtpObservation& rtp,
                       store::v1::RtpTally& tally, CommitGroup& group) {
    ChunkWriter writer;
    for (const SentPacket& packet : packets) {
      RtpPacket view;
      view.sequence = packet.sequence;
      view.timestamp = packet.timestamp;
      view.payload_type = packet.type;
      view.payload = packet.payload;
      view.truncated = packet.truncated;
      Must(writer.Append(packet.time_ns, view));
      if (std::none_of(tally.payload_types().begin(),
                       tally.payload_types().end(),
                       [&packet](const store::v1::PayloadTypeUse& use) {
                         return use.payload_type() == packet.type;
                       })) {
        tally.add_payload_types()->set_payload_type(packet.type);
      }
      if (rtp.anchors_size() < 64) {
        store::v1::PayloadAnchor& anchor = *rtp.add_anchors();
        uint64_t hash = 14695981039346656037u;
        for (const uint8_t byte : packet.payload) {
          hash = (hash ^ byte) * 1099511628211u;
        }
        anchor.set_payload_hash(hash);
        anchor.set_sequence(packet.sequence);
        anchor.set_timestamp(packet.timestamp);
      }
    }
    FrameRecord& record = group.frames.emplace_back();
    record.observation = id;
    record.time_ns = packets[0].time_ns;
    v1::CallFrame frame;
    writer.Finish(*frame.mutable_media());
    if (packets[0].withheld) Withhold({}, *frame.mutable_media());
    record.frame = frame.SerializeAsString();
    AddBucket(BucketOf(record.time_ns), *tally.mutable_bucket_ranges());
  }

  MemoryStore store_;
  store::v1::CallRecord record_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_RECORD_RECORDED_CALL_H_
