#include "collector/store/fold_case.h"

#include <string>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

TEST(FoldCase, MakesLettersOfAnyScriptLower) {
  EXPECT_EQ(FoldCase("Anna SCHMIDT +49"), "anna schmidt +49");
  EXPECT_EQ(FoldCase("MÜLLER"), FoldCase("Müller"));
  EXPECT_EQ(FoldCase("ŽIŽEK"), FoldCase("žižek"));
  EXPECT_EQ(FoldCase("ΑΝΝΑ"), FoldCase("αννα"));
  EXPECT_EQ(FoldCase("ИВАН"), FoldCase("иван"));
  EXPECT_EQ(FoldCase("王"), "王");
}

TEST(FoldCase, LeavesWhatIsNoTextAsItIs) {
  for (const std::string& bytes :
       {std::string("\xff\xfe"), std::string("\xc3"), std::string("a\xe2\x82"),
        std::string("\0b", 2), std::string("\xf0\x9f\x98\x80")}) {
    EXPECT_EQ(FoldCase(bytes), bytes);
  }
}

}  // namespace
}  // namespace callbraid::collector
