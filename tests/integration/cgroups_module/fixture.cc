#include "tests/integration/cgroups_module/fixture.h"

#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "sys/io.h"
#include "sys/process.h"

namespace nacre::test {
namespace {

// Where the mount is; made once per process and removed when it ends.
struct PrivateMount {
  std::string directory;
  std::string missing;  // why there is none

  PrivateMount() {
    if (::geteuid() != 0) {
      missing = "needs root";
    } else if (const char* refused = mount_it(); refused != nullptr) {
      missing =
          std::string("this machine does not grant us ") + refused + ": " + std::strerror(errno);
    }
  }
  ~PrivateMount() {
    if (directory.empty()) return;
    ::umount2(directory.c_str(), MNT_DETACH);
    ::rmdir(directory.c_str());
  }
  PrivateMount(const PrivateMount&) = delete;
  PrivateMount& operator=(const PrivateMount&) = delete;

 private:
  // What is refused, with errno; null when all is well.
  const char* mount_it() {
    char pattern[] = "/tmp/nacre-cgroup2.XXXXXX";
    if (::mkdtemp(pattern) == nullptr) return "a temporary directory";
    directory = pattern;
    if (::unshare(CLONE_NEWNS) != 0) return "a mount namespace of its own";
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return "private mounts";
    if (::mount("cgroup2", pattern, "cgroup2", 0, nullptr) != 0) return "a cgroup2 mount";
    return nullptr;
  }
};

const PrivateMount& private_mount() {
  static const PrivateMount mount;
  return mount;
}

void sleep_for_ever(void* /*unused*/) {
  static_cast<void>(sys::prctl(PR_SET_PDEATHSIG, SIGKILL));
  for (;;) static_cast<void>(sys::poll(nullptr, 0, -1));
}

void run_for_ever(void* /*unused*/) {
  for (;;) {
    const auto child = sys::clone3_fork({.exit_signal = SIGCHLD});
    if (child && *child > 0) sys::raw_syscall(__NR_exit_group, 0);
  }
}

int spawn_in(const cgroups::Cgroup& group, sys::ChildEntry entry) {
  const auto stack = std::make_unique<sys::SpawnStack>();
  sys::CloneArgs args;
  args.cgroup_fd = group.dir().get();
  args.exit_signal = SIGCHLD;
  const auto pid = sys::clone3_spawn(args, false, *stack, entry, nullptr);
  if (!pid) ADD_FAILURE() << "clone3 into " << group.path() << ": errno " << pid.error().value;
  return pid.value_or(-1);
}

}  // namespace

Sleeper::Sleeper(const cgroups::Cgroup& group) : pid_(spawn_in(group, &sleep_for_ever)) {}

Sleeper Sleeper::runner(const cgroups::Cgroup& group) {
  Sleeper one;
  one.pid_ = spawn_in(group, &run_for_ever);
  return one;
}

Sleeper::~Sleeper() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  static_cast<void>(reap());
}

int Sleeper::reap() {
  int status = 0;
  const int waited = ::waitpid(std::exchange(pid_, -1), &status, 0);
  EXPECT_GT(waited, 0) << std::strerror(errno);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

void CgroupsModuleTest::SetUp() {
  const PrivateMount& mount = private_mount();
  if (!mount.missing.empty()) GTEST_SKIP() << mount.missing;
  auto root = sys::openat<sys::DirFd>(sys::kCwd, mount.directory.c_str(), O_PATH | O_DIRECTORY);
  ASSERT_TRUE(root);
  hierarchy_ = {mount.directory, *std::move(root), false};
  // Not the pid: every test program is process 1 of its own world, the hierarchy is everybody's.
  base_ = "/nacre-module-" + mount.directory.substr(mount.directory.rfind('.') + 1);
}

void CgroupsModuleTest::TearDown() {
  if (!hierarchy_.root || !exists(base_)) return;
  ADD_FAILURE() << base_ << " is still there";
  const auto left = cgroups::Cgroup::open(hierarchy_, base_);
  if (!left) return;
  EXPECT_EQ(error_of(left->kill()), "no error");
  while (::waitpid(-1, nullptr, 0) > 0) {
  }
  EXPECT_EQ(error_of(left->remove()), "no error");
}

cgroups::Cgroup CgroupsModuleTest::make(const std::string& suffix) const {
  auto group = cgroups::Cgroup::create(hierarchy_, path(suffix), {});
  if (!group) throw std::runtime_error(group.error().message());
  return *std::move(group);
}

bool CgroupsModuleTest::exists(const std::string& path) const {
  return ::access((hierarchy_.mount_point + path).c_str(), F_OK) == 0;
}

std::string CgroupsModuleTest::content(const std::string& path_of_file) const {
  const auto text = sys::read_file(hierarchy_.root, path_of_file.c_str() + 1, 65536);
  return text ? *text : "(missing)";
}

std::string error_of(const Result<void>& result) {
  return result ? std::string("no error") : result.error().message();
}

int fork_child(int& read_end, int& write_end) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  const int pid = ::fork();
  if (pid < 0) throw std::runtime_error("fork");
  (pid == 0 ? write_end : read_end) = ends[pid == 0 ? 1 : 0];
  ::close(ends[pid == 0 ? 0 : 1]);
  return pid;
}

std::string finish_child(int pid, int read_end) {
  const UniqueFd pipe(read_end);
  const auto text = sys::read_all(pipe, 65536);
  int status = 0;
  ::waitpid(pid, &status, 0);
  const bool well = text && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return well ? *text : "(died)";
}

void end_child(int write_end, const std::string& text) {
  const bool written = ::write(write_end, text.data(), text.size()) == std::ssize(text);
  ::_exit(written ? 0 : 1);
}

}  // namespace nacre::test
