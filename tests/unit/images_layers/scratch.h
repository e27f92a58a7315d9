// A layer of the caller's own user: what needs no root.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <vector>

#include "images/layers/layers.h"
#include "images/stream/memory.h"
#include "tests/integration/layers/archive.h"

namespace nacre::images {

class ScratchLayer : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "nacre-layer.XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    work_ = pattern;
    std::filesystem::create_directory(layer());
    options_.whiteouts = WhiteoutForm::kUser;
    options_.squash_ids = true;
    options_.budget.free_bytes = 0;
  }
  void TearDown() override {
    if (work_.empty()) return;
    // What is closed to its own owner has to be opened before it can be removed.
    std::filesystem::permissions(layer(), std::filesystem::perms::owner_all);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(layer())) {
      if (entry.symlink_status().type() == std::filesystem::file_type::directory)
        std::filesystem::permissions(entry.path(), std::filesystem::perms::owner_all);
    }
    std::filesystem::remove_all(work_);
  }

  [[nodiscard]] std::filesystem::path layer() const { return work_ / "layer"; }
  [[nodiscard]] sys::DirFd open() const {
    return sys::DirFd(::open(layer().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  Result<Applied> apply(const std::string& bytes) {
    MemorySource source(bytes, 1000);
    MemorySink manifest;
    auto applied = apply_layer(source, open(), manifest, options_);
    manifest_ = manifest.take();
    return applied;
  }
  Result<Applied> apply(const std::vector<test::layers::Member>& members) {
    return apply(test::layers::archive(members));
  }

  std::filesystem::path work_;
  ApplyOptions options_;
  std::string manifest_;
};

}  // namespace nacre::images
