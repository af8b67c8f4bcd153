#include "collector/cli/text.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::cli {
namespace {

using ::testing::ElementsAre;

TEST(Printable, KeepsTextAndReplacesWhatMovesTheCursor) {
  EXPECT_EQ(Printable("Zoë → 東京"), "Zoë → 東京");
  EXPECT_EQ(Printable("a\x1b[2Jb\r\n"), "a\uFFFD[2Jb\uFFFD\uFFFD");
  EXPECT_EQ(Printable("\u202eevil"), "\uFFFDevil");
  EXPECT_EQ(Printable("\u009b31m"), "\uFFFD31m");
}

TEST(Printable, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(Printable("a\xff\xc3"), "a\uFFFD\uFFFD");
  // Overlong, surrogate, beyond U+10FFFF.
  EXPECT_EQ(Width(Printable("\xe0\x80\xaf")), 3u);
  EXPECT_EQ(Width(Printable("\xed\xa0\x80")), 3u);
  EXPECT_EQ(Width(Printable("\xf4\x90\x80\x80")), 4u);
}

TEST(Width, CountsColumnsOfTheTerminal) {
  EXPECT_EQ(Width("abc"), 3u);
  EXPECT_EQ(Width("│─>"), 3u);
  EXPECT_EQ(Width("東京"), 4u);
  EXPECT_EQ(Width("e\u0301"), 1u);
}

TEST(Characters, KeepCombiningMarksWithTheirLetter) {
  EXPECT_THAT(Characters("ae\u0301東"), ElementsAre("a", "e\u0301", "東"));
}

TEST(Fit, CutsWithAnEllipsis) {
  EXPECT_EQ(Fit("abcdef", 6), "abcdef");
  EXPECT_EQ(Fit("abcdef", 5), "abcd…");
  EXPECT_EQ(Fit("東京都", 5), "東京…");
  EXPECT_EQ(Fit("東京都", 4), "東…");
  EXPECT_EQ(Fit("abc", 0), "");
}

TEST(Wrap, BreaksAtSpacesAndIndents) {
  const std::string text(60, 'a');
  EXPECT_EQ(Wrap(text + " " + text, 2, 4),
            "  " + text + "\n    " + text + "\n");
  EXPECT_EQ(Wrap("a b", 0, 4), "a b\n");
}

}  // namespace
}  // namespace callbraid::cli
