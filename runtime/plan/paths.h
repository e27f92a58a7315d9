// Paths as text only: nothing here looks at a file system.
#pragma once

#include <string>
#include <string_view>

namespace nacre::plan {

// An absolute path without empty, "." and ".." components ("/a//b/../c" -> "/a/c"); ".." at the
// root stays there.
[[nodiscard]] std::string clean_path(std::string_view path);

}  // namespace nacre::plan
