// The fixture: a private directory with an empty layer in it, and beside it, outside, a canary that
// no archive may touch.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "images/layers/layers.h"
#include "tests/integration/layers/archive.h"

namespace nacre::test::layers {

namespace fs = std::filesystem;

class LayerTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  const fs::path& work() const { return work_; }
  fs::path outside() const { return work_ / "outside"; }
  fs::path layer() const { return work_ / "store" / "layer"; }
  fs::path new_directory(const std::string& name) const;
  static sys::DirFd open(const fs::path& path);

  // Into layer(), or another empty directory. The manifest is kept.
  Result<images::Applied> apply(const std::vector<Member>& members,
                                const images::ApplyOptions& options = {});
  Result<images::Applied> apply_bytes(const std::string& bytes, const fs::path& where,
                                      const images::ApplyOptions& options = {});
  const std::string& manifest() const { return manifest_; }
  // What compare_with_manifest says of layer() and the kept manifest, one line each.
  std::string differences(const fs::path& where);

  // write_layer; fails the test on an error.
  std::string write(const fs::path& upper, const std::vector<fs::path>& lowers = {},
                    const images::DiffOptions& options = {});
  Result<std::string> try_write(const fs::path& upper, const std::vector<fs::path>& lowers = {},
                                const images::DiffOptions& options = {});

  // The canary and its surroundings as text; taken by SetUp, compared by TearDown.
  std::string look_outside() const;

 private:
  fs::path work_;
  std::string before_;
  std::string manifest_;
};

// Whether this filesystem keeps attributes of users (tmpfs only since 6.6).
bool has_user_attributes(const fs::path& directory);

}  // namespace nacre::test::layers

#define NACRE_REQUIRE_ROOT() \
  if (::geteuid() != 0) GTEST_SKIP() << "needs root"
