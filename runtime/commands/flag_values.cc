#include "runtime/commands/flag_values.h"

#include "base/text.h"
#include "runtime/commands/bundle.h"

namespace nacre::commands {

Result<std::string> read_path(const commandline::Arguments& arguments, std::string_view flag) {
  if (arguments.value(flag).empty()) return std::string();
  return absolute_path(arguments.value(flag));
}

Result<int> read_count(const commandline::Arguments& arguments, std::string_view flag) {
  if (!arguments.has(flag)) return 0;
  const auto value = text::parse_u32(arguments.value(flag));
  if (!value || *value > 1024) {
    return fail(invalid_argument(
        text::join("invalid value ", text::quote(arguments.value(flag)), " for flag -", flag)));
  }
  return static_cast<int>(*value);
}

}  // namespace nacre::commands
