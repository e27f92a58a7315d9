#include "tests/integration/snapshots/fixture.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>

namespace nacre::images::test {

void write_file(const fs::path& path, std::string_view text) {
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) ADD_FAILURE() << "cannot write " << path << ": " << std::strerror(errno);
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path);
  if (!file) ADD_FAILURE() << "cannot read " << path << ": " << std::strerror(errno);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void make_whiteout(const fs::path& path) {
  ASSERT_EQ(::mknod(path.c_str(), S_IFCHR, makedev(0, 0)), 0) << std::strerror(errno);
}

void make_opaque(const fs::path& directory) { set_xattr(directory, "trusted.overlay.opaque", "y"); }

std::string get_xattr(const fs::path& path, const std::string& name) {
  std::array<char, 4096> value;
  const ssize_t size = ::getxattr(path.c_str(), name.c_str(), value.data(), value.size());
  return size < 0 ? std::string() : std::string(value.data(), static_cast<std::size_t>(size));
}

void set_xattr(const fs::path& path, const std::string& name, const std::string& value) {
  ASSERT_EQ(::setxattr(path.c_str(), name.c_str(), value.data(), value.size(), 0), 0)
      << name << ": " << std::strerror(errno);
}

sys::DirFd open_directory(const fs::path& path) {
  sys::DirFd fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  EXPECT_TRUE(fd) << path << ": " << std::strerror(errno);
  return fd;
}

fs::path path_of(const UniqueFd& mount) { return "/proc/self/fd/" + std::to_string(mount.get()); }

int run_in_child(void (*run)(void*), void* argument) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    run(argument);
    std::_Exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  if (pid < 0 || ::waitpid(pid, &status, 0) != pid) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void enter_user_namespace(unsigned id) {
  ASSERT_EQ(::setresgid(id, id, id), 0);
  ASSERT_EQ(::setresuid(id, id, id), 0);
  // Or /proc/self stays root's (proc(5)).
  ASSERT_EQ(::prctl(PR_SET_DUMPABLE, 1), 0);
  ASSERT_EQ(::unshare(CLONE_NEWUSER | CLONE_NEWNS), 0) << std::strerror(errno);
  write_file("/proc/self/setgroups", "deny");
  const std::string map = "0 " + std::to_string(id) + " 1";
  write_file("/proc/self/uid_map", map);
  write_file("/proc/self/gid_map", map);
}

UniqueFd make_user_namespace(unsigned outside, unsigned count) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (::unshare(CLONE_NEWUSER) != 0) std::_Exit(1);
    ::raise(SIGSTOP);
    std::_Exit(0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, WUNTRACED), pid);
  const std::string proc = "/proc/" + std::to_string(pid);
  UniqueFd fd;
  if (WIFSTOPPED(status)) {
    const std::string map = "0 " + std::to_string(outside) + " " + std::to_string(count) + "\n";
    write_file(proc + "/uid_map", map);
    write_file(proc + "/gid_map", map);
    fd = UniqueFd(::open((proc + "/ns/user").c_str(), O_RDONLY | O_CLOEXEC));
    ::kill(pid, SIGKILL);
    ::waitpid(pid, &status, 0);
  }
  EXPECT_TRUE(fd) << "cannot make a user namespace";
  return fd;
}

namespace {

// A disk that somebody names in the environment (tests/vm has idmapped layers on ext4 only); else
// in memory where there is such a place: half of what these tests would do on a disk is wait.
fs::path place() {
  const char* disk = std::getenv("NACRE_SNAPSHOTS_DISK");
  if (disk != nullptr && *disk != '\0') return disk;
  const fs::path memory = "/dev/shm";
  return ::access(memory.c_str(), W_OK) == 0 ? memory : fs::temp_directory_path();
}

}  // namespace

void SnapshotsTest::SetUp() {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root: it mounts";
  std::string name = place() / "nacre-snapshots-XXXXXX";
  ASSERT_NE(::mkdtemp(name.data()), nullptr) << std::strerror(errno);
  work_ = name;
  struct statfs info{};
  ASSERT_EQ(::statfs(name.c_str(), &info), 0);
  idmap_ = nacre::test::kernel_at_least(5, 19) &&
           (info.f_type == EXT4_SUPER_MAGIC || nacre::test::kernel_at_least(6, 3));
  if (info.f_type == OVERLAYFS_SUPER_MAGIC) {
    ASSERT_EQ(::mount("tmpfs", name.c_str(), "tmpfs", 0, "mode=0700"), 0) << std::strerror(errno);
    mounted_ = true;
  }
  user_attributes_ = ::setxattr(name.c_str(), "user.probe", "", 0, 0) == 0;
}

void SnapshotsTest::TearDown() {
  if (work_.empty()) return;
  if (mounted_) {
    EXPECT_EQ(::umount2(work_.c_str(), MNT_DETACH), 0) << std::strerror(errno);
  }
  std::error_code error;
  fs::remove_all(work_, error);
  EXPECT_FALSE(error) << error.message();
}

fs::path SnapshotsTest::make(const std::string& name) {
  fs::create_directories(work_ / name);
  return work_ / name;
}

}  // namespace nacre::images::test
