#ifndef CALLBRAID_COMMON_H323_PER_TYPE_H_
#define CALLBRAID_COMMON_H323_PER_TYPE_H_

#include <cstdint>
#include <span>
#include <string_view>

// Types of ASN.1 (ITU-T X.680), as far as H.225.0 and H.245 need them, as
// constants that DecodePer() walks along. Of what nobody asks for there is only
// what it takes to step over it.

namespace callbraid {

enum class PerKind : uint8_t {
  kNull,
  kBoolean,
  kInteger,           // Of `low` to `high`.
  kUnboundedInteger,  // Of any size.
  kEnumerated,        // `high` + 1 values.
  kBitString,         // Of `low` to `high` bits.
  kOctetString,       // Of `low` to `high` bytes.
  kObjectIdentifier,
  kString,  // Of `low` to `high` characters out of `alphabet`, or 16-bit ones.
  kSequence,
  kSequenceOf,  // Of `low` to `high` times the one field.
  kChoice,
  // Whatever is left, from the next byte on, of the extension that this is in,
  // or else of all. Decoding of that ends here.
  kRest,
  // Where nobody goes on from: decoding ends here, and what was read stays.
  kEnd,
};

// No upper bound.
inline constexpr int64_t kUnbounded = -1;

struct PerType;

// A component of a SEQUENCE, or an alternative of a CHOICE.
struct PerField {
  constexpr explicit(false)
      PerField(const PerType& field_type, uint8_t field_tag = 0)
      : type(&field_type), tag(field_tag) {}

  const PerType* type;
  // What it is found by, of H323Tag. 0: what is in it that has one belongs to
  // what it is in.
  uint8_t tag;
  bool optional = false;
};

constexpr PerField Optional(const PerType& type, uint8_t tag = 0) {
  PerField field(type, tag);
  field.optional = true;
  return field;
}

// An extension addition that is of interest. The others are passed over.
struct PerAddition {
  uint8_t index;
  PerField field;
};

struct PerType {
  PerKind kind = PerKind::kNull;
  // Has an extension marker, "...".
  bool extensible = false;
  int64_t low = 0;
  int64_t high = kUnbounded;
  // Characters of a kString in the order of their codes; empty: 8 bits each.
  std::string_view alphabet = {};
  uint8_t character_bits = 8;
  std::span<const PerField> fields = {};
  std::span<const PerAddition> additions = {};
};

namespace per {

constexpr PerType Integer(int64_t low, int64_t high) {
  return {.kind = PerKind::kInteger, .low = low, .high = high};
}
constexpr PerType ExtensibleInteger(int64_t low, int64_t high) {
  return {
      .kind = PerKind::kInteger, .extensible = true, .low = low, .high = high};
}
constexpr PerType Octets(int64_t low = 0, int64_t high = kUnbounded) {
  return {.kind = PerKind::kOctetString, .low = low, .high = high};
}
constexpr PerType Bits(int64_t low, int64_t high) {
  return {.kind = PerKind::kBitString, .low = low, .high = high};
}
constexpr PerType Text(int64_t low = 0, int64_t high = kUnbounded) {
  return {.kind = PerKind::kString, .low = low, .high = high};
}
// `alphabet` has at most 16 characters.
constexpr PerType TextOf(std::string_view alphabet, int64_t low, int64_t high) {
  return {.kind = PerKind::kString,
          .low = low,
          .high = high,
          .alphabet = alphabet,
          .character_bits = 4};
}
constexpr PerType WideText(int64_t low, int64_t high) {
  return {
      .kind = PerKind::kString, .low = low, .high = high, .character_bits = 16};
}
constexpr PerType SequenceOf(std::span<const PerField, 1> element,
                             int64_t low = 0, int64_t high = kUnbounded) {
  return {.kind = PerKind::kSequenceOf,
          .low = low,
          .high = high,
          .fields = element};
}
constexpr PerType Sequence(std::span<const PerField> fields) {
  return {.kind = PerKind::kSequence, .fields = fields};
}
constexpr PerType ExtensibleSequence(
    std::span<const PerField> fields,
    std::span<const PerAddition> additions = {}) {
  return {.kind = PerKind::kSequence,
          .extensible = true,
          .fields = fields,
          .additions = additions};
}
constexpr PerType Choice(std::span<const PerField> fields) {
  return {.kind = PerKind::kChoice, .fields = fields};
}
constexpr PerType ExtensibleChoice(
    std::span<const PerField> fields,
    std::span<const PerAddition> additions = {}) {
  return {.kind = PerKind::kChoice,
          .extensible = true,
          .fields = fields,
          .additions = additions};
}

inline constexpr PerType kNull = {};
inline constexpr PerType kBoolean = {.kind = PerKind::kBoolean};
inline constexpr PerType kAnyInteger = {.kind = PerKind::kUnboundedInteger};
inline constexpr PerType kObjectIdentifier = {.kind =
                                                  PerKind::kObjectIdentifier};
inline constexpr PerType kRest = {.kind = PerKind::kRest};
inline constexpr PerType kEnd = {.kind = PerKind::kEnd};
inline constexpr PerType kU8 = Integer(0, 255);
inline constexpr PerType kU16 = Integer(0, 65'535);
inline constexpr PerType kU32 = Integer(0, 4'294'967'295);
inline constexpr PerType kAnyOctets = Octets();

// Alternatives or components that hold nothing.
inline constexpr PerField kNulls[] = {
    kNull, kNull, kNull, kNull, kNull, kNull, kNull, kNull, kNull, kNull,
    kNull, kNull, kNull, kNull, kNull, kNull, kNull, kNull, kNull, kNull};
inline constexpr PerField kBooleans[] = {
    kBoolean, kBoolean, kBoolean, kBoolean, kBoolean, kBoolean, kBoolean,
    kBoolean, kBoolean, kBoolean, kBoolean, kBoolean, kBoolean, kBoolean,
    kBoolean, kBoolean, kBoolean, kBoolean, kBoolean, kBoolean};

// A choice of `count` words, to be extended.
constexpr PerType Words(size_t count) {
  return ExtensibleChoice(std::span(kNulls).first(count));
}

}  // namespace per

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_H323_PER_TYPE_H_
