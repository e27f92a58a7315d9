// Standard output of the commands.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nacre::commands {

// A full disk or a closed pipe behind standard output is an error like any other.
Result<void> print(std::string_view text);

// Columns as wide as their widest cell and three blanks, twelve at least; one line for each row.
std::string align_columns(const std::vector<std::vector<std::string>>& rows);

// "table" when `given` is empty; anything but table and json is refused.
enum class ListFormat : std::uint8_t { kTable, kJson };
Result<ListFormat> parse_list_format(std::string_view given);

}  // namespace nacre::commands
