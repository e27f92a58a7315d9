// What a fuzz target says before it ends the program.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

namespace nacre::fuzz {

inline void require(bool holds, const std::string& what) {
  if (holds) return;
  static_cast<void>(std::fprintf(stderr, "%s\n", what.c_str()));
  std::abort();
}

}  // namespace nacre::fuzz
