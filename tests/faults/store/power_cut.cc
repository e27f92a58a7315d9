#include "tests/faults/store/power_cut.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <random>

#include "images/store/connection.h"

namespace nacre::images::test {
namespace {

namespace fs = std::filesystem;
using nacre::test::Command;
using nacre::test::Outcome;
using nacre::test::Running;

void run(const std::vector<std::string>& argv) {
  const Outcome outcome = Command(argv).run();
  ASSERT_TRUE(outcome.ok()) << describe(outcome);
}

void clone(const fs::path& from, const fs::path& to) {
  const UniqueFd source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  const UniqueFd target(::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  ASSERT_EQ(::ioctl(target.get(), FICLONE, source.get()), 0) << std::strerror(errno);
}

// Reads what the worker says; complete lines only.
void take_lines(int fd, std::string& pending, Lines& lines, int at_least) {
  int taken = 0;
  for (;;) {
    for (std::size_t end = 0; (end = pending.find('\n')) != std::string::npos; ++taken) {
      lines.push_back(pending.substr(0, end));
      pending.erase(0, end + 1);
    }
    char chunk[4096];
    if (taken >= at_least) {
      int waiting = 0;
      if (::ioctl(fd, FIONREAD, &waiting) != 0 || waiting == 0) return;
    }
    const ssize_t got = ::read(fd, chunk, sizeof chunk);
    ASSERT_GT(got, 0) << "the worker has ended";
    pending.append(chunk, static_cast<std::size_t>(got));
  }
}

// As it is on a machine that has been started again.
void forget_boot(const std::string& root) {
  auto records = Connection::open(root + "/db.sqlite");
  ASSERT_OK(records);
  ASSERT_OK((*records)->run("UPDATE layers SET boot_id = 'of before the power cut'"));
}

}  // namespace

void PowerCutTest::SetUp() {
  StoreFaultTest::SetUp();
  if (IsSkipped()) return;
  NACRE_REQUIRE_PROGRAM("mkfs.xfs");
  NACRE_REQUIRE_PROGRAM("mkfs.ext4");
  NACRE_REQUIRE_CAPABILITY(21 /* CAP_SYS_ADMIN */);
  make_disk(work_ / "outer", "1500M", {"mkfs.xfs", "-q"});
  mount(work_ / "outer", work_ / "files", "xfs", "");
}

void PowerCutTest::TearDown() {
  while (!mounted_.empty()) unmount();
  StoreFaultTest::TearDown();
}

void PowerCutTest::make_disk(const fs::path& file, const std::string& size,
                             std::vector<std::string> mkfs) {
  run({"truncate", "-s", size, file});
  mkfs.push_back(file);
  run(mkfs);
}

void PowerCutTest::mount(const fs::path& file, const fs::path& at, const std::string& type,
                         const std::string& options) {
  fs::create_directories(at);
  run({"mount", "-t", type, "-o", options.empty() ? "loop" : "loop," + options, file, at});
  mounted_.push_back(at);
}

void PowerCutTest::unmount() {
  // With its loop device; a lazy unmount would keep both.
  const Outcome outcome = Command({"umount", mounted_.back()}).run();
  EXPECT_TRUE(outcome.ok()) << describe(outcome);
  mounted_.pop_back();
}

void PowerCutTest::cut_power(const Disk& disk, Command loop, int instants, const Look& look) {
  const fs::path file = work_ / "files/inner";
  make_disk(file, "400M", disk.mkfs);
  mount(file, work_ / "inner", disk.type, disk.options);
  nacre::test::Pipe said = nacre::test::make_pipe();
  loop.stdout_fd(said.write.get());
  Running running = loop.start();
  said.write.reset();
  std::mt19937 random(4711);
  std::string pending;
  Lines lines;
  for (int instant = 0; instant < instants && !HasFailure(); ++instant) {
    SCOPED_TRACE("instant " + std::to_string(instant));
    take_lines(said.read.get(), pending, lines, static_cast<int>(random() % 6) + 1);
    ::usleep(static_cast<useconds_t>(
        random() % 30000));  // to be anywhere between two lines, not to wait for something
    take_lines(said.read.get(), pending, lines, 0);
    const Lines before = lines;
    clone(file, work_ / "files/cut");
    take_lines(said.read.get(), pending, lines, 0);
    look_at_cut(disk, before, lines, look);
  }
  running.send(SIGKILL);
  const Outcome ended = running.wait();
  EXPECT_EQ(ended.signal, SIGKILL) << describe(ended);
  unmount();
  fs::remove(file);
}

void PowerCutTest::look_at_cut(const Disk& disk, const Lines& before, const Lines& after,
                               const Look& look) {
  mount(work_ / "files/cut", work_ / "cut", disk.type, disk.options);
  const std::string root = work_ / "cut/root";
  forget_boot(root);
  look(root, before, after);
  unmount();
}

}  // namespace nacre::images::test
