// Leases and locks that are files.
#include <fcntl.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "images/store/file_lock.h"
#include "images/store/holds.h"
#include "images/store/list_ids.h"
#include "tests/unit/images_store/fixture.h"

namespace nacre::images {
namespace {

using test::error_of;
using test::put_blob;
using test::sample_layer;
using testing::IsEmpty;

class LeaseTest : public test::StoreTest {
 protected:
  std::vector<std::string> recorded() {
    auto ids = store().database().read(
        [](Transaction& records) { return list_ids(records, "SELECT id FROM leases"); });
    EXPECT_OK(ids);
    return ids ? *ids : std::vector<std::string>();
  }
};

TEST_F(LeaseTest, LeavesNothingWhenItEnds) {
  {
    const Lease held = lease();
    EXPECT_EQ(count_in("leases"), 1U);
    EXPECT_EQ(recorded().size(), 1U);
  }
  EXPECT_EQ(count_in("leases"), 0U);
  EXPECT_THAT(recorded(), IsEmpty());
}

TEST_F(LeaseTest, MovesAndEndsOnce) {
  Lease first = lease();
  Lease second = std::move(first);
  EXPECT_EQ(count_in("leases"), 1U);
  second = lease();
  EXPECT_EQ(count_in("leases"), 1U);
}

TEST_F(LeaseTest, KeepsItsBlobsUntilItEnds) {
  const auto layer = sample_layer("a");
  {
    const Lease held = lease();
    ASSERT_OK(put_blob(store(), held, layer.descriptor, layer.blob));
    ASSERT_OK(store().collect());
    EXPECT_TRUE(has_blob(layer.descriptor.digest));
  }
  const auto collected = store().collect();
  ASSERT_OK(collected);
  EXPECT_EQ(collected->blobs, 1U);
  EXPECT_EQ(collected->bytes, layer.blob.size());
  EXPECT_FALSE(has_blob(layer.descriptor.digest));
  EXPECT_FALSE(std::filesystem::exists(blob_path(layer.descriptor.digest)));
}

// A process that is killed cannot say so: its lock tells.
TEST_F(LeaseTest, OfAKilledProcessIsOver) {
  const auto layer = sample_layer("a");
  {
    const Lease held = lease();
    ASSERT_OK(put_blob(store(), held, layer.descriptor, layer.blob));
    // As if the process had ended here: the record stays, the file is there, nobody holds it.
    ASSERT_OK(store().database().write(Durability::kProcess, [&](Transaction& records) {
      return records.run_script(
          "INSERT INTO leases VALUES ('killed', 0); UPDATE lease_items SET lease = 'killed'");
    }));
  }
  ASSERT_THAT(recorded(), testing::ElementsAre("killed"));
  std::ofstream(root() + "/leases/killed") << "";
  const auto collected = store().collect();
  ASSERT_OK(collected);
  EXPECT_EQ(collected->blobs, 1U);
  EXPECT_THAT(recorded(), IsEmpty());
  EXPECT_EQ(count_in("leases"), 0U);
}

TEST_F(LeaseTest, EndedLeaseCannotKeepAnything) {
  const Lease held = lease();
  ASSERT_OK(store().database().write(Durability::kProcess, [&](Transaction& records) {
    return records.run("DELETE FROM leases");
  }));
  const auto result = store().database().write(Durability::kProcess, [&](Transaction& records) {
    return keep(records, held, kBlobKind, "sha256:x");
  });
  EXPECT_EQ(test::code_of(result), ErrorCode::kFailedPrecondition);
}

TEST_F(LeaseTest, AFileLockExcludesAndLeavesNoFile) {
  const sys::DirFd folder(::open(work_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  auto first = FileLock::acquire(folder, "x");
  ASSERT_OK(first);
  auto second = FileLock::try_acquire(folder, "x");
  ASSERT_OK(second);
  EXPECT_FALSE(second->has_value());
  std::thread waiter([&] {
    auto waited = FileLock::acquire(folder, "x");
    EXPECT_OK(waited);
    EXPECT_TRUE(std::filesystem::exists(work_ / "x"));
  });
  first->release();
  waiter.join();
  EXPECT_FALSE(std::filesystem::exists(work_ / "x"));
}

TEST_F(LeaseTest, ManyWantOneFileLock) {
  const sys::DirFd folder(::open(work_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::atomic<int> inside = 0;
  std::atomic<bool> crowded = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int turn = 0; turn < 100; ++turn) {
        const auto lock = FileLock::acquire(folder, "x");
        ASSERT_OK(lock);
        if (++inside != 1) crowded = true;
        --inside;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(crowded);
}

TEST_F(LeaseTest, SweepsOnlyLocksThatNobodyHolds) {
  const sys::DirFd folder(
      ::open((work_ / "root/locks").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto held = FileLock::acquire(folder, "held");
  ASSERT_OK(held);
  std::ofstream(root() + "/locks/left") << "";
  ASSERT_OK(remove_unheld_locks(folder));
  EXPECT_TRUE(std::filesystem::exists(root() + "/locks/held"));
  EXPECT_FALSE(std::filesystem::exists(root() + "/locks/left"));
}

}  // namespace
}  // namespace nacre::images
