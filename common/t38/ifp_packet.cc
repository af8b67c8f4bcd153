#include "common/t38/ifp_packet.h"

#include "common/bytes/byte_reader.h"

namespace callbraid {
namespace {

constexpr uint8_t kHasData = 0x80;
constexpr uint8_t kIsData = 0x40;
constexpr uint8_t kIsExtended = 0x20;

// The last of those that later editions added.
constexpr uint8_t kLastIndicator = 22;
constexpr uint8_t kLastDataType = 14;
constexpr uint8_t kFirstExtendedData = 9;
constexpr uint8_t kFirstExtendedIndicator = 16;

constexpr uint8_t kFieldTypes = 8;

// Only these carry data, and data they must carry but the end of a signal.
bool MayHaveData(uint8_t type, bool has_data) {
  switch (static_cast<IfpFieldType>(type)) {
    case IfpFieldType::kHdlcData:
    case IfpFieldType::kNonEcmData:
      return has_data;
    case IfpFieldType::kNonEcmSigEnd:
      return true;
    default:
      return !has_data;
  }
}

bool AddField(uint8_t type, bool has_data, ByteReader& in, IfpPacket& packet) {
  IfpField field;
  field.type = type < kFieldTypes ? static_cast<IfpFieldType>(type)
                                  : IfpFieldType::kOther;
  if (has_data) field.data = in.Take(size_t{in.U16()} + 1);
  if (!in.ok() || packet.field_count == IfpPacket::kMaxFields) return false;
  packet.fields[packet.field_count++] = field;
  return true;
}

//  0 1 2 3 4 5 6 7                          0 1 2 3 4 5 6 7
// |d|0|type |0 0 0|, of a type of T.38 1998; |d|1|type (6) | of a later one
bool ReadFields(uint8_t count, ByteReader& in, IfpPacket& packet) {
  for (uint8_t i = 0; i < count; ++i) {
    const uint8_t head = in.U8();
    const bool has_data = head & kHasData;
    if (head & 0x40) {
      // Of V.8 and V.34 only.
      in.U8();
      if (packet.type < kFirstExtendedData) return false;
      if (!AddField(kFieldTypes, has_data, in, packet)) return false;
      continue;
    }
    const auto type = static_cast<uint8_t>(head >> 3 & 7);
    if ((head & 7) != 0 || !MayHaveData(type, has_data) ||
        !AddField(type, has_data, in, packet)) {
      return false;
    }
  }
  return in.ok();
}

// As the first edition has it: half a byte each, |d|type |, unless data follow.
bool ReadFieldsOf1998(uint8_t count, ByteReader& in, IfpPacket& packet) {
  uint8_t half = 0;
  bool has_half = false;
  for (uint8_t i = 0; i < count; ++i) {
    const bool is_second = has_half;
    if (!is_second) half = in.U8();
    const auto bits = static_cast<uint8_t>(is_second ? half & 0xf : half >> 4);
    const bool has_data = bits & 8;
    has_half = !is_second && !has_data;
    // Data begin with a byte of their own.
    if (has_data && !is_second && (half & 0xf) != 0) return false;
    const auto type = static_cast<uint8_t>(bits & 7);
    if (!MayHaveData(type, has_data) || !AddField(type, has_data, in, packet)) {
      return false;
    }
  }
  return in.ok() && (!has_half || (half & 0xf) == 0);
}

}  // namespace

//  0 1 2 3 4 5 6 7
// |d|0|0|indicator |0|      |d|0|1|0 0| indicator - 16 (6) | ...
// |d|1|0|type (4)  |0|      |d|1|1|0 0| type - 9 (6)       | ...
// then, if d: number of fields (8), fields.
std::optional<IfpPacket> ParseIfp(std::span<const uint8_t> bytes,
                                  bool to_the_end) noexcept {
  ByteReader in(bytes);
  IfpPacket packet;
  const uint8_t head = in.U8();
  packet.is_indicator = !(head & kIsData);
  if (head & kIsExtended) {
    const auto low = static_cast<uint8_t>((head << 2 & 0x3c) | (in.U8() >> 6));
    packet.type = static_cast<uint8_t>(low + (packet.is_indicator
                                                  ? kFirstExtendedIndicator
                                                  : kFirstExtendedData));
  } else {
    packet.type = head >> 1 & 0xf;
    if ((head & 1) != 0) return std::nullopt;
    if (!packet.is_indicator && packet.type >= kFirstExtendedData) {
      return std::nullopt;
    }
  }
  const bool has_fields = head & kHasData;
  if (!in.ok() || (packet.is_indicator && has_fields) ||
      packet.type > (packet.is_indicator ? kLastIndicator : kLastDataType)) {
    return std::nullopt;
  }
  if (has_fields) {
    const uint8_t count = in.U8();
    const IfpPacket begun = packet;
    ByteReader again = in;
    const auto fits = [to_the_end](const ByteReader& reader) {
      return reader.ok() && (!to_the_end || reader.rest().empty());
    };
    if (!ReadFields(count, in, packet) || !fits(in)) {
      packet = begun;
      in = again;
      if (!ReadFieldsOf1998(count, in, packet)) return std::nullopt;
    }
  }
  if (!in.ok() || (to_the_end && !in.rest().empty())) return std::nullopt;
  packet.size = bytes.size() - in.rest().size();
  return packet;
}

uint32_t IfpBitRate(uint8_t data_type) noexcept {
  static constexpr uint32_t kRates[] = {300,  2400, 4800,  7200, 9600,
                                        7200, 9600, 12000, 14400};
  if (data_type < std::size(kRates)) return kRates[data_type];
  return data_type == 13 ? 12000 : data_type == 14 ? 14400 : 0;
}

}  // namespace callbraid
