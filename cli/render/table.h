// Rows under headers, in columns as wide as what is in them. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace nacre::cli {

class Table {
 public:
  // One without headers has columns all the same.
  void headers(std::vector<std::string> titles) { headers_ = std::move(titles); }
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  // Three blanks between columns, none at the end of a line. `width` 0: as wide as it gets.
  // Otherwise the widest columns give way, each down to kLeastColumn, so that a line fits; cells
  // are then cut with "…". Cells are made printable.
  [[nodiscard]] std::string render(std::size_t width) const;

 private:
  std::vector<std::string> headers_;
  std::vector<std::vector<std::string>> rows_;
};

inline constexpr std::size_t kLeastColumn = 12;

}  // namespace nacre::cli
