#include "base/prose.h"

#include <algorithm>

#include "base/text.h"

namespace nacre::text {

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  for (const std::string_view word : text::split(text, ' ')) {
    for (const std::string_view part : text::split(word, '\n')) {
      if (part.empty()) continue;
      if (lines.empty() || lines.back().size() + 1 + part.size() > width) {
        lines.emplace_back(part);
      } else {
        text::append(lines.back(), ' ', part);
      }
    }
  }
  return lines;
}

std::vector<std::string_view> paragraphs(std::string_view description) {
  std::vector<std::string_view> found;
  while (!description.empty()) {
    const std::size_t end = std::min(description.find("\n\n"), description.size());
    found.push_back(description.substr(0, end));
    description.remove_prefix(std::min(end + 2, description.size()));
  }
  return found;
}

void append_rows(std::string& out, const std::vector<Row>& rows, const Columns& columns) {
  std::size_t left_width = 0;
  for (const Row& row : rows) {
    if (row.left.size() <= columns.widest_left) left_width = std::max(left_width, row.left.size());
  }
  const std::size_t right_column = columns.indent + left_width + columns.gap;
  for (const Row& row : rows) {
    out.append(columns.indent, ' ');
    out += row.left;
    std::size_t column = columns.indent + row.left.size();
    for (const std::string& line : wrap(row.right, columns.total - right_column)) {
      if (column + 2 > right_column) {
        out += '\n';
        column = 0;
      }
      out.append(right_column - column, ' ');
      out += line;
      column = columns.total;
    }
    out += '\n';
  }
}

std::string for_man(std::string_view raw) {
  std::string out;
  bool at_line_start = true;
  for (const char c : raw) {
    if (at_line_start && (c == '.' || c == '\'')) out += "\\&";
    at_line_start = c == '\n';
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string shell_quoted(std::string_view raw) {
  std::string out = "'";
  for (const char c : raw) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  out += '\'';
  return out;
}

std::string fish_quoted(std::string_view raw) {
  std::string out = "'";
  for (const char c : raw) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  out += '\'';
  return out;
}

}  // namespace nacre::text
