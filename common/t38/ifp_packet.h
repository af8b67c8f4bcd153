#ifndef CALLBRAID_COMMON_T38_IFP_PACKET_H_
#define CALLBRAID_COMMON_T38_IFP_PACKET_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace callbraid {

// What a field of an IFP packet is (ITU-T T.38, section 7.3.3, table 3).
enum class IfpFieldType : uint8_t {
  kHdlcData,
  kHdlcSigEnd,
  kHdlcFcsOk,
  kHdlcFcsBad,
  kHdlcFcsOkSigEnd,
  kHdlcFcsBadSigEnd,
  kNonEcmData,
  kNonEcmSigEnd,
  // Of V.8 and V.34: nothing here reads them.
  kOther,
};

struct IfpField {
  IfpFieldType type = IfpFieldType::kOther;
  // As on the wire: the most significant bit was sent first.
  std::span<const uint8_t> data;
};

// One packet of the Internet facsimile protocol (ITU-T T.38, section 7): a
// signal that begins, or data of one.
//
// Spans point into the bytes that were parsed.
struct IfpPacket {
  static constexpr size_t kMaxFields = 32;

  // Of data: V.21 is what T.30 signals with, all others are image modems.
  static constexpr uint8_t kV21 = 0;

  // Else it is data.
  bool is_indicator = false;
  // The indicator (table 1), or what modem the data are of (table 2).
  uint8_t type = 0;
  // What it is long; more bytes may follow.
  size_t size = 0;
  uint8_t field_count = 0;
  std::array<IfpField, kMaxFields> fields = {};
};

// Reads both ways in which data fields were ever coded: as the first edition of
// T.38 (1998) has it, and as its corrigendum and all later editions do. Bytes
// tell them apart but for two of the ends of HDLC: FcsOkSigEnd may be FcsOk of
// 1998, and FcsOk may be SigEnd of 1998 (then no data is before it).
//
// Nullopt unless `bytes` begin with an IFP packet; with `to_the_end`, they must
// be no longer. Never allocates, throws or logs.
std::optional<IfpPacket> ParseIfp(std::span<const uint8_t> bytes,
                                  bool to_the_end = true) noexcept;

// How fast the modem is that sends data of this type (table 2), in bit/s; 0 if
// that is not fixed.
uint32_t IfpBitRate(uint8_t data_type) noexcept;

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_T38_IFP_PACKET_H_
