#ifndef CALLBRAID_COLLECTOR_CLI_TABLE_H_
#define CALLBRAID_COLLECTOR_CLI_TABLE_H_

#include <cstddef>
#include <string>
#include <vector>

namespace callbraid::cli {

// Rows of aligned text. Columns are as wide as their widest cell; where that
// does not fit into a line, the widest of those that may shrink are cut.
class Table {
 public:
  enum class Align { kLeft, kRight };

  void AddColumn(std::string title, Align align = Align::kLeft,
                 bool may_shrink = false);
  // A cell for each column. Cells are made printable.
  void AddRow(std::vector<std::string> cells);

  bool empty() const { return rows_.empty(); }
  // Titles and rows, each line after `indent` spaces.
  std::string Render(size_t indent = 0) const;

 private:
  struct Column {
    std::string title;
    Align align;
    bool may_shrink;
  };
  std::vector<size_t> Widths(size_t room) const;
  std::string Line(const std::vector<std::string>& cells,
                   const std::vector<size_t>& widths, size_t indent) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace callbraid::cli

#endif  // CALLBRAID_COLLECTOR_CLI_TABLE_H_
