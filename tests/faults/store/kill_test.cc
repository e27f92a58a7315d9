// kill -9 after each system call of what changes a store. Afterwards it opens, nothing is damaged,
// what was acknowledged before is whole, the same command succeeds, and nothing lies around.
//
// The stepped thread is the one that writes files and records; the threads that inflate and hash
// run free and die with it.
#include <sys/syscall.h>
#include "tests/faults/stepper.h"

#include <algorithm>
#include <iterator>

#include "tests/faults/store/fixture.h"

namespace nacre::images::test {
namespace {

constexpr int kSamples = 60;

// After a call that changes nothing outside of the process it is the same as before it.
bool changes_something(long call) {
  static constexpr long kCalls[] = {
#ifdef SYS_unlink  // of older machines
      SYS_rename,    SYS_unlink,    SYS_mkdir,
#endif
      SYS_write,     SYS_pwrite64,  SYS_openat,    SYS_openat2,  SYS_close,
      SYS_renameat2, SYS_unlinkat,  SYS_mkdirat,   SYS_fsync,    SYS_fdatasync,
      SYS_syncfs,    SYS_ftruncate, SYS_fchmod,    SYS_fchmodat, SYS_flock,
      SYS_fcntl,     SYS_fsetxattr, SYS_utimensat, SYS_fchownat, SYS_linkat};
  return std::ranges::find(kCalls, call) != std::end(kCalls);
}

// From the first lock on: what the program does to get started is no business of the store.
std::vector<int> steps_that_matter(const nacre::test::Steps& whole) {
  std::vector<int> steps;
  const auto start = std::ranges::find(whole.calls, SYS_flock);
  for (auto call = start; call != whole.calls.end(); ++call) {
    if (!changes_something(*call)) continue;
    steps.push_back(static_cast<int>(call - whole.calls.begin()) + 1);
  }
  return steps;
}

class KillTest : public StoreFaultTest {
 protected:
  void SetUp() override {
    StoreFaultTest::SetUp();
    if (IsSkipped()) return;
    ASSERT_TRUE(worker({"pull", "kept", "base", "kept"}).run().ok());
  }

  // `before` makes the starting point, `after` looks at what the killed command left, before it is
  // run again.
  template <class Before, class After>
  void at_every_step(const std::vector<std::string>& command, Before before, After after) {
    before();
    const nacre::test::Steps whole = nacre::test::run_steps(worker(command), std::nullopt);
    ASSERT_EQ(whole.exit_code, 0) << "the command fails even when it is left alone";
    int failures = 0;
    const std::vector<int> steps_there = steps_that_matter(whole);
    const int count = static_cast<int>(steps_there.size());
    ASSERT_GT(count, 20);
    for (const int which : nacre::test::steps_to_try(count, kSamples)) {
      const int step = steps_there[static_cast<std::size_t>(which - 1)];
      before();
      const nacre::test::Steps steps = nacre::test::run_steps(worker(command), step);
      SCOPED_TRACE("killed after system call " + std::to_string(step) + " of about " +
                   std::to_string(whole.taken) + " (" + std::to_string(count) +
                   " of them matter), whose number is " + std::to_string(steps.last_call));
      look(after);
      const nacre::test::Outcome again = worker(command).run();
      EXPECT_TRUE(again.ok() || again.err.starts_with("not_found")) << describe(again);
      const auto store = open(root());
      ASSERT_NE(store, nullptr);
      expect_sound(*store, root());
      expect_whole(*store, kept_);
      if (HasFailure() && ++failures == 3) {
        ADD_FAILURE() << "three steps failed; the rest is not tried";
        return;
      }
    }
  }
  template <class After>
  void look(After after) {
    const auto store = open(root());
    ASSERT_NE(store, nullptr);
    expect_undamaged(*store);
    expect_whole(*store, kept_);
    after(*store);
  }
  void run(const std::vector<std::string>& command) {
    const nacre::test::Outcome outcome = worker(command).run();
    ASSERT_TRUE(outcome.ok()) << describe(outcome);
  }
  void forget(const std::string& name) {
    const auto store = open(root());
    ASSERT_NE(store, nullptr);
    static_cast<void>(store->remove_image(name));  // it may not be there
    EXPECT_OK(store->collect());
  }
  const SampleImage kept_ = image_of("kept", {"base", "kept"});
};

TEST_F(KillTest, DuringIngest) {
  at_every_step({"ingest", "one", "two"}, [this] { forget("none"); }, [](Store&) {});
}

TEST_F(KillTest, DuringPull) {
  const SampleImage image = image_of("new", {"base", "new"});
  at_every_step(
      {"pull", "new", "base", "new"}, [this] { forget("new"); },
      [&](Store& store) {
        const auto record = store.find_image("new");
        EXPECT_OK(record);
        if (record && *record) expect_whole(store, image);  // all of it or nothing
      });
}

TEST_F(KillTest, DuringCollect) {
  at_every_step(
      {"collect"},
      [this] {
        run({"pull", "new", "base", "new"});
        const auto store = open(root());
        ASSERT_NE(store, nullptr);
        EXPECT_OK(store->remove_image("new"));
      },
      [](Store&) {});
}

TEST_F(KillTest, DuringRemoveImage) {
  at_every_step(
      {"remove", "new"}, [this] { run({"pull", "new", "base", "new"}); },
      [](Store& store) {
        const auto record = store.find_image("new");
        EXPECT_OK(record);
      });
}

TEST_F(KillTest, DuringMakeDurable) {
  at_every_step(
      {"durable"},
      [this] {
        forget("new");
        run({"pull", "new", "base", "new"});
      },
      [](Store&) {});
}

}  // namespace
}  // namespace nacre::images::test
