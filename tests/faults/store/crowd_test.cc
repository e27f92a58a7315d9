// Many processes at one store.
#include "tests/faults/store/fixture.h"

namespace nacre::images::test {
namespace {

using nacre::test::Outcome;
using nacre::test::Running;

class CrowdTest : public StoreFaultTest {
 protected:
  void expect_all_ok(std::vector<Running>& crowd) {
    for (Running& one : crowd) {
      const Outcome outcome = one.wait();
      EXPECT_TRUE(outcome.ok()) << describe(outcome);
    }
  }
};

TEST_F(CrowdTest, TenPullTheSameLayersAtOnce) {
  std::vector<Running> crowd;
  for (int i = 0; i < 10; ++i) {
    crowd.push_back(worker({"pull", "image" + std::to_string(i), "shared1", "shared2",
                            "own" + std::to_string(i % 3)})
                        .start());
  }
  expect_all_ok(crowd);
  const auto store = open(root());
  ASSERT_NE(store, nullptr);
  for (int i = 0; i < 10; ++i) {
    expect_whole(*store, image_of("image" + std::to_string(i),
                                  {"shared1", "shared2", "own" + std::to_string(i % 3)}));
  }
  const auto layers = store->layers();
  ASSERT_OK(layers);
  EXPECT_EQ(layers->size(), 5U);
  expect_sound(*store, root());
}

TEST_F(CrowdTest, SomeOfTenAreKilled) {
  for (int round = 0; round < 5; ++round) {
    std::vector<Running> crowd;
    for (int i = 0; i < 10; ++i) {
      crowd.push_back(worker({"pull", "image" + std::to_string(i), "shared1", "shared2"}).start());
    }
    for (int i = 0; i < 10; i += 2) crowd[static_cast<std::size_t>(i)].send(SIGKILL);
    for (int i = 0; i < 10; ++i) {
      const Outcome outcome = crowd[static_cast<std::size_t>(i)].wait();
      EXPECT_TRUE(outcome.ok() || i % 2 == 0) << describe(outcome);
    }
    const auto store = open(root());
    ASSERT_NE(store, nullptr);
    for (int i = 1; i < 10; i += 2) {
      const std::string name = "image" + std::to_string(i);
      expect_whole(*store, image_of(name, {"shared1", "shared2"}));
      EXPECT_OK(store->remove_image(name));
    }
    expect_sound(*store, root());
  }
}

TEST_F(CrowdTest, PullsRemovalsAndCollectionsAtOnce) {
  std::vector<Running> crowd;
  for (int i = 0; i < 4; ++i) {
    crowd.push_back(worker({"pull", "image" + std::to_string(i), "shared", "own"}).start());
    crowd.push_back(worker({"collect"}).start());
    crowd.push_back(worker({"durable"}).start());
    crowd.push_back(worker({"check"}).start());
  }
  expect_all_ok(crowd);
  const auto store = open(root());
  ASSERT_NE(store, nullptr);
  for (int i = 0; i < 4; ++i) {
    expect_whole(*store, image_of("image" + std::to_string(i), {"shared", "own"}));
  }
  expect_sound(*store, root());
}

}  // namespace
}  // namespace nacre::images::test
