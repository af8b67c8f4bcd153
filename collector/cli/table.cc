#include "collector/cli/table.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "collector/cli/text.h"

namespace callbraid::cli {
namespace {

constexpr size_t kGap = 2;
constexpr size_t kNarrowest = 8;

}  // namespace

void Table::AddColumn(std::string title, Align align, bool may_shrink) {
  columns_.push_back({std::move(title), align, may_shrink});
}

void Table::AddRow(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string& cell : cells) cell = Printable(cell);
  rows_.push_back(std::move(cells));
}

std::vector<size_t> Table::Widths(size_t room) const {
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t width = Width(columns_[i].title);
    for (const auto& row : rows_) width = std::max(width, Width(row[i]));
    widths.push_back(width);
  }
  const size_t gaps = kGap * (columns_.size() - 1);
  while (std::accumulate(widths.begin(), widths.end(), gaps) > room) {
    size_t* widest = nullptr;
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (!columns_[i].may_shrink || widths[i] <= kNarrowest) continue;
      if (widest == nullptr || widths[i] > *widest) widest = &widths[i];
    }
    if (widest == nullptr) break;
    --*widest;
  }
  return widths;
}

std::string Table::Line(const std::vector<std::string>& cells,
                        const std::vector<size_t>& widths,
                        size_t indent) const {
  std::string line(indent, ' ');
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line.append(kGap, ' ');
    const std::string cell = Fit(cells[i], widths[i]);
    line += columns_[i].align == Align::kRight ? PadLeft(cell, widths[i])
                                               : PadRight(cell, widths[i]);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

std::string Table::Render(size_t indent) const {
  const std::vector<size_t> widths = Widths(kLineWidth - indent);
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  std::string text = Line(titles, widths, indent);
  for (const auto& row : rows_) text += Line(row, widths, indent);
  return text;
}

}  // namespace callbraid::cli
