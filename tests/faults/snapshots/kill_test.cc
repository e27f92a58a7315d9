// kill -9 after each system call of what changes snapshots. Afterwards nothing is damaged, a
// snapshot is there as a whole or not at all, the same command succeeds or finds its work done, and
// no folder without a record stays.
#include "images/store/database.h"
#include "tests/faults/stepper.h"
#include "tests/integration/snapshots/snapshotter_fixture.h"
#include "tests/support/command.h"

namespace nacre::images::test {
namespace {

using nacre::test::Command;
using nacre::test::Outcome;
using nacre::test::Steps;

constexpr int kSamples = 60;

class KillTheSnapshotterTest : public SnapshotterTest {
 protected:
  void SetUp() override {
    SnapshotterTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    // Something to be fitted and something to be copied: prepare makes a fixup too.
    image_ = {put(LayerArchive().directory("dir", odd_).file("dir/file", "low")),
              put(LayerArchive().file("dir/high", "2").hard_link("link", "dir/file"))};
    commit_file("kept", image_, "mine", "kept");
  }

  Command worker(std::vector<std::string> arguments) {
    std::vector<std::string> argv = {NACRE_SNAPSHOT_WORKER, root()};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return Command(argv);
  }
  std::vector<std::string> prepare_arguments(const std::string& key) const {
    std::vector<std::string> arguments = {"prepare", key};
    for (const oci::Digest& layer : image_) arguments.push_back(layer.text());
    return arguments;
  }

  // As if nobody had ever stood on the image.
  void forget_fixups() {
    NACRE_ASSERT_OK(store().database().write(Durability::kProcess, [](Transaction& records) {
      return records.run("DELETE FROM chains");
    }));
    NACRE_ASSERT_OK(snapshots().discard_garbage());
    ASSERT_EQ(count_in("fixups"), 0U);
  }
  // Whichever of these there are.
  void remove_all(const std::vector<std::string>& keys) {
    for (const std::string& key : keys) {
      const auto done = snapshots().remove(key);
      EXPECT_TRUE(done || done.error().code() == ErrorCode::kNotFound) << done.error().message();
    }
  }
  bool has(const std::string& key) { return snapshots().stat(key).has_value(); }

  void expect_whole(const std::string& key) {
    prepare("look", key);
    const auto mounted = mount("look");
    EXPECT_EQ(read_file(path_of(mounted) / "link"), "low");
    EXPECT_EQ(read_file(path_of(mounted) / "dir/high"), "2");
    remove_all({"look"});
  }
  void expect_sound() {
    const auto damages = snapshots().check();
    NACRE_ASSERT_OK(damages);
    for (const Damage& damage : *damages) ADD_FAILURE() << damage.what << ": " << damage.problem;
    NACRE_ASSERT_OK(snapshots().discard_garbage());
    std::size_t folders = 0;
    NACRE_ASSERT_OK(snapshots().walk([&](const SnapshotInfo& info) -> Result<void> {
      if (info.kind != SnapshotKind::kView) ++folders;
      return {};
    }));
    EXPECT_EQ(count_in("containers"), folders);
    EXPECT_LE(count_in("fixups"), 1U);
    NACRE_EXPECT_OK(store().empty_trash({}));
    EXPECT_EQ(count_in("trash"), 0U);
    prepare("look", std::string("kept"));
    const auto mounted = mount("look");
    EXPECT_EQ(read_file(path_of(mounted) / "mine"), "kept");
    EXPECT_EQ(fs::status(path_of(mounted) / "dir").permissions(), fs::perms(odd_.mode));
    remove_all({"look"});
  }

  // `before` makes the starting point; `after` looks at what a killed command has left. Run again,
  // the command succeeds or fails with `done_code`, which says that nothing was left to do.
  template <class Before, class After>
  void at_every_step(const std::vector<std::string>& command, ErrorCode done_code, Before before,
                     After after) {
    before();
    const Steps whole = nacre::test::run_steps(worker(command), std::nullopt);
    ASSERT_EQ(whole.exit_code, 0) << "the command fails even when it is left alone";
    int failures = 0;
    for (const int step : nacre::test::steps_to_try(whole.taken, kSamples)) {
      before();
      const Steps steps = nacre::test::run_steps(worker(command), step);
      SCOPED_TRACE("killed after system call " + std::to_string(step) + " of about " +
                   std::to_string(whole.taken) + ", whose number is " +
                   std::to_string(steps.last_call));
      expect_sound();
      after();
      const Outcome again = worker(command).run();
      EXPECT_TRUE(again.ok() || again.err.starts_with(to_text(done_code))) << describe(again);
      expect_sound();
      if (HasFailure() && ++failures == 3) {
        ADD_FAILURE() << "three steps failed; the rest is not tried";
        return;
      }
    }
  }

  const Metadata odd_ = {.mode = 0750, .uid = 7, .gid = 8};
  Layers image_;
};

TEST_F(KillTheSnapshotterTest, DuringPrepare) {
  at_every_step(
      prepare_arguments("new"), ErrorCode::kAlreadyExists,
      [this] {
        remove_all({"new"});
        forget_fixups();
      },
      [this] {
        if (!has("new")) return;
        EXPECT_EQ(read_file(path_of(mount("new")) / "link"), "low");
      });
}

TEST_F(KillTheSnapshotterTest, DuringCommit) {
  at_every_step(
      {"commit", "frozen", "new"}, ErrorCode::kNotFound,
      [this] {
        remove_all({"frozen", "new"});
        prepare("new", image_);
        write_file(path_of(mount("new")) / "written", "x");
      },
      [this] {
        ASSERT_NE(has("new"), has("frozen")) << "it is to be one of the two";
        if (has("frozen")) {
          expect_whole("frozen");
        } else {
          EXPECT_EQ(read_file(path_of(mount("new")) / "written"), "x");
        }
      });
}

TEST_F(KillTheSnapshotterTest, DuringRemove) {
  at_every_step(
      {"remove", "new"}, ErrorCode::kNotFound,
      [this] {
        remove_all({"new"});
        prepare("new", image_);
        write_file(path_of(mount("new")) / "written", "x");
      },
      [this] {
        if (!has("new")) return;
        EXPECT_EQ(read_file(path_of(mount("new")) / "written"), "x");
      });
}

// Of an ephemeral one, where a volatile mount's mark is taken away.
TEST_F(KillTheSnapshotterTest, DuringAMount) {
  at_every_step(
      {"mount", "run"}, ErrorCode::kNotFound,
      [this] {
        remove_all({"run"});
        prepare("run", image_, true);
        write_file(path_of(mount("run")) / "written", "x");
      },
      [this] { EXPECT_EQ(read_file(path_of(mount("run")) / "written"), "x"); });
}

// Two that make the same fixup, one of them killed: the other has it.
TEST_F(KillTheSnapshotterTest, AFixupIsFinishedByTheNext) {
  const auto start = [this] {
    remove_all({"one", "two"});
    forget_fixups();
  };
  start();
  const int total = nacre::test::run_steps(worker(prepare_arguments("one")), std::nullopt).taken;
  for (const int step : nacre::test::steps_to_try(total, kSamples / 2)) {
    start();
    nacre::test::run_steps(worker(prepare_arguments("one")), step);
    const Outcome other = worker(prepare_arguments("two")).run();
    ASSERT_TRUE(other.ok()) << describe(other);
    EXPECT_EQ(read_file(path_of(mount("two")) / "link"), "low");
    expect_sound();
  }
}

}  // namespace
}  // namespace nacre::images::test
