// A store in a temporary directory, and words for what it says.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "images/store/store.h"
#include "tests/unit/images_store/samples.h"

namespace nacre::images::test {

template <class T>
std::string error_of(const Result<T>& result) {
  return result ? std::string("no error") : result.error().message();
}
template <class T>
ErrorCode code_of(const Result<T>& result) {
  EXPECT_FALSE(result) << "there is no error";
  return result ? ErrorCode::kInternal : result.error().code();
}

#define ASSERT_OK(expression)                                                                 \
  do {                                                                                        \
    const auto& result_of_ok_ = (expression);                                                 \
    ASSERT_TRUE(result_of_ok_.has_value()) << ::nacre::images::test::error_of(result_of_ok_); \
  } while (false)
#define EXPECT_OK(expression)                                                                 \
  do {                                                                                        \
    const auto& result_of_ok_ = (expression);                                                 \
    EXPECT_TRUE(result_of_ok_.has_value()) << ::nacre::images::test::error_of(result_of_ok_); \
  } while (false)

// In memory where there is such a place: what is tested here waits for the disk a lot, and what it
// does on one is for tests/faults/store.
inline std::filesystem::path temporary_folder() {
  const std::filesystem::path memory = "/dev/shm";
  return ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
}

class StoreTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = temporary_folder() / "nacre-store.XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    work_ = pattern;
    open();
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(work_);
  }

  static StoreOptions options() {
    StoreOptions options;
    options.budget.free_bytes = 0;
    options.squash_ids = ::geteuid() != 0;
    return options;
  }
  void open() {
    store_.reset();
    auto opened = Store::open(root(), options());
    ASSERT_OK(opened);
    store_ = *std::move(opened);
  }
  [[nodiscard]] std::string root() const { return work_ / "root"; }
  [[nodiscard]] Store& store() { return *store_; }
  [[nodiscard]] Lease lease() {
    auto made = store_->lease();
    if (!made) ADD_FAILURE() << error_of(made);
    return *std::move(made);
  }

  [[nodiscard]] std::filesystem::path blob_path(const oci::Digest& digest) const {
    return std::filesystem::path(root()) / "blobs/sha256" / digest.hex();
  }
  [[nodiscard]] std::filesystem::path layer_path(const oci::Digest& diff_id) const {
    return std::filesystem::path(root()) / "layers" / diff_id.hex();
  }
  [[nodiscard]] bool has_blob(const oci::Digest& digest) {
    const auto found = store_->find_blob(digest);
    EXPECT_OK(found);
    return found && found->has_value();
  }
  [[nodiscard]] std::size_t count_in(const std::string& folder) const {
    const std::filesystem::directory_iterator entries(std::filesystem::path(root()) / folder);
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
  }
  // A deep check finds nothing, and nothing lies around.
  void expect_sound() {
    const auto damages = store_->check({.deep = true});
    ASSERT_OK(damages);
    for (const Damage& damage : *damages) ADD_FAILURE() << damage.what << ": " << damage.problem;
    EXPECT_THAT(strays(*store_, root()), testing::IsEmpty());
  }

  std::filesystem::path work_;
  std::unique_ptr<Store> store_;
};

}  // namespace nacre::images::test
