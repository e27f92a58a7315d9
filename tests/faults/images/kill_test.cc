// kill -9 after each system call, of whatever thread, of a pull from a registry, of unpacking, of a
// collection: what was acknowledged is whole, what was not is absent or gone on with, and the next
// pull ends with the same as if nothing had happened.
#include "tests/faults/images/fixture.h"
#include "tests/faults/tracer.h"

namespace nacre::images::test {
namespace {

using nacre::test::Interference;
using nacre::test::Outcome;
using nacre::test::Traced;

class ImagesKillTest : public ImagesFaultTest {
 protected:
  void SetUp() override {
    ImagesFaultTest::SetUp();
    if (IsSkipped()) return;
    kept_ = put_up("kept", {"base", "kept"});
    new_ = put_up("new", {"base", "new1", "new2"}, 5, 20'000);
    const Outcome outcome = pull(root(), "kept").run();
    ASSERT_TRUE(outcome.ok()) << describe(outcome);
  }

  // `prepare` makes the starting point; afterwards the store has to be good and `next` looks
  // further.
  template <class Make, class Prepare, class Next>
  void at_sampled_steps(Make command, int samples, Prepare prepare, Next next) {
    prepare();
    const Traced whole = nacre::test::trace(command(), nacre::test::changing_calls());
    ASSERT_EQ(whole.exit_code, 0) << "it fails even when it is left alone: " << whole.err;
    const int total = static_cast<int>(whole.calls.size());
    ASSERT_GT(total, 30);
    int killed = 0;
    for (const int step : nacre::test::sampled_steps(total, samples)) {
      prepare();
      const Traced traced =
          nacre::test::trace(command(), nacre::test::changing_calls(),
                             Interference{.kind = Interference::Kind::kKill, .at = step});
      // Threads do not always make the same number of calls: a late step may not come any more.
      if (traced.reached) ++killed;
      SCOPED_TRACE("killed after call " + std::to_string(step) + " of about " +
                   std::to_string(total) + ", " +
                   (traced.calls.empty() ? "" : traced.calls.back().text()));
      look();
      next();
      if (HasFailure()) return;  // the rest would only repeat it
    }
    std::printf("killed %d times\n", killed);
    EXPECT_GE(killed, samples / 2);
  }
  void look() {
    const auto store = open(root());
    ASSERT_NE(store, nullptr);
    expect_undamaged(*store);
    expect_pulled(*store, root(), "kept", kept_);
    expect_pulled_or_absent(*store, root(), "new", new_);
  }
  void let_go_of_new() {
    const Outcome outcome = pull(root(), "new").run();
    ASSERT_TRUE(outcome.ok()) << describe(outcome);
    const auto store = open(root());
    ASSERT_NE(store, nullptr);
    ASSERT_OK(store->remove_image(name("app:new")));
  }
};

TEST_F(ImagesKillTest, DuringPull) {
  at_sampled_steps([this] { return pull(root(), "new"); }, 40, [this] { forget_new(); },
                   [this] { expect_the_next_pull_goes_on(root(), "new", new_); });
}

TEST_F(ImagesKillTest, DuringUnpack) {
  const SampleLayer layer = sample_layer("alone", 20, 3000);
  const auto unpack = [&] {
    return images_worker(root(), {"unpack", layer.descriptor.digest.text(),
                                  std::to_string(layer.descriptor.size), layer.diff_id.text()});
  };
  const auto only_the_blob = [&] {
    forget_new();
    const auto store = open(root());
    ASSERT_NE(store, nullptr);
    const auto lease = store->lease();
    ASSERT_OK(lease);
    ASSERT_OK(put_blob(*store, *lease, layer.descriptor, layer.blob));
  };
  at_sampled_steps(unpack, 30, only_the_blob, [&] {
    {
      const auto store = open(root());
      ASSERT_NE(store, nullptr);
      const auto found = store->find_layer(layer.diff_id);
      ASSERT_OK(found);
      if (*found) EXPECT_OK(store->open_layer(layer.diff_id));
    }
    const Outcome again = unpack().run();
    EXPECT_TRUE(again.ok()) << describe(again);
    const auto store = open(root());
    ASSERT_NE(store, nullptr);
    EXPECT_OK(store->open_layer(layer.diff_id));
    expect_sound(*store, root());
  });
}

TEST_F(ImagesKillTest, DuringCollect) {
  at_sampled_steps([this] { return images_worker(root(), {"collect"}); }, 20,
                   [this] { let_go_of_new(); },
                   [this] { expect_the_next_pull_goes_on(root(), "new", new_); });
}

TEST_F(ImagesKillTest, WhileTheTrashIsEmptied) {
  at_sampled_steps([this] { return images_worker(root(), {"trash"}); }, 20,
                   [this] {
                     let_go_of_new();
                     const Outcome collected = images_worker(root(), {"collect"}).run();
                     ASSERT_TRUE(collected.ok()) << describe(collected);
                   },
                   [this] { expect_the_next_pull_goes_on(root(), "new", new_); });
}

}  // namespace
}  // namespace nacre::images::test
