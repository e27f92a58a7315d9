// The disk fills in the middle of a pull, at many levels: a clear error, the store is as it was,
// and with more room the next pull goes on.
#include <sys/mount.h>
#include <sys/statfs.h>

#include "tests/faults/images/fixture.h"

namespace nacre::images::test {
namespace {

using nacre::test::Outcome;
using testing::StartsWith;

constexpr int kLevels = 16;

class ImagesFullDiskTest : public ImagesFaultTest {
 protected:
  void TearDown() override {
    if (!work_.empty()) ::umount2(work_.c_str(), MNT_DETACH);
    ImagesFaultTest::TearDown();
  }
  void mount_disk(std::uint64_t kib, unsigned long flags = 0) {
    const std::string size = "size=" + std::to_string(kib) + "k";
    ASSERT_EQ(::mount("tmpfs", work_.c_str(), "tmpfs", flags, size.c_str()), 0);
  }
  void unmount_disk() { ASSERT_EQ(::umount2(work_.c_str(), MNT_DETACH), 0); }
  [[nodiscard]] std::uint64_t used_kib() const {
    struct statfs space{};
    EXPECT_EQ(::statfs(work_.c_str(), &space), 0);
    return (space.f_blocks - space.f_bfree) * static_cast<std::uint64_t>(space.f_bsize) / 1024;
  }
};

TEST_F(ImagesFullDiskTest, InTheMiddleOfAPull) {
  const PublishedImage kept = put_up("kept", {"base"});
  const PublishedImage image = put_up("new", {"base", "one", "two", "three"}, 10, 60'000);
  mount_disk(256 << 10);
  ASSERT_TRUE(pull(root(), "kept").run().ok());
  const std::uint64_t before = used_kib();
  ASSERT_TRUE(pull(root(), "new").run().ok());
  const std::uint64_t whole = used_kib();
  unmount_disk();
  ASSERT_GT(whole, before + 2000);

  int full = 0;
  for (int level = 0; level < kLevels && !HasFailure(); ++level) {
    // A step that is no multiple of anything: each time it is another write that finds no room.
    const std::uint64_t kib = before + (whole - before) * static_cast<unsigned>(level) / kLevels;
    SCOPED_TRACE("a disk of " + std::to_string(kib) + " KiB");
    mount_disk(256 << 10);
    ASSERT_TRUE(pull(root(), "kept").run().ok());
    mount_disk(std::max(kib, used_kib() + 4), MS_REMOUNT);
    const Outcome outcome = pull(root(), "new").run();
    if (!outcome.ok()) {
      ++full;
      EXPECT_EQ(outcome.exit_code, 2) << describe(outcome);
      EXPECT_THAT(outcome.err, StartsWith("resource_exhausted: ")) << describe(outcome);
    }
    {
      const auto store = open(root());
      ASSERT_NE(store, nullptr);
      expect_undamaged(*store);
      expect_pulled(*store, root(), "kept", kept);
      expect_pulled_or_absent(*store, root(), "new", image);
    }
    mount_disk(256 << 10, MS_REMOUNT);
    expect_the_next_pull_goes_on(root(), "new", image);
    unmount_disk();
  }
  // The reserve that a full store gives up is room at the highest levels.
  EXPECT_GE(full, kLevels / 2);
  std::printf("full at %d of %d levels\n", full, kLevels);
}

}  // namespace
}  // namespace nacre::images::test
