#include "common/media/media_chunk.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <span>

namespace callbraid {
namespace {

// The step that the columns predict from: that of the first pair. Most streams
// keep it, and any choice is correct.
template <typename T>
T FirstStep(T first, T second) {
  return static_cast<T>(second - first);
}

template <typename Column>
bool AllZero(const Column& column) {
  return std::all_of(column.begin(), column.end(),
                     [](auto value) { return value == 0; });
}

// A column of the wire: absent when all as predicted, else one per packet but
// the first.
template <typename Column>
bool HasValidLength(const Column& column, uint32_t packets) {
  return column.empty() || static_cast<uint32_t>(column.size()) == packets - 1;
}

bool AscendingIndices(const google::protobuf::RepeatedField<uint32_t>& indices,
                      uint32_t packets) {
  for (int i = 0; i < indices.size(); ++i) {
    if (indices[i] >= packets) return false;
    if (i > 0 && indices[i] <= indices[i - 1]) return false;
  }
  return true;
}

// Whether the lengths and ranges of `chunk` fit together, payload aside.
bool IsSound(const v1::MediaChunk& chunk) {
  const uint32_t packets = chunk.packet_count();
  if (packets == 0 || packets > kMaxChunkPackets) return false;
  if (chunk.first_sequence() > 0xffff || chunk.payload_type() > 0x7f ||
      (chunk.time_unit_ns() != 1 && chunk.time_unit_ns() != 1000) ||
      chunk.payload().size() > kMaxChunkPayloadBytes) {
    return false;
  }
  const auto full = [packets](const auto& column) {
    return column.empty() || static_cast<uint32_t>(column.size()) == packets;
  };
  return HasValidLength(chunk.time_deviations(), packets) &&
         HasValidLength(chunk.sequence_deviations(), packets) &&
         HasValidLength(chunk.timestamp_deviations(), packets) &&
         full(chunk.payload_types()) && full(chunk.payload_sizes()) &&
         AscendingIndices(chunk.marker_indices(), packets) &&
         AscendingIndices(chunk.truncated_indices(), packets);
}

uint32_t PayloadSizeOf(const v1::MediaChunk& chunk, uint32_t packet) {
  return chunk.payload_sizes().empty()
             ? chunk.payload_size()
             : chunk.payload_sizes(static_cast<int>(packet));
}

// Of all packets together. Nullopt if more than a chunk may have.
std::optional<size_t> PayloadBytes(const v1::MediaChunk& chunk) {
  size_t sum = 0;
  for (uint32_t i = 0; i < chunk.packet_count(); ++i) {
    sum += PayloadSizeOf(chunk, i);
    if (sum > kMaxChunkPayloadBytes) return std::nullopt;
  }
  return sum;
}

bool IsWithheld(const v1::MediaChunk& chunk) {
  return chunk.encoding() == v1::PAYLOAD_ENCODING_KEPT;
}

// Samples are of packets in their order, and of what is withheld only.
bool AreSound(
    const google::protobuf::RepeatedPtrField<v1::PayloadSample>& samples,
    const v1::MediaChunk& chunk) {
  if (!IsWithheld(chunk)) return samples.empty();
  for (int i = 0; i < samples.size(); ++i) {
    if (samples[i].index() >= chunk.packet_count()) return false;
    if (i > 0 && samples[i].index() <= samples[i - 1].index()) return false;
  }
  return chunk.payload().empty() && !chunk.was_kept();
}

// Sum modulo 2^64: times from outside may be absurd, never undefined.
int64_t AddTime(int64_t base, uint64_t unit, uint64_t step, uint64_t index,
                int64_t deviation) {
  return static_cast<int64_t>(
      static_cast<uint64_t>(base) +
      unit * (step * index + static_cast<uint64_t>(deviation)));
}

}  // namespace

bool ChunkWriter::Append(int64_t time_ns, const RtpPacket& packet) {
  if (times_.size() >= kMaxChunkPackets ||
      payload_.size() + packet.payload.size() > kMaxChunkPayloadBytes) {
    return false;
  }
  constexpr uint8_t kPaddingBit = 0x20;
  if (!packet.extra_header.empty() || packet.padding > 0 ||
      (packet.first_byte & kPaddingBit) != 0) {
    v1::HeaderExtra& extra = extras_.emplace_back();
    extra.set_index(static_cast<uint32_t>(times_.size()));
    extra.set_first_byte(packet.first_byte);
    extra.set_header(packet.extra_header.data(), packet.extra_header.size());
    extra.set_padding(packet.padding);
  }
  times_.push_back(time_ns);
  headers_.push_back(
      {packet.timestamp, static_cast<uint32_t>(packet.payload.size()),
       packet.sequence, packet.payload_type, packet.marker, packet.truncated});
  payload_.append(reinterpret_cast<const char*>(packet.payload.data()),
                  packet.payload.size());
  return true;
}

void ChunkWriter::Finish(v1::MediaChunk& chunk) {
  const size_t packets = times_.size();
  const Header& first = headers_.front();
  chunk.set_first_time_ns(times_.front());
  chunk.set_first_sequence(first.sequence);
  chunk.set_first_timestamp(first.timestamp);
  chunk.set_packet_count(static_cast<uint32_t>(packets));
  chunk.set_payload_type(first.payload_type);
  chunk.set_payload_size(first.payload_size);
  chunk.set_encoding(v1::PAYLOAD_ENCODING_PLAIN);

  const bool microseconds =
      std::all_of(times_.begin(), times_.end(),
                  [](int64_t time) { return time % 1000 == 0; });
  const int64_t unit = microseconds ? 1000 : 1;
  chunk.set_time_unit_ns(static_cast<uint32_t>(unit));
  // The mean step: deviations then stay as small as the jitter.
  const int64_t span = times_.back() - times_.front();
  const int64_t mean =
      packets > 1 ? span / unit / static_cast<int64_t>(packets - 1) : 0;
  const auto time_step = static_cast<uint32_t>(
      std::clamp<int64_t>(mean, 0, std::numeric_limits<uint32_t>::max()));
  chunk.set_time_step(time_step);
  const uint32_t timestamp_step =
      packets > 1 ? FirstStep(first.timestamp, headers_[1].timestamp) : 0;
  chunk.set_timestamp_step(timestamp_step);

  bool same_type = true;
  bool same_size = true;
  for (size_t i = 0; i < packets; ++i) {
    const Header& header = headers_[i];
    same_type = same_type && header.payload_type == first.payload_type;
    same_size = same_size && header.payload_size == first.payload_size;
    if (header.marker) chunk.add_marker_indices(static_cast<uint32_t>(i));
    if (header.truncated) chunk.add_truncated_indices(static_cast<uint32_t>(i));
    if (i == 0) continue;
    chunk.add_time_deviations((times_[i] - times_.front()) / unit -
                              static_cast<int64_t>(time_step * i));
    chunk.add_sequence_deviations(static_cast<int16_t>(
        static_cast<uint16_t>(header.sequence - first.sequence - i)));
    chunk.add_timestamp_deviations(
        static_cast<int32_t>(header.timestamp - first.timestamp -
                             timestamp_step * static_cast<uint32_t>(i)));
  }
  if (AllZero(chunk.time_deviations())) chunk.clear_time_deviations();
  if (AllZero(chunk.sequence_deviations())) chunk.clear_sequence_deviations();
  if (AllZero(chunk.timestamp_deviations())) chunk.clear_timestamp_deviations();
  for (size_t i = 0; i < packets; ++i) {
    if (!same_type) chunk.add_payload_types(headers_[i].payload_type);
    if (!same_size) chunk.add_payload_sizes(headers_[i].payload_size);
  }
  for (v1::HeaderExtra& extra : extras_) {
    chunk.add_header_extras()->Swap(&extra);
  }
  chunk.set_payload(payload_);

  times_.clear();
  headers_.clear();
  extras_.clear();
  payload_.clear();
}

bool ReadChunk(const v1::MediaChunk& chunk, PayloadDecoder& decoder,
               std::vector<ChunkPacket>& packets) {
  packets.clear();
  if (!IsSound(chunk) || !AreSound(chunk.payload_samples(), chunk)) {
    return false;
  }
  const std::optional<size_t> bytes = PayloadBytes(chunk);
  if (!bytes) return false;
  const bool withheld = IsWithheld(chunk);
  auto payloads = withheld ? std::optional(std::span<const uint8_t>())
                           : decoder.Decode(chunk, *bytes);
  if (!payloads) return false;
  const uint32_t count = chunk.packet_count();
  packets.assign(count, {});

  std::span<const uint8_t> rest = *payloads;
  for (uint32_t i = 0; i < count; ++i) {
    ChunkPacket& packet = packets[i];
    const auto deviation = [i](const auto& column) {
      return i == 0 || column.empty() ? 0 : column[static_cast<int>(i) - 1];
    };
    packet.time_ns =
        AddTime(chunk.first_time_ns(), chunk.time_unit_ns(), chunk.time_step(),
                i, deviation(chunk.time_deviations()));
    packet.rtp.ssrc = chunk.ssrc();
    packet.rtp.sequence = static_cast<uint16_t>(
        chunk.first_sequence() + i +
        static_cast<uint32_t>(deviation(chunk.sequence_deviations())));
    packet.rtp.timestamp =
        chunk.first_timestamp() + i * chunk.timestamp_step() +
        static_cast<uint32_t>(deviation(chunk.timestamp_deviations()));
    const uint32_t type = chunk.payload_types().empty()
                              ? chunk.payload_type()
                              : chunk.payload_types(static_cast<int>(i));
    if (type > 0x7f) return false;
    packet.rtp.payload_type = static_cast<uint8_t>(type);
    packet.payload_size = PayloadSizeOf(chunk, i);
    packet.withheld = withheld;
    if (withheld) continue;
    packet.rtp.payload = rest.first(packet.payload_size);
    rest = rest.subspan(packet.payload_size);
  }
  for (const v1::PayloadSample& sample : chunk.payload_samples()) {
    packets[sample.index()].payload_hash = sample.hash();
  }
  if (withheld) packets.back().payload_hash_after = chunk.last_payload_hash();

  for (const uint32_t index : chunk.marker_indices()) {
    packets[index].rtp.marker = true;
  }
  for (const uint32_t index : chunk.truncated_indices()) {
    packets[index].rtp.truncated = true;
  }
  for (const v1::HeaderExtra& extra : chunk.header_extras()) {
    if (extra.index() >= count || extra.first_byte() > 0xff ||
        extra.padding() > 0xff) {
      return false;
    }
    RtpPacket& rtp = packets[extra.index()].rtp;
    rtp.first_byte = static_cast<uint8_t>(extra.first_byte());
    rtp.padding = static_cast<uint8_t>(extra.padding());
    rtp.extra_header = {reinterpret_cast<const uint8_t*>(extra.header().data()),
                        extra.header().size()};
  }
  return true;
}

}  // namespace callbraid
