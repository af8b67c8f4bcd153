#include "common/h323/per_decoder.h"

#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/config.h"
#include "common/h323/per_type.h"
#include "gtest/gtest.h"

// Counts what is allocated in this program; sanitizers have these operators
// themselves.
namespace {
size_t allocated_bytes = 0;
}
#if !defined(ABSL_HAVE_ADDRESS_SANITIZER) && \
    !defined(ABSL_HAVE_THREAD_SANITIZER)
void* operator new(size_t size) {
  allocated_bytes += size;
  return std::malloc(size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
#endif

namespace callbraid {
namespace {

using namespace std::string_view_literals;

enum Tag : uint8_t { kA = 1, kB, kC, kD };

constexpr PerType kSmall = per::Integer(1, 4);
constexpr PerType kPlain = per::Integer(1, 256);
constexpr PerType kLarge = per::Integer(1, 192'400);
constexpr PerType kDigits = per::TextOf("#*,0123456789", 1, 128);
constexpr PerType kWide = per::WideText(1, 256);

uint64_t NumberOf(const PerType& type, std::string_view bytes) {
  const PerField fields[] = {{type, kA}};
  const PerDecoded decoded = DecodePer(per::Sequence(fields), bytes);
  EXPECT_TRUE(decoded.complete);
  return decoded.value.Has(kA) ? decoded.value.Find(kA)->number : ~uint64_t{0};
}

std::string TextIn(const PerType& type, std::string_view bytes) {
  const PerField fields[] = {{type, kA}};
  const PerDecoded decoded = DecodePer(per::Sequence(fields), bytes);
  return decoded.value.Has(kA) ? decoded.value.Find(kA)->text : "?";
}

// X.691, 10.5.
TEST(DecodePer, ReadsNumbersByTheirRange) {
  EXPECT_EQ(NumberOf(kSmall, "\xc0"sv), 4u);   // Two bits.
  EXPECT_EQ(NumberOf(kPlain, "\x13"sv), 20u);  // A byte.
  EXPECT_EQ(NumberOf(per::kU16, "\x06\xb8"sv), 1720u);
  EXPECT_EQ(NumberOf(kLarge, "\x00\x05"sv), 6u);  // One byte, behind its size.
  EXPECT_EQ(NumberOf(kLarge, "\x80\x02\xef\x8f"sv), 192'400u);
  EXPECT_EQ(NumberOf(per::kU32, "\x00\x8f"sv), 143u);
  EXPECT_EQ(NumberOf(per::kU32, "\xc0\xff\xff\xff\xff"sv), 4'294'967'295u);
  EXPECT_EQ(NumberOf(per::kAnyInteger, "\x02\x01\x40"sv), 320u);
}

// X.691, 27.5.
TEST(DecodePer, ReadsTextByItsAlphabet) {
  EXPECT_EQ(TextIn(kDigits, "\x06\x45\x67"sv), "1234");
  EXPECT_EQ(TextIn(kDigits, "\x02\x10"sv), "*#");
  EXPECT_EQ(TextIn(kWide, "\x02\0a\0\xe9\x20\xac"sv), "a\xc3\xa9\xe2\x82\xac");
  EXPECT_EQ(TextIn(per::Text(1, 1), "7"sv), "7");
}

TEST(DecodePer, PassesOverExtensionsThatNobodyKnows) {
  // Components, optional components, and two of three extensions.
  static constexpr PerField kFields[] = {{kPlain, kA}, Optional(kSmall, kB)};
  static constexpr PerAddition kAdditions[] = {{2, {kPlain, kC}}};
  constexpr PerType kType = per::ExtensibleSequence(kFields, kAdditions);
  //  extended:1 has_b:1 a:8 b:2 count-1:7 present:3 ...
  const PerDecoded decoded =
      DecodePer(kType, "\xc0\x09\x41\x50\x03zzz\x01\x07"sv);
  EXPECT_TRUE(decoded.complete);
  EXPECT_EQ(decoded.value.Find(kA)->number, 10u);
  EXPECT_EQ(decoded.value.Find(kB)->number, 2u);
  ASSERT_TRUE(decoded.value.Has(kC));
  EXPECT_EQ(decoded.value.Find(kC)->number, 8u);
}

TEST(DecodePer, KeepsWhatCameBeforeTheEnd) {
  static constexpr PerField kFields[] = {{kPlain, kA}, {per::kU16, kB}};
  constexpr PerType kType = per::Sequence(kFields);
  const PerDecoded cut = DecodePer(kType, "\x09\x01"sv);
  EXPECT_FALSE(cut.complete);
  EXPECT_EQ(cut.value.Find(kA)->number, 10u);
  EXPECT_FALSE(cut.value.Has(kB));
}

TEST(DecodePer, LetsNoExtensionHarmWhatFollowsIt) {
  static constexpr PerField kFields[] = {{kPlain, kA}};
  static constexpr PerAddition kAdditions[] = {{0, {per::kU16, kB}},
                                               {1, {kPlain, kC}}};
  constexpr PerType kType = per::ExtensibleSequence(kFields, kAdditions);
  // The first extension has one byte where its type has two.
  const PerDecoded decoded =
      DecodePer(kType, "\x80\x09\x03\x80\x01z\x01\x07"sv);
  EXPECT_FALSE(decoded.complete);
  EXPECT_FALSE(decoded.value.Has(kB));
  EXPECT_EQ(decoded.unread, std::vector<std::string_view>{"z"});
  ASSERT_TRUE(decoded.value.Has(kC));
  EXPECT_EQ(decoded.value.Find(kC)->number, 8u);
}

TEST(DecodePer, NamesTheAlternativesBehindTheMarkerLast) {
  static constexpr PerField kRoots[] = {per::kNull, {kPlain, kB}};
  static constexpr PerAddition kAdditions[] = {{1, {kPlain, kC}}};
  static constexpr PerType kChoice = per::ExtensibleChoice(kRoots, kAdditions);
  static constexpr PerField kFields[] = {{kChoice, kA}};
  constexpr PerType kType = per::Sequence(kFields);
  const PerDecoded root = DecodePer(kType, "\x40\x09"sv);
  EXPECT_EQ(root.value.Find(kA)->number, 1u);
  EXPECT_EQ(root.value.Find(kA, kB)->number, 10u);
  const PerDecoded added = DecodePer(kType, "\x81\x01\x07"sv);
  EXPECT_EQ(added.value.Find(kA)->number, 3u);
  EXPECT_EQ(added.value.Find(kA, kC)->number, 8u);
  const PerDecoded unknown = DecodePer(kType, "\x85\x01\x07"sv);
  EXPECT_TRUE(unknown.complete);
  EXPECT_EQ(unknown.value.Find(kA)->number, 7u);
}

// Six bytes claim 4,095 extensions; a message may hold thousands of such
// values.
TEST(DecodePer, BelievesInNoMoreExtensionsThanThereAreBits) {
  static constexpr PerField kFields[] = {kPlain};
  static constexpr PerAddition kAdditions[] = {{0, {kPlain, kA}}};
  constexpr PerType kType = per::ExtensibleSequence(kFields, kAdditions);
  const size_t before = allocated_bytes;
  const PerDecoded decoded = DecodePer(kType, "\x80\x09\x80\x02\x0f\xfe"sv);
  EXPECT_EQ(allocated_bytes, before);
  EXPECT_FALSE(decoded.complete);
  // As many as there are bits are believed, and passed over.
  EXPECT_TRUE(DecodePer(kType, "\x80\x09\x80\x02\x00\x07\x00"sv).complete);
}

// Its elements take no bits, so that a short message may hold many.
TEST(DecodePer, VisitsNoMoreValuesThanItsLimit) {
  static constexpr PerField kNothing[] = {{per::kNull, kB}};
  static constexpr PerType kList = per::SequenceOf(kNothing);
  static constexpr PerField kListItem[] = {{kList, kA}};
  static constexpr PerType kLists = per::SequenceOf(kListItem);
  const std::string list("\x8f\xff", 2);
  const PerDecoded decoded =
      DecodePer(kLists, std::string("\x02", 1) + list + list);
  EXPECT_FALSE(decoded.complete);
  size_t values = 0;
  for (const PerValue& part : decoded.value.parts) values += part.parts.size();
  EXPECT_LE(values, 4096u);
}

extern const PerType kNested;
constexpr PerField kNestedItem[] = {{kNested, kA}};
constinit const PerType kNested = per::SequenceOf(kNestedItem);

TEST(DecodePer, GoesNoDeeperThanItsLimit) {
  EXPECT_FALSE(DecodePer(kNested, std::string(100, '\x01')).complete);
  EXPECT_TRUE(DecodePer(kNested, std::string(20, '\x01') + '\0').complete);
}

}  // namespace
}  // namespace callbraid
