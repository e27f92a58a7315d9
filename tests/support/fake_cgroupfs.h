// A cgroup tree of plain files in a temporary directory, written down as one nested expression:
//
//   FakeCgroupfs fake({
//       {"cgroup.controllers", "cpu memory"},
//       {"pod", {{"cgroup.controllers", "cpu"}, {"c1", {}}}},
//   });
//
// Code that works relative to directory descriptors cannot tell it from /sys/fs/cgroup, except that
// writes have no effect but to be there (content() shows them) and that a directory with files in
// it cannot be removed.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "cgroups/hierarchy.h"
#include "sys/file.h"
#include "sys/io.h"

namespace nacre::test {

struct FakeNode {
  FakeNode(std::string its_name, const char* its_content)
      : name(std::move(its_name)), content(its_content) {}
  FakeNode(std::string its_name, std::initializer_list<FakeNode> its_children)
      : name(std::move(its_name)), children(its_children) {}

  std::string name;
  std::optional<std::string> content;  // of a file; none: a directory
  std::vector<FakeNode> children;
};

class FakeCgroupfs {
 public:
  FakeCgroupfs(std::initializer_list<FakeNode> nodes) {
    std::string pattern = std::filesystem::temp_directory_path() / "nacre-fake-cgroup.XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) ADD_FAILURE() << "mkdtemp " << pattern;
    root_ = pattern;
    for (const FakeNode& node : nodes) make(root_, node);
  }
  FakeCgroupfs(const FakeCgroupfs&) = delete;
  FakeCgroupfs& operator=(const FakeCgroupfs&) = delete;
  ~FakeCgroupfs() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  const std::filesystem::path& root() const { return root_; }

  cgroups::Hierarchy hierarchy() const {
    auto fd = sys::openat<sys::DirFd>(sys::kCwd, root_.c_str(), O_PATH | O_DIRECTORY);
    if (!fd) ADD_FAILURE() << "open " << root_;
    return {root_.string(), fd ? *std::move(fd) : sys::DirFd(), false};
  }

  // Of a file, "pod/c1/memory.max"; "(missing)" if there is none.
  std::string content(const std::string& path) const {
    const auto text = sys::read_file(sys::kCwd, (root_ / path).c_str(), 65536);
    return text ? *text : "(missing)";
  }
  bool exists(const std::string& path) const { return std::filesystem::exists(root_ / path); }
  // Whether its filesystem has attributes of users, as cgroup v2 does: tmpfs only since Linux 6.6.
  bool has_user_attributes() const {
    const auto dir = sys::openat(sys::kCwd, root_.c_str(), O_RDONLY | O_DIRECTORY);
    return dir && sys::setxattr_fd(*dir, "user.nacre.test", "1", 1);
  }

 private:
  static void make(const std::filesystem::path& where, const FakeNode& node) {
    const auto path = where / node.name;
    if (node.content) {
      std::ofstream(path) << *node.content;
      return;
    }
    std::filesystem::create_directory(path);
    for (const FakeNode& child : node.children) make(path, child);
  }

  std::filesystem::path root_;
};

}  // namespace nacre::test
