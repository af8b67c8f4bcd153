#ifndef CALLBRAID_COMMON_H323_PER_DECODER_H_
#define CALLBRAID_COMMON_H323_PER_DECODER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/h323/per_type.h"

// ASN.1's packed encoding rules, aligned (ITU-T X.691), as H.323 uses them.

namespace callbraid {

// A value that the type has a tag for, and those in it that have one.
struct PerValue {
  uint8_t tag = 0;
  // An integer, boolean or enumeration; of a choice the alternative, those
  // after the extension marker behind the others.
  uint64_t number = 0;
  // An octet string or object identifier: into the bytes that were decoded.
  std::string_view octets = {};
  // A string; those of 16-bit characters in UTF-8.
  std::string text = {};
  std::vector<PerValue> parts = {};

  // The first part with that tag; null if there is none.
  const PerValue* Find(uint8_t wanted) const;
  // The same, and further down: "Find(a)->Find(b)". Null where any is missing.
  const PerValue* Find(uint8_t first, uint8_t second) const;
  bool Has(uint8_t wanted) const { return Find(wanted) != nullptr; }
};

struct PerDecoded {
  // Has no tag; `number` is that of the type.
  PerValue value;
  // Nothing was cut off or malformed. What came before that is in `value`; what
  // is wrong with an extension concerns that alone.
  bool complete = false;
  // What is behind each place where something was: in an extension the rest of
  // that, elsewhere of all. Into the bytes that were decoded.
  std::vector<std::string_view> unread = {};
};

// Reads `bytes` as a value of `type`. Views in it point into `bytes`.
//
// Bounded: at most 4,096 values and 32 levels are visited; beyond them all is
// malformed. Never throws. Strings in fragments (from 16 KiB on) are not read.
PerDecoded DecodePer(const PerType& type, std::string_view bytes);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_H323_PER_DECODER_H_
