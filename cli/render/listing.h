// What `--format` makes of a list: a table, JSON, or a line for each through a template. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "cli/render/value.h"

namespace nacre::cli {

struct Listing {
  // Field and title of everything that a template can ask for.
  std::vector<std::pair<std::string, std::string>> titles;
  std::vector<Value> rows;  // records with these fields
};

// `format`: "" or "table" (what `fallback` says), "table TEMPLATE" (columns divided by \t), "json"
// (a line for each), or TEMPLATE. In all of them "\t" and "\n" may be written with a backslash.
// `width`: of the terminal, 0 when there is none.
[[nodiscard]] Result<std::string> render_listing(const Listing& listing, std::string_view format,
                                                 std::string_view fallback, std::size_t width);

// "\t" and "\n" as people write them in a shell.
[[nodiscard]] std::string unescaped(std::string_view format);

}  // namespace nacre::cli
