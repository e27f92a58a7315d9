// The disk fills in the middle: a clear error, nothing acknowledged lost, room can be made.
#include <sys/mount.h>

#include "tests/faults/store/fixture.h"

namespace nacre::images::test {
namespace {

using testing::StartsWith;

class FullDiskTest : public StoreFaultTest {
 protected:
  void TearDown() override {
    if (!work_.empty()) ::umount2(work_.c_str(), MNT_DETACH);
    StoreFaultTest::TearDown();
  }
};

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST_F(FullDiskTest, WhereverItHappens) {
  for (int extra = 0; extra < 12; ++extra) {
    // A step that is no multiple of anything: each time it is another write that finds no room.
    const std::string size = "size=" + std::to_string(4500 + extra * 52) + "k";
    SCOPED_TRACE(size);
    ASSERT_EQ(::mount("tmpfs", work_.c_str(), "tmpfs", 0, size.c_str()), 0);
    nacre::test::Command fill = worker({"fill", "image"});
    fill.env("NACRE_WORKER_BYTES", "60000");
    const nacre::test::Outcome outcome = fill.run();
    EXPECT_EQ(outcome.exit_code, 2) << describe(outcome);
    EXPECT_THAT(outcome.err, StartsWith("resource_exhausted")) << describe(outcome);
    {
      const auto store = open(root());
      ASSERT_NE(store, nullptr);
      expect_undamaged(*store);
      const auto lines = lines_of(outcome.out);
      ASSERT_FALSE(lines.empty()) << "not even one image has room";
      for (const std::string& line : lines) {
        const std::string name = line.substr(std::string("pulled ").size());
        expect_whole(*store, image_of(name, {name}, 5, 60000));
      }
      const std::string first = lines[0].substr(std::string("pulled ").size());
      EXPECT_OK(store->remove_image(first));
      expect_sound(*store, root());
      const SampleImage small = image_of("small", {"small"});
      EXPECT_OK(put_sample(*store, small));
      expect_whole(*store, small);
    }
    ASSERT_EQ(::umount2(work_.c_str(), MNT_DETACH), 0);
  }
}

}  // namespace
}  // namespace nacre::images::test
