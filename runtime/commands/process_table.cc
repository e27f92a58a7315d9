#include "runtime/commands/process_table.h"

#include <algorithm>

#include "base/text.h"

namespace nacre::commands {
namespace {

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  for (const std::string_view field : text::split(line, ' ')) {
    if (!field.empty()) fields.push_back(field);
  }
  return fields;
}

}  // namespace

Result<std::string> filter_process_table(std::string_view table, const std::vector<int>& pids) {
  const auto lines = text::split(table, '\n');
  const auto titles = lines.empty() ? std::vector<std::string_view>{} : fields_of(lines.front());
  const auto title = std::ranges::find(titles, "PID");
  if (title == titles.end()) return fail(invalid_argument("couldn't find PID field in ps output"));
  const auto column = static_cast<std::size_t>(title - titles.begin());

  std::string out = text::join(lines.front(), '\n');
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto fields = fields_of(lines[i]);
    if (fields.size() <= column) continue;
    const auto pid = text::parse_i64(fields[column]);
    if (pid && std::ranges::find(pids, *pid) != pids.end()) text::append(out, lines[i], '\n');
  }
  return out;
}

}  // namespace nacre::commands
