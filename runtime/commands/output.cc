#include "runtime/commands/output.h"

#include <algorithm>

#include "base/text.h"
#include "sys/io.h"

namespace nacre::commands {

Result<void> print(std::string_view text) {
  NACRE_TRY_CTX(sys::write_all(FdRef(1), text), "write standard output");
  return {};
}

std::string align_columns(const std::vector<std::vector<std::string>>& rows) {
  constexpr std::size_t kLeast = 12;
  constexpr std::size_t kGap = 3;
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()), kLeast);
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size() + kGap);
    }
  }
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) out.append(widths[i] - row[i].size(), ' ');
    }
    out += '\n';
  }
  return out;
}

Result<ListFormat> parse_list_format(std::string_view given) {
  if (given.empty() || given == "table") return ListFormat::kTable;
  if (given == "json") return ListFormat::kJson;
  return fail(invalid_argument(
      text::join("invalid format option ", text::quote(given), ": table or json")));
}

}  // namespace nacre::commands
