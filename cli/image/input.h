// What `load` and `import` read: a file, a directory, or standard input.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "sys/fds.h"

namespace nacre::cli {

struct Input {
  std::string name;  // for messages
  bool is_directory = false;
  sys::DirFd directory;
  UniqueFd file;           // empty: standard input
  std::uint64_t size = 0;  // of a regular file
  [[nodiscard]] FdRef stream() const;
};

// "" and "-" are standard input, which may not be a terminal.
[[nodiscard]] Result<Input> open_input(const std::string& path);

}  // namespace nacre::cli
