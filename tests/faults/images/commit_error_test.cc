// Each system call of the commit of a snapshot fails once: the snapshot stays what it was, and the
// next commit succeeds.
#include <sys/syscall.h>

#include <fstream>

#include "tests/faults/store/fixture.h"
#include "tests/faults/tracer.h"

namespace nacre::images::test {
namespace {

namespace fs = std::filesystem;
using nacre::test::Command;
using nacre::test::Interference;
using nacre::test::Outcome;
using nacre::test::Traced;

const std::vector<long> kCalls = {SYS_write,     SYS_pwrite64, SYS_ftruncate, SYS_renameat,
                                  SYS_renameat2, SYS_mkdirat,  SYS_fsetxattr, SYS_fsync,
                                  SYS_fdatasync, SYS_syncfs,   SYS_pread64,   SYS_getdents64};

class CommitErrorTest : public StoreFaultTest {
 protected:
  void SetUp() override {
    StoreFaultTest::SetUp();
    if (IsSkipped()) return;
#ifndef __x86_64__
    GTEST_SKIP() << "how to have a system call fail is only known on x86-64";
#endif
    const auto store = open(root());
    ASSERT_NE(store, nullptr);
    ASSERT_OK(put_sample(*store, image_));
  }
  [[nodiscard]] Command snapshots(std::vector<std::string> args) const {
    args.insert(args.begin(), {NACRE_SNAPSHOT_WORKER, root()});
    return Command(args);
  }
  Outcome run(std::vector<std::string> args) { return snapshots(std::move(args)).run(); }

  void prepare() {
    static_cast<void>(run({"remove", "next"}));
    static_cast<void>(run({"remove", "frozen"}));
    static_cast<void>(run({"remove", "work"}));
    const auto store = open(root());
    ASSERT_NE(store, nullptr);
    ASSERT_OK(store->empty_trash({}));
    const Outcome made = run({"prepare", "work", image_.layers[0].diff_id.text()});
    ASSERT_TRUE(made.ok()) << describe(made);
    std::ofstream(upper() / "written") << "x";
  }
  [[nodiscard]] fs::path upper() const {
    for (const auto& one : fs::directory_iterator(root() + "/containers")) {
      if (fs::exists(one.path() / "upper")) return one.path() / "upper";
    }
    ADD_FAILURE() << "there is no upper directory";
    return {};
  }

  const SampleImage image_ = image_of("image", {"base"});
};

TEST_F(CommitErrorTest, EachCallOnce) {
  prepare();
  const Traced whole = nacre::test::trace(snapshots({"commit", "frozen", "work"}), kCalls);
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  const int total = static_cast<int>(whole.calls.size());
  ASSERT_GT(total, 3);
  int refused = 0;
  for (const int step : nacre::test::sampled_steps(total, 30)) {
    prepare();
    const Interference refusal{.kind = Interference::Kind::kFail, .at = step, .error = EIO};
    const Traced traced =
        nacre::test::trace(snapshots({"commit", "frozen", "work"}), kCalls, refusal);
    SCOPED_TRACE("call " + std::to_string(step) + " of " + std::to_string(total) + ", " +
                 (traced.calls.empty() ? "" : traced.calls.back().text()) + ": " + traced.err);
    if (traced.exit_code != 0) {
      ++refused;
      EXPECT_EQ(traced.exit_code, 1);
      EXPECT_NE(traced.err.find(": "), std::string::npos) << "without a sentence";
      const Outcome again = run({"commit", "frozen", "work"});
      EXPECT_TRUE(again.ok()) << describe(again);
    }
    EXPECT_TRUE(fs::exists(upper() / "written"));
    const Outcome next = run({"prepare", "next", "frozen"});
    EXPECT_TRUE(next.ok()) << describe(next);
    const auto store = open(root());
    ASSERT_NE(store, nullptr);
    expect_undamaged(*store);
    if (HasFailure()) return;  // the rest would only repeat it
  }
  std::printf("refused %d times of %d calls\n", refused, total);
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace nacre::images::test
