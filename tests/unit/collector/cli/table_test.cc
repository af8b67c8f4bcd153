#include "collector/cli/table.h"

#include <string>

#include "collector/cli/text.h"
#include "gtest/gtest.h"

namespace callbraid::cli {
namespace {

TEST(Table, AlignsColumnsByWhatPeopleSee) {
  Table table;
  table.AddColumn("NAME");
  table.AddColumn("N", Table::Align::kRight);
  table.AddRow({"Zoë", "1"});
  table.AddRow({"東京都", "10"});
  EXPECT_EQ(table.Render(),
            "NAME     N\n"
            "Zoë      1\n"
            "東京都  10\n");
}

TEST(Table, CutsTheWidestOfTheColumnsThatMayShrink) {
  Table table;
  table.AddColumn("FIXED");
  table.AddColumn("A", Table::Align::kLeft, /*may_shrink=*/true);
  table.AddColumn("B", Table::Align::kLeft, /*may_shrink=*/true);
  const std::string fixed(30, 'f');
  table.AddRow({fixed, std::string(90, 'a'), "short"});
  const std::string text = table.Render();
  const std::string row = text.substr(text.find('\n') + 1);
  EXPECT_EQ(row, fixed + "  " + std::string(60, 'a') + "…  short\n");
  EXPECT_EQ(Width(row), kLineWidth + 1) << "the newline is no column";
}

TEST(Table, MakesCellsPrintable) {
  Table table;
  table.AddColumn("NAME");
  table.AddRow({"\x1b[31mred"});
  EXPECT_EQ(table.Render().find('\x1b'), std::string::npos);
}

TEST(Table, LeavesNoSpaceAtTheEndOfALine) {
  Table table;
  table.AddColumn("A");
  table.AddColumn("B");
  table.AddRow({"1", ""});
  EXPECT_EQ(table.Render(2), "  A  B\n  1\n");
}

}  // namespace
}  // namespace callbraid::cli
