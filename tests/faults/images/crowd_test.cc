// Ten processes pull images that share layers into one store, and a collection runs all the while.
#include "tests/faults/images/fixture.h"

namespace nacre::images::test {
namespace {

using nacre::test::Command;
using nacre::test::Outcome;
using nacre::test::Pipe;
using nacre::test::Running;

constexpr int kCrowd = 10;

class ImagesCrowdTest : public ImagesFaultTest {
 protected:
  void SetUp() override {
    ImagesFaultTest::SetUp();
    if (IsSkipped()) return;
    for (int i = 0; i < kCrowd; ++i) {
      const std::string number = std::to_string(i);
      images_.push_back(put_up("i" + number, {"shared1", "shared2", "own" + number}, 8, 20'000));
    }
  }

  std::vector<Running> start_pulls() {
    std::vector<Running> crowd;
    for (int i = 0; i < kCrowd; ++i) {
      crowd.push_back(pull(root(), "i" + std::to_string(i)).start());
    }
    return crowd;
  }
  std::set<std::string> layers() const {
    std::set<std::string> all;
    for (const PublishedImage& image : images_) {
      for (const SampleLayer& layer : image.layers) all.insert(layer.descriptor.digest.text());
    }
    return all;
  }
  void expect_each_fetched_once(std::size_t since) {
    for (const std::string& layer : layers()) {
      EXPECT_EQ(fetches(*oci::Digest::parse(layer), since), 1) << layer;
    }
  }
  void expect_all_there(int from, int stride) {
    const auto store = open(root());
    ASSERT_NE(store, nullptr);
    expect_undamaged(*store);
    for (int i = from; i < kCrowd; i += stride) {
      expect_pulled(*store, root(), "i" + std::to_string(i), images_[static_cast<std::size_t>(i)]);
    }
  }

  std::vector<PublishedImage> images_;
};

TEST_F(ImagesCrowdTest, EachLayerIsFetchedOnce) {
  const std::size_t since = requests();
  for (Running& one : start_pulls()) {
    const Outcome outcome = one.wait();
    EXPECT_TRUE(outcome.ok()) << describe(outcome);
  }
  EXPECT_EQ(layers().size(), 2U + kCrowd);
  expect_each_fetched_once(since);
  expect_all_there(0, 1);
  const auto store = open(root());
  ASSERT_NE(store, nullptr);
  expect_sound(*store, root());
}

TEST_F(ImagesCrowdTest, ACollectionNeverTakesWhatAPullIsMaking) {
  const int rounds =
#ifdef NACRE_FAULTS_EVERY_STEP
      20;
#else
      3;
#endif
  for (int round = 0; round < rounds && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    Pipe until = nacre::test::make_pipe();
    Command command = images_worker(root(), {"collecting"});
    Running collecting = command.stdin_fd(until.read.get()).start();
    const std::size_t since = requests();
    for (Running& one : start_pulls()) {
      const Outcome outcome = one.wait();
      EXPECT_TRUE(outcome.ok()) << describe(outcome);
    }
    // What nobody needs any more goes meanwhile, so that the next round fetches everything.
    until.write.reset();
    const Outcome collected = collecting.wait();
    EXPECT_TRUE(collected.ok()) << describe(collected);
    expect_each_fetched_once(since);
    expect_all_there(0, 1);
    const auto store = open(root());
    ASSERT_NE(store, nullptr);
    for (int i = 0; i < kCrowd; ++i) {
      EXPECT_OK(store->remove_image(name("app:i" + std::to_string(i))));
    }
    expect_sound(*store, root());
  }
}

TEST_F(ImagesCrowdTest, HalfOfTenAreKilled) {
  for (int round = 0; round < 3 && !HasFailure(); ++round) {
    std::vector<Running> crowd = start_pulls();
    // At whatever they are: killing as others end spreads it over all of a pull.
    for (int i = 0; i < kCrowd; ++i) {
      Running& one = crowd[static_cast<std::size_t>(i)];
      if (i % 2 == 0) one.send(SIGKILL);
      const Outcome outcome = one.wait();
      EXPECT_TRUE(outcome.ok() || i % 2 == 0) << describe(outcome);
    }
    expect_all_there(1, 2);
    for (int i = 0; i < kCrowd; i += 2) {
      expect_the_next_pull_goes_on(root(), "i" + std::to_string(i),
                                   images_[static_cast<std::size_t>(i)]);
    }
    const auto store = open(root());
    ASSERT_NE(store, nullptr);
    for (int i = 0; i < kCrowd; ++i) {
      EXPECT_OK(store->remove_image(name("app:i" + std::to_string(i))));
    }
    expect_sound(*store, root());
  }
}

}  // namespace
}  // namespace nacre::images::test
