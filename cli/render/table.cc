#include "cli/render/table.h"

#include <algorithm>
#include <numeric>

#include "cli/render/text.h"

namespace nacre::cli {
namespace {

constexpr std::size_t kGap = 3;
// With the gap, no column begins less than ten after the one before: as docker lays them out.
constexpr std::size_t kLeastContent = 7;

using Row = std::vector<std::string>;

std::vector<std::size_t> widths_of(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()), kLeastContent);
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], display_width(row[i]));
  }
  return widths;
}

void fit(std::vector<std::size_t>& widths, std::size_t width) {
  if (widths.empty()) return;
  const std::size_t gaps = kGap * (widths.size() - 1);
  std::size_t total = std::accumulate(widths.begin(), widths.end(), gaps);
  while (total > width) {
    const auto widest = std::ranges::max_element(widths);
    if (*widest <= kLeastColumn) return;
    // Down to the second widest, or as far as needed.
    std::size_t next = kLeastColumn;
    for (const std::size_t one : widths) {
      if (one < *widest) next = std::max(next, one);
    }
    const std::size_t step = std::clamp<std::size_t>(*widest - next, 1, total - width);
    *widest -= step;
    total -= step;
  }
}

void append_row(std::string& out, const Row& row, const std::vector<std::size_t>& widths) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::string cell = shortened(row[i], widths[i]);
    out += cell;
    if (i + 1 < row.size()) out.append(widths[i] - display_width(cell) + kGap, ' ');
  }
  out.erase(out.find_last_not_of(' ') + 1);
  out += '\n';
}

}  // namespace

std::string Table::render(std::size_t width) const {
  std::vector<Row> all;
  if (!headers_.empty()) all.push_back(headers_);
  for (const Row& row : rows_) {
    Row cells;
    for (const std::string& cell : row) cells.push_back(printable(cell));
    all.push_back(std::move(cells));
  }
  std::vector<std::size_t> widths = widths_of(all);
  if (width > 0) fit(widths, width);
  std::string out;
  for (const Row& row : all) append_row(out, row, widths);
  return out;
}

}  // namespace nacre::cli
