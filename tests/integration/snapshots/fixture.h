// Layers made by hand, and mounts looked at through their descriptors: nothing is ever attached.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "images/snapshots/overlay.h"
#include "tests/support/world.h"

namespace nacre::images::test {

namespace fs = std::filesystem;

// Takes a Result; prints its sentence when it is an error.
#define NACRE_ASSERT_OK(result)                                      \
  do {                                                               \
    const auto& checked_ = (result);                                 \
    ASSERT_TRUE(checked_.has_value()) << checked_.error().message(); \
  } while (false)
#define NACRE_EXPECT_OK(result)                                      \
  do {                                                               \
    const auto& checked_ = (result);                                 \
    EXPECT_TRUE(checked_.has_value()) << checked_.error().message(); \
  } while (false)

void write_file(const fs::path& path, std::string_view text);
std::string read_file(const fs::path& path);
// What overlay takes for a deletion, and for "nothing of the layers below".
void make_whiteout(const fs::path& path);
void make_opaque(const fs::path& directory);
std::string get_xattr(const fs::path& path, const std::string& name);  // "" if there is none
void set_xattr(const fs::path& path, const std::string& name, const std::string& value);

sys::DirFd open_directory(const fs::path& path);
// The way to a mount that is attached nowhere.
fs::path path_of(const UniqueFd& mount);

// A user namespace in which 0 is `outside` and so on, held by its descriptor alone.
UniqueFd make_user_namespace(unsigned outside, unsigned count);
// This process becomes the user `id`, and then root of a user and a mount namespace in which there
// is nobody else.
void enter_user_namespace(unsigned id);
// Runs `body` in a child of this process and gives its exit status.
template <class Body>
int in_child(Body body);
int run_in_child(void (*run)(void*), void* argument);

// A directory of the test's own on a file system that may carry an overlay's upper.
class SnapshotsTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;
  const fs::path& work() const { return work_; }
  // Makes and names a directory below work().
  fs::path make(const std::string& name);
  // tmpfs has user.* attributes since Linux 6.6.
  bool has_user_attributes() const { return user_attributes_; }
  // Layers since 5.19; tmpfs since 6.3.
  bool has_idmap() const { return idmap_; }

 private:
  bool user_attributes_ = false;
  bool idmap_ = false;
  fs::path work_;
  bool mounted_ = false;
};

template <class Body>
int in_child(Body body) {
  return run_in_child([](void* argument) { (*static_cast<Body*>(argument))(); }, &body);
}

}  // namespace nacre::images::test
