// The power fails while images are pulled from a registry: who was told that an image is there has
// it, and the next pull of each image works.
#include <map>
#include <sstream>

#include "tests/faults/images/fixture.h"
#include "tests/faults/store/power_cut.h"

namespace nacre::images::test {
namespace {

// On each of three file systems.
#ifdef NACRE_FAULTS_EVERY_STEP
constexpr int kInstants = 200;
#else
constexpr int kInstants = 34;
#endif
constexpr int kImages = 4;

class PullPowerCutTest : public WithRegistry<PowerCutTest> {
 protected:
  void SetUp() override {
    WithRegistry<PowerCutTest>::SetUp();
    if (IsSkipped()) return;
    for (int i = 0; i < kImages; ++i) {
      const std::string tag = "i" + std::to_string(i);
      images_[tag] = put_up(tag, {"shared" + std::to_string(i % 2), "own" + tag}, 8, 25'000);
    }
  }

  void survive(const Disk& disk) {
    std::vector<std::string> arguments = {"loop"};
    for (const auto& [tag, image] : images_) arguments.push_back(name("app:" + tag));
    int whole = 0;
    cut_power(disk, images_worker(root_on_disk(), arguments), kInstants,
              [&](const std::string& root, const Lines& before, const Lines& after) {
                whole += look_at(root, before, after);
              });
    std::printf("%d instants, %d acknowledged images found whole\n", kInstants, whole);
    EXPECT_GT(whole, kInstants / 2);
  }

 private:
  // Images that have to be there: told before, and no removal begun until it was over.
  static std::set<std::string> acknowledged(const Lines& before, const Lines& after) {
    std::set<std::string> there;
    for (std::size_t i = 0; i < after.size(); ++i) {
      std::istringstream words(after[i]);
      std::string verb, name;
      words >> verb >> name;
      if (verb == "removing") there.erase(name);
      if (verb == "pulled" && i < before.size()) there.insert(name);
    }
    return there;
  }
  // How many had to be there.
  int look_at(const std::string& root, const Lines& before, const Lines& after) {
    const std::set<std::string> there = acknowledged(before, after);
    {
      const auto store = open(root);
      EXPECT_NE(store, nullptr);
      if (store == nullptr) return 0;
      expect_undamaged(*store);
      for (const std::string& image : there) {
        const auto record = store->find_image(image);
        EXPECT_TRUE(record && *record) << image << " is gone";
      }
    }
    for (const auto& [tag, image] : images_) {
      const nacre::test::Outcome outcome = pull(root, tag).run();
      EXPECT_TRUE(outcome.ok()) << describe(outcome);
    }
    expect_all_there(root);
    return static_cast<int>(there.size());
  }

  void expect_all_there(const std::string& root) {
    const auto store = open(root);
    ASSERT_NE(store, nullptr);
    for (const auto& [tag, image] : images_) expect_pulled(*store, root, tag, image);
    expect_sound(*store, root);
  }

  std::map<std::string, PublishedImage> images_;
};

TEST_F(PullPowerCutTest, Ext4) { survive(kExt4); }
TEST_F(PullPowerCutTest, Ext4ThatPromisesLess) { survive(kExt4ThatPromisesLess); }
TEST_F(PullPowerCutTest, Xfs) { survive(kXfs); }

}  // namespace
}  // namespace nacre::images::test
