// A cgroup as "that path below this descriptor"; what the parts of this module hand to each other.
#pragma once

#include <string>
#include <string_view>

#include "cgroups/hierarchy.h"
#include "sys/fds.h"

namespace nacre::cgroups {

// Borrows the hierarchy's root descriptor.
struct Place {
  FdRef root;
  std::string mount_point;
  std::string path;  // "/a/b", checked by check_path()

  // For the *at calls.
  [[nodiscard]] const char* relative() const { return path.c_str() + 1; }
  // As a user would type it.
  [[nodiscard]] std::string shown() const { return mount_point + path; }
};

// "a" of "a/b"; empty for "a". Takes and gives paths without the leading slash.
inline std::string parent_of(std::string_view relative) {
  const std::size_t slash = relative.rfind('/');
  return slash == std::string_view::npos ? std::string() : std::string(relative.substr(0, slash));
}

}  // namespace nacre::cgroups
