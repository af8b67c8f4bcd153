#include "common/h323/per_decoder.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "common/h323/bit_reader.h"

namespace callbraid {
namespace {

constexpr int kMaxDepth = 32;
constexpr int kMaxValues = 4'096;
// More in one list or bitmap is nothing that H.323 has.
constexpr uint64_t kMaxItems = 4'096;
// From here on a constrained number is preceded by its length (X.691, 10.5.7).
constexpr uint64_t kMaxPlainRange = 65'536;

enum class End : uint8_t { kNone, kStopped, kMalformed };

class Decoder {
 public:
  PerDecoded Decode(const PerType& type, std::string_view bytes) {
    BitReader in(bytes);
    PerDecoded decoded;
    const End end = Read(in, type, &decoded.value, decoded.value, 0);
    if (end == End::kMalformed) Damage(in);
    decoded.complete = !damaged_;
    decoded.unread = std::move(unread_);
    return decoded;
  }

 private:
  void Damage(const BitReader& in);
  // `own`: the value that `type` has a tag for; null if it has none. `into`:
  // where the values in it go.
  End Read(BitReader& in, const PerType& type, PerValue* own, PerValue& into,
           int depth);
  End ReadField(BitReader& in, const PerField& field, PerValue& into,
                int depth);
  End ReadSequence(BitReader& in, const PerType& type, PerValue& into,
                   int depth);
  End ReadAdditions(BitReader& in, const PerType& type, PerValue& into,
                    int depth);
  End ReadSequenceOf(BitReader& in, const PerType& type, PerValue& into,
                     int depth);
  End ReadChoice(BitReader& in, const PerType& type, PerValue* own,
                 PerValue& into, int depth);
  void ReadOpen(BitReader& in, const PerType& type, size_t index,
                PerValue& into, int depth);
  static void ReadString(BitReader& in, const PerType& type, PerValue* own);
  static void ReadOctets(BitReader& in, const PerType& type, PerValue* own);
  static void ReadBits(BitReader& in, const PerType& type);
  static uint64_t ReadInteger(BitReader& in, const PerType& type);

  static uint64_t Constrained(BitReader& in, uint64_t low, uint64_t high);
  static uint64_t SmallNumber(BitReader& in);
  static std::optional<uint64_t> Length(BitReader& in);
  static std::optional<uint64_t> SizeOf(BitReader& in, const PerType& type);

  int values_ = 0;
  // Something was cut off or malformed.
  bool damaged_ = false;
  std::vector<std::string_view> unread_;
};

void Decoder::Damage(const BitReader& in) {
  damaged_ = true;
  const std::string_view unread = in.Unread();
  if (!unread.empty()) unread_.push_back(unread);
}

// X.691, 10.5.
uint64_t Decoder::Constrained(BitReader& in, uint64_t low, uint64_t high) {
  const uint64_t range = high - low + 1;
  if (range == 1) return low;
  if (range < 256) return low + in.Bits(std::bit_width(range - 1));
  if (range <= kMaxPlainRange) {
    in.Align();
    return low + in.Bits(range == 256 ? 8 : 16);
  }
  const uint64_t most = (std::bit_width(range - 1) + 7) / 8;
  const uint64_t size = Constrained(in, 1, most);
  in.Align();
  return low + in.Bits(std::min<uint64_t>(size, 8) * 8);
}

// X.691, 10.6.
uint64_t Decoder::SmallNumber(BitReader& in) {
  if (!in.Bit()) return in.Bits(6);
  const auto size = Length(in);
  return size && *size <= 8 ? in.Bits(*size * 8) : kMaxItems;
}

// X.691, 10.9; nullopt for fragments.
std::optional<uint64_t> Decoder::Length(BitReader& in) {
  in.Align();
  if (!in.Bit()) return in.Bits(7);
  if (!in.Bit()) return in.Bits(14);
  return std::nullopt;
}

std::optional<uint64_t> Decoder::SizeOf(BitReader& in, const PerType& type) {
  if (type.high == kUnbounded) return Length(in);
  return Constrained(in, static_cast<uint64_t>(type.low),
                     static_cast<uint64_t>(type.high));
}

uint64_t Decoder::ReadInteger(BitReader& in, const PerType& type) {
  const bool is_plain =
      type.kind == PerKind::kInteger && !(type.extensible && in.Bit());
  if (is_plain) {
    return Constrained(in, static_cast<uint64_t>(type.low),
                       static_cast<uint64_t>(type.high));
  }
  const auto size = Length(in);
  const std::string_view octets = in.Octets(size.value_or(SIZE_MAX / 16));
  uint64_t value = 0;
  for (const char octet : octets.substr(0, 8)) {
    value = value << 8 | static_cast<uint8_t>(octet);
  }
  return value;
}

void AppendUtf8(uint32_t character, std::string& text) {
  if (character < 0x80) {
    text.push_back(static_cast<char>(character));
    return;
  }
  if (character >= 0x800) {
    text.push_back(static_cast<char>(0xe0 | character >> 12));
    text.push_back(static_cast<char>(0x80 | (character >> 6 & 0x3f)));
  } else {
    text.push_back(static_cast<char>(0xc0 | character >> 6));
  }
  text.push_back(static_cast<char>(0x80 | (character & 0x3f)));
}

// X.691, 27.5.
void Decoder::ReadString(BitReader& in, const PerType& type, PerValue* own) {
  const auto size = SizeOf(in, type);
  if (!size || *size > kMaxItems) {
    in.Octets(SIZE_MAX / 16);
    return;
  }
  const uint64_t most_bits =
      static_cast<uint64_t>(type.high) * type.character_bits;
  const bool is_short =
      type.high != kUnbounded &&
      (type.low == type.high ? most_bits <= 16 : most_bits < 16);
  if (*size > 0 && !is_short) in.Align();
  std::string text;
  for (uint64_t i = 0; i < *size && in.ok(); ++i) {
    const auto character = static_cast<uint32_t>(in.Bits(type.character_bits));
    if (type.alphabet.empty()) {
      AppendUtf8(character, text);
    } else if (character < type.alphabet.size()) {
      text.push_back(type.alphabet[character]);
    }
  }
  if (own != nullptr && in.ok()) own->text = std::move(text);
}

// X.691, 16. H.323 has none of 1 or 2 bytes but within SEQUENCE OF, where it is
// not aligned.
void Decoder::ReadOctets(BitReader& in, const PerType& type, PerValue* own) {
  const auto size = SizeOf(in, type);
  if (type.low == type.high && type.high <= 2) {
    in.Bits(static_cast<size_t>(type.high) * 8);
    return;
  }
  if (size == uint64_t{0}) return;
  const std::string_view octets = in.Octets(size.value_or(SIZE_MAX / 16));
  if (own != nullptr) own->octets = octets;
}

// X.691, 15.
void Decoder::ReadBits(BitReader& in, const PerType& type) {
  const auto size = SizeOf(in, type);
  if (type.low != type.high || type.high > 16) in.Align();
  uint64_t rest = size.value_or(SIZE_MAX);
  for (; rest > 0 && in.ok(); rest -= std::min<uint64_t>(rest, 64)) {
    in.Bits(std::min<uint64_t>(rest, 64));
  }
}

End Decoder::Read(BitReader& in, const PerType& type, PerValue* own,
                  PerValue& into, int depth) {
  if (depth > kMaxDepth || ++values_ > kMaxValues) return End::kMalformed;
  uint64_t number = 0;
  End end = End::kNone;
  switch (type.kind) {
    case PerKind::kNull:
      break;
    case PerKind::kBoolean:
      number = in.Bits(1);
      break;
    case PerKind::kInteger:
    case PerKind::kUnboundedInteger:
      number = ReadInteger(in, type);
      break;
    case PerKind::kEnumerated:
      number = type.extensible && in.Bit()
                   ? SmallNumber(in)
                   : Constrained(in, 0, static_cast<uint64_t>(type.high));
      break;
    case PerKind::kBitString:
      ReadBits(in, type);
      break;
    case PerKind::kOctetString:
      ReadOctets(in, type, own);
      break;
    case PerKind::kObjectIdentifier: {
      const auto size = Length(in);
      const std::string_view octets = in.Octets(size.value_or(SIZE_MAX / 16));
      if (own != nullptr) own->octets = octets;
      break;
    }
    case PerKind::kString:
      ReadString(in, type, own);
      break;
    case PerKind::kSequence:
      return ReadSequence(in, type, into, depth);
    case PerKind::kSequenceOf:
      return ReadSequenceOf(in, type, into, depth);
    case PerKind::kChoice:
      return ReadChoice(in, type, own, into, depth);
    case PerKind::kRest: {
      const std::string_view octets = in.Rest();
      if (own != nullptr) own->octets = octets;
      end = End::kStopped;
      break;
    }
    case PerKind::kEnd:
      end = End::kStopped;
      break;
  }
  if (!in.ok()) return End::kMalformed;
  if (own != nullptr) own->number = number;
  return end;
}

End Decoder::ReadField(BitReader& in, const PerField& field, PerValue& into,
                       int depth) {
  if (field.tag == 0) return Read(in, *field.type, nullptr, into, depth + 1);
  PerValue value;
  value.tag = field.tag;
  const End end = Read(in, *field.type, &value, value, depth + 1);
  // What is cut is not there, unless it has parts that are.
  if (end != End::kMalformed || !value.parts.empty()) {
    into.parts.push_back(std::move(value));
  }
  return end;
}

// X.691, 18.
End Decoder::ReadSequence(BitReader& in, const PerType& type, PerValue& into,
                          int depth) {
  const bool extended = type.extensible && in.Bit();
  uint64_t present = 0;  // The first optional component has the highest bit.
  uint64_t optional = 0;
  for (const PerField& field : type.fields) optional += field.optional ? 1 : 0;
  present = in.Bits(optional);
  if (!in.ok()) return End::kMalformed;
  for (const PerField& field : type.fields) {
    if (field.optional && (present >> --optional & 1) == 0) continue;
    const End end = ReadField(in, field, into, depth);
    if (end != End::kNone) return end;
  }
  return extended ? ReadAdditions(in, type, into, depth) : End::kNone;
}

// X.691, 18.7-18.9.
End Decoder::ReadAdditions(BitReader& in, const PerType& type, PerValue& into,
                           int depth) {
  const uint64_t count = SmallNumber(in) + 1;
  if (!in.ok() || count > kMaxItems) return End::kMalformed;
  BitReader present = in;
  in.Skip(count);
  for (uint64_t i = 0; i < count && in.ok(); ++i) {
    if (present.Bit()) ReadOpen(in, type, i, into, depth);
  }
  return in.ok() ? End::kNone : End::kMalformed;
}

// An open type (X.691, 10.2): its length comes first. What is in it cannot
// harm what comes after it.
void Decoder::ReadOpen(BitReader& in, const PerType& type, size_t index,
                       PerValue& into, int depth) {
  const auto size = Length(in);
  const std::string_view octets = in.Octets(size.value_or(SIZE_MAX / 16));
  if (!in.ok()) return;
  const auto addition = std::find_if(
      type.additions.begin(), type.additions.end(),
      [index](const PerAddition& known) { return known.index == index; });
  if (addition == type.additions.end()) return;
  BitReader inner(octets);
  if (ReadField(inner, addition->field, into, depth) == End::kMalformed) {
    Damage(inner);
  }
}

// X.691, 19.
End Decoder::ReadSequenceOf(BitReader& in, const PerType& type, PerValue& into,
                            int depth) {
  const auto count = SizeOf(in, type);
  if (!in.ok() || !count || *count > kMaxItems) return End::kMalformed;
  for (uint64_t i = 0; i < *count; ++i) {
    const End end = ReadField(in, type.fields.front(), into, depth);
    if (end != End::kNone) return end;
  }
  return End::kNone;
}

// X.691, 22.
End Decoder::ReadChoice(BitReader& in, const PerType& type, PerValue* own,
                        PerValue& into, int depth) {
  const size_t roots = type.fields.size();
  if (type.extensible && in.Bit()) {
    const uint64_t index = SmallNumber(in);
    if (!in.ok()) return End::kMalformed;
    if (own != nullptr) own->number = roots + index;
    ReadOpen(in, type, index, into, depth);
    return in.ok() ? End::kNone : End::kMalformed;
  }
  const uint64_t index = Constrained(in, 0, roots - 1);
  if (!in.ok() || index >= roots) return End::kMalformed;
  if (own != nullptr) own->number = index;
  return ReadField(in, type.fields[index], into, depth);
}

}  // namespace

const PerValue* PerValue::Find(uint8_t wanted) const {
  const auto part = std::find_if(
      parts.begin(), parts.end(),
      [wanted](const PerValue& value) { return value.tag == wanted; });
  return part == parts.end() ? nullptr : &*part;
}

const PerValue* PerValue::Find(uint8_t first, uint8_t second) const {
  const PerValue* outer = Find(first);
  return outer == nullptr ? nullptr : outer->Find(second);
}

PerDecoded DecodePer(const PerType& type, std::string_view bytes) {
  return Decoder().Decode(type, bytes);
}

}  // namespace callbraid
