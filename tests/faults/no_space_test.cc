// No space, no inodes, no descriptors: a sentence, the right exit status, nothing left.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class NoSpaceTest : public ContainerTest {
 protected:
  void TearDown() override {
    for (const auto& path : mounted_) ::umount2(path.c_str(), MNT_DETACH);
    ContainerTest::TearDown();
  }
  fs::path tmpfs(const std::string& name, const std::string& options) {
    const fs::path dir = work() / name;
    fs::create_directories(dir);
    EXPECT_EQ(::mount("tmpfs", dir.c_str(), "tmpfs", 0, options.c_str()), 0);
    mounted_.push_back(dir);
    return dir;
  }
  void release(const fs::path& dir) {
    ::umount2(dir.c_str(), MNT_DETACH);
    std::erase(mounted_, dir);
  }
  static void fill(const fs::path& dir) {
    const UniqueFd fd(::open((dir / "filler").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    const std::string block(4096, 'x');
    while (::write(fd.get(), block.data(), block.size()) > 0) {
    }
  }
  Outcome create_with_root(const fs::path& root, const std::string& id,
                           std::vector<std::string> options = {}) {
    prepare(bundle(), id);
    std::vector<std::string> args = {"--root",           root,           "--log",
                                     work() / "own.log", "--log-format", "json",
                                     "create",           "--bundle",     bundle().path()};
    args.insert(args.end(), options.begin(), options.end());
    args.push_back(id);
    fs::remove(work() / "own.log");
    return bare_runtime(args).run();
  }
  std::vector<fs::path> mounted_;
};

TEST_F(NoSpaceTest, StateRootIsFull) {
  bundle().probe({"pause"});
  const fs::path root = tmpfs("root", "size=16k");
  fill(root);
  const Outcome outcome = create_with_root(root, new_id());
  EXPECT_NE(outcome.exit_code, 0);
  expect_failure(outcome, 1, "no space left on device");
  release(root);
  expect_nothing_left();
}

// One inode more each time: every file and directory of the state is the first to be refused once.
TEST_F(NoSpaceTest, StateRootRunsOutOfInodes) {
  bundle().probe({"pause"});
  bool succeeded = false;
  for (int inodes = 2; inodes < 30 && !succeeded; ++inodes) {
    SCOPED_TRACE(inodes);
    const fs::path root = tmpfs("root", "size=1m,nr_inodes=" + std::to_string(inodes));
    const std::string id = new_id();
    const Outcome outcome = create_with_root(root, id, {"--pid-file", work() / "c.pid"});
    succeeded = outcome.exit_code == 0;
    if (!succeeded && runtime_kind() != RuntimeKind::kCrun) {
      expect_failure(outcome, 1, "no space left on device");
      if (!is_peer()) {
        EXPECT_FALSE(fs::exists(root / id)) << "a failed create leaves no state directory";
      }
    }
    const Outcome removed = bare_runtime({"--root", root, "delete", "--force", id}).run();
    EXPECT_EQ(removed.exit_code, 0) << describe(removed);
    release(root);
    if (!is_peer()) {
      ASSERT_TRUE(expect_nothing_left());
    }
  }
  EXPECT_TRUE(succeeded);
}

TEST_F(NoSpaceTest, RootFilesystemIsFull) {
  const fs::path full = tmpfs("full", "size=4m,nr_inodes=100");
  Bundle& own = new_bundle("full/bundle");
  fs::create_directories(work() / "dir");
  own.bind(work() / "dir", "/no/place/for/this");
  fill(full);
  int spare = 0;
  while (::mkdir((full / ("inode" + std::to_string(spare))).c_str(), 0700) == 0) ++spare;
  ::rmdir((full / "inode0").c_str());
  // config.json is written in place of the filler's last page.
  ASSERT_EQ(::truncate((full / "filler").c_str(), 4096), 0);
  const Outcome outcome = run_bundle(own, new_id());
  EXPECT_NE(outcome.exit_code, 0);
  expect_failure(outcome, 1, "no space left on device");
  if (!is_peer()) {
    EXPECT_THAT(outcome.err, HasSubstr("/no/place/for/this"));
  }
  release(full);
}

TEST_F(NoSpaceTest, PidFileOnAFullFilesystem) {
  bundle().probe({"pause"});
  const fs::path full = tmpfs("full", "size=16k");
  fill(full);
  const std::string id = new_id();
  prepare(bundle(), id);
  const Outcome outcome =
      runtime({"create", "--bundle", bundle().path(), "--pid-file", full / "pid", id}).run();
  NACRE_PEER_DIFFERS(kCrun, "does not look at the result of the write");
  expect_failure(outcome, 1, "no space left on device");
  EXPECT_FALSE(fs::exists(state_root() / id));
  EXPECT_FALSE(fs::exists(full / "pid"));
  for (const auto& entry : fs::directory_iterator(full))
    EXPECT_EQ(entry.path().filename(), "filler");
  release(full);
}

TEST_F(NoSpaceTest, LogOnAFullFilesystem) {
  bundle().args({"/no/such"});
  const std::string id = new_id();
  prepare(bundle(), id);
  const Outcome outcome = bare_runtime({"--root", state_root(), "--log", "/dev/full", "run",
                                        "--bundle", bundle().path(), id})
                              .run();
  EXPECT_EQ(outcome.exit_code, 1) << describe(outcome);
  NACRE_PEER_DIFFERS(kCrun, "wording is its own");
  EXPECT_THAT(outcome.err, HasSubstr("no such file or directory"));
}

TEST_F(NoSpaceTest, LogOnAFullFilesystemDoesNotDisturbASuccess) {
  const std::string id = new_id();
  prepare(bundle(), id);
  const Outcome outcome = bare_runtime({"--root", state_root(), "--log", "/dev/full", "run",
                                        "--bundle", bundle().path(), id})
                              .run();
  EXPECT_EQ(outcome.exit_code, 0) << describe(outcome);
}

// A cut answer must not look like a whole one.
TEST_F(NoSpaceTest, AnswerThatCannotBeWritten) {
  NACRE_PEER_DIFFERS(kRunc, "does not look at the result of the write");
  NACRE_PEER_DIFFERS(kCrun, "does not look at the result of the write");
  const Container container = launch_idle();
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  for (const auto& args : std::vector<std::vector<std::string>>{
           {"state", container.id}, {"list"}, {"ps", "-f", "json", container.id}, {"features"}}) {
    EXPECT_EQ(runtime(args).stdout_fd(full.get()).run().exit_code, 1) << args[0];
  }
}

TEST_F(NoSpaceTest, FewDescriptors) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP()
      << "needs a build without sanitizers: UBSan looks at objects through descriptors of its own";
#endif
  NACRE_PEER_DIFFERS(kRunc, "the Go runtime needs more and ends with a panic");
  NACRE_PEER_DIFFERS(kCrun, "leaves its cgroup behind");
  bundle().probe({"exit", "0"});
  bool succeeded = false;
  for (rlim_t limit = 4; limit < 64 && !succeeded; ++limit) {
    SCOPED_TRACE(limit);
    const std::string id = new_id();
    prepare(bundle(), id);
    const Outcome outcome = runtime({"run", "--bundle", bundle().path(), id})
                                .before_exec([limit] {
                                  const rlimit value{limit, limit};
                                  ::setrlimit(RLIMIT_NOFILE, &value);
                                })
                                .run();
    succeeded = outcome.ok();
    if (!succeeded) {
      EXPECT_EQ(outcome.exit_code, 1) << describe(outcome);
      EXPECT_THAT(outcome.err, HasSubstr("too many open files"));
    }
    ASSERT_TRUE(expect_nothing_left());
  }
  EXPECT_TRUE(succeeded);
}

}  // namespace
}  // namespace nacre::test
