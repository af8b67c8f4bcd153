#include "collector/store/keys.h"

#include "collector/store/buckets.h"
#include "common/bytes/byte_reader.h"
#include "common/bytes/byte_writer.h"

namespace callbraid::collector {
namespace {

constexpr uint64_t kSignBit = uint64_t{1} << 63;

uint64_t Ascending(int64_t time_ns) {
  return static_cast<uint64_t>(time_ns) ^ kSignBit;
}
uint64_t Descending(int64_t time_ns) { return ~Ascending(time_ns); }
int64_t FromAscending(uint64_t bits) {
  return static_cast<int64_t>(bits ^ kSignBit);
}
int64_t FromDescending(uint64_t bits) { return FromAscending(~bits); }

std::span<const uint8_t> Bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

ObservationId TakeId(ByteReader& reader) {
  const auto bytes = reader.Take(16);
  return ObservationId::FromBytes(
             {reinterpret_cast<const char*>(bytes.data()), bytes.size()})
      .value_or(ObservationId());
}

bool Complete(const ByteReader& reader) {
  return reader.ok() && reader.rest().empty();
}

}  // namespace

std::string EncodeAccessTokenKey(std::string_view hash) {
  std::string key(kAccessTokenPrefix);
  key.append(hash);
  return key;
}

std::string EncodeSensorRecordKey(std::string_view id) {
  std::string key(kSensorRecordPrefix);
  key.append(id);
  return key;
}

std::string EncodeUserKey(std::string_view name) {
  std::string key(kUserPrefix);
  key.append(name);
  return key;
}

std::string EncodeAuditKey(uint64_t sequence) {
  std::string key(kAuditPrefix);
  ByteWriter(key).U64(sequence);
  return key;
}

std::string EncodeEventKey(uint64_t sequence) {
  std::string key(kEventPrefix);
  ByteWriter(key).U64(sequence);
  return key;
}

std::optional<uint64_t> DecodeEventKey(std::string_view key) {
  if (key.substr(0, kEventPrefix.size()) != kEventPrefix) return std::nullopt;
  return DecodeBe64(key.substr(kEventPrefix.size()));
}

std::string EncodeToldKey(const ObservationId& call) {
  std::string key("told\0", 5);
  key.append(call.bytes());
  return key;
}

std::string EncodeEventCursorKey(std::string_view reader) {
  std::string key(kEventCursorPrefix);
  key.append(reader);
  return key;
}

std::string EncodeNoteKey(const ObservationId& call) {
  std::string key(kNotePrefix);
  key.append(call.bytes());
  return key;
}

std::string EncodeHoldKey(const ObservationId& call) {
  std::string key(kHoldPrefix);
  key.append(call.bytes());
  return key;
}

std::optional<ObservationId> DecodeHoldKey(std::string_view key) {
  if (key.substr(0, kHoldPrefix.size()) != kHoldPrefix) return std::nullopt;
  return ObservationId::FromBytes(key.substr(kHoldPrefix.size()));
}

std::string EncodeTombstoneKey(const ObservationId& id) {
  std::string key(kTombstonePrefix);
  key.append(id.bytes());
  return key;
}

std::string EncodeTombstoneKey(Token token) {
  std::string key(kTombstonePrefix);
  ByteWriter(key).U64(token);
  return key;
}

std::string EncodePurgeKey(const ObservationId& call) {
  std::string key(kPurgePrefix);
  key.append(call.bytes());
  return key;
}

std::string NextPartOfIds(std::string_view key) {
  std::string next(key.substr(0, 2));
  next.resize(2, '\0');
  while (!next.empty() && next.back() == '\xff') next.pop_back();
  if (!next.empty()) ++next.back();
  return next;
}

std::string EncodeFrameKey(const ObservationId& observation, int64_t time_ns,
                           uint32_t ordinal) {
  std::string key = FramePrefix(BucketOf(time_ns), observation);
  ByteWriter writer(key);
  writer.U64(Ascending(time_ns));
  writer.U32(ordinal);
  return key;
}

std::string FramePrefix(uint32_t bucket, const ObservationId& observation) {
  std::string key;
  key.reserve(32);
  ByteWriter writer(key);
  writer.U32(bucket);
  writer.Bytes(observation.bytes());
  return key;
}

std::string AfterFrames(uint32_t bucket, const ObservationId& observation) {
  // Longer than any key of the observation, and not less.
  return FramePrefix(bucket, observation) + std::string(13, '\xff');
}

std::optional<FrameKey> DecodeFrameKey(std::string_view key) {
  ByteReader reader(Bytes(key));
  FrameKey frame;
  frame.bucket = reader.U32();
  frame.observation = TakeId(reader);
  frame.time_ns = FromAscending(reader.U64());
  frame.ordinal = reader.U32();
  if (!Complete(reader)) return std::nullopt;
  return frame;
}

std::string EncodeTokenKey(Token token, int64_t first_time_ns,
                           const ObservationId& observation) {
  std::string key = TokenSeekKey(token, first_time_ns);
  key.append(observation.bytes());
  return key;
}

std::string TokenSeekKey(Token token, int64_t newest_ns) {
  std::string key;
  key.reserve(32);
  ByteWriter writer(key);
  writer.U64(token);
  writer.U64(Descending(newest_ns));
  return key;
}

std::optional<TokenKey> DecodeTokenKey(std::string_view key) {
  ByteReader reader(Bytes(key));
  TokenKey token;
  token.token = reader.U64();
  token.first_time_ns = FromDescending(reader.U64());
  token.observation = TakeId(reader);
  if (!Complete(reader)) return std::nullopt;
  return token;
}

std::string EncodeCallTimeKey(const CallPosition& position) {
  std::string key = CallTimeSeekKey(position.start_ns);
  key.append(position.id.bytes());
  return key;
}

std::string CallTimeSeekKey(int64_t newest_ns) {
  return EncodeBe64(Descending(newest_ns));
}

std::optional<CallPosition> DecodeCallTimeKey(std::string_view key) {
  ByteReader reader(Bytes(key));
  CallPosition position;
  position.start_ns = FromDescending(reader.U64());
  position.id = TakeId(reader);
  if (!Complete(reader)) return std::nullopt;
  return position;
}

std::string EncodeCallNumberKey(std::string_view number,
                                const CallPosition& position) {
  std::string key(number);
  key.push_back('\0');
  key += EncodeCallTimeKey(position);
  return key;
}

std::string AfterNumber(std::string_view number) {
  std::string key(number);
  key.push_back('\1');
  return key;
}

std::optional<CallNumberKey> DecodeCallNumberKey(std::string_view key) {
  const size_t end = key.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  const auto position = DecodeCallTimeKey(key.substr(end + 1));
  if (!position) return std::nullopt;
  return CallNumberKey{key.substr(0, end), *position};
}

std::string EncodeWatermarkKey(std::string_view sensor, uint64_t spool_id) {
  std::string key(sensor);
  key.push_back('\0');
  ByteWriter(key).U64(spool_id);
  return key;
}

std::string EncodeCaptureEndKey(std::string_view sensor,
                                std::string_view capture_point) {
  std::string key(sensor);
  key.push_back('\0');
  key.append(capture_point);
  return key;
}

std::string EncodeCallCountKey(const CallCountKey& key) {
  return EncodeTime(key.start_ns) + key.site;
}

std::string CallCountSeekKey(int64_t start_ns) { return EncodeTime(start_ns); }

std::optional<CallCountKey> DecodeCallCountKey(std::string_view key) {
  const auto start_ns = DecodeTime(key.substr(0, sizeof(int64_t)));
  if (!start_ns) return std::nullopt;
  return CallCountKey{*start_ns, std::string(key.substr(sizeof(int64_t)))};
}

std::string EncodeBe32(uint32_t value) {
  std::string bytes;
  ByteWriter(bytes).U32(value);
  return bytes;
}

std::string EncodeBe64(uint64_t value) {
  std::string bytes;
  ByteWriter(bytes).U64(value);
  return bytes;
}

std::string EncodeTime(int64_t time_ns) {
  return EncodeBe64(Ascending(time_ns));
}

std::string EncodeUnsettledMark(const UnsettledMark& mark) {
  return EncodeBe64(mark.commit) + EncodeTime(mark.first_time_ns);
}

std::optional<UnsettledMark> DecodeUnsettledMark(std::string_view value) {
  ByteReader reader(Bytes(value));
  UnsettledMark mark;
  mark.commit = reader.U64();
  if (!reader.rest().empty()) mark.first_time_ns = FromAscending(reader.U64());
  if (!Complete(reader)) return std::nullopt;
  return mark;
}

std::optional<uint32_t> DecodeBe32(std::string_view bytes) {
  ByteReader reader(Bytes(bytes));
  const uint32_t value = reader.U32();
  if (!Complete(reader)) return std::nullopt;
  return value;
}

std::optional<uint64_t> DecodeBe64(std::string_view bytes) {
  ByteReader reader(Bytes(bytes));
  const uint64_t value = reader.U64();
  if (!Complete(reader)) return std::nullopt;
  return value;
}

std::optional<int64_t> DecodeTime(std::string_view bytes) {
  const auto bits = DecodeBe64(bytes);
  if (!bits) return std::nullopt;
  return FromAscending(*bits);
}

}  // namespace callbraid::collector
