// A tree on disk and a tree in an archive, in one form, so that they can be compared.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "images/tar/entry.h"

namespace nacre::images::tar {

struct Node {
  char type = '?';  // as find(1) names them: f d l p
  std::uint32_t mode = 0;
  std::uint64_t uid = 0;
  std::uint64_t gid = 0;
  Time mtime;
  std::string link;     // of a symlink
  std::string content;  // of a file, holes included; a hard link has that of its target
  std::map<std::string, std::string> xattrs;

  friend bool operator==(const Node&, const Node&) = default;
};
using Tree = std::map<std::string, Node>;  // by path without "./" in front and "/" behind

// What is on disk below `root`, itself included as ".". user.* attributes only.
Tree scan(const std::filesystem::path& root);
// What an archive holds, through our reader. An error is a single node named by its sentence.
Tree read_tree(std::string_view archive);
// The tree at `root` as an archive, through our writer.
std::string write_tree(const std::filesystem::path& root);

// One line per difference.
std::string differences(const Tree& expected, const Tree& actual);
// What an archive without room for them leaves of times.
Tree whole_seconds(Tree tree);
Tree without_xattrs(Tree tree);

}  // namespace nacre::images::tar
