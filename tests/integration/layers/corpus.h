// Crafted archives, each with the tree that has to come out of it or the words of its refusal.
#pragma once

#include <string>
#include <vector>

#include "tests/integration/layers/archive.h"

namespace nacre::test::layers {

inline constexpr const char* kAny = "*";  // a tree that is not looked at: paths of this machine

struct Case {
  std::string name;
  std::vector<Member> members;
  std::string tree;      // as describe() gives it
  std::string error;     // not empty: refused, with these words
  std::string deferred;  // "link > target", one per line
};

std::vector<Case> path_cases();
std::vector<Case> symlink_cases();
std::vector<Case> link_cases();
std::vector<Case> whiteout_cases();
std::vector<Case> replacement_cases();
std::vector<Case> kind_cases();

}  // namespace nacre::test::layers
