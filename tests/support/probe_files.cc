#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "tests/support/probe_json.h"
#include "tests/support/probe_verbs.h"

namespace nacre::probe {
namespace {

int errno_of(int rc) { return rc < 0 ? errno : 0; }

void print_path(std::string_view verb, const char* path, int error) {
  Line(verb).field("path", path).error(error).print();
}

std::string_view type_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return "file";
    case S_IFDIR:
      return "dir";
    case S_IFLNK:
      return "link";
    case S_IFCHR:
      return "char";
    case S_IFBLK:
      return "block";
    case S_IFIFO:
      return "fifo";
    case S_IFSOCK:
      return "socket";
    default:
      return "unknown";
  }
}

std::string octal(unsigned value) {
  std::array<char, 16> text{};
  static_cast<void>(std::snprintf(text.data(), text.size(), "%04o", value));
  return text.data();
}

void print_stat(std::string_view verb, const char* path, int flags) {
  struct stat info{};
  const int error = errno_of(::fstatat(AT_FDCWD, path, &info, flags));
  Line line(verb);
  line.field("path", path).error(error);
  if (error == 0) {
    line.field("type", type_of(info.st_mode))
        .field("mode", octal(info.st_mode & 07777U))
        .field("uid", info.st_uid)
        .field("gid", info.st_gid)
        .field("size", info.st_size)
        .field("inode", info.st_ino)
        .field("device", info.st_dev)
        .field("major", major(info.st_rdev))
        .field("minor", minor(info.st_rdev));
    std::array<char, 4096> target{};
    if (S_ISLNK(info.st_mode) && ::readlink(path, target.data(), target.size() - 1) >= 0) {
      line.field("target", target.data());
    }
  }
  line.print();
}

int write_all(const char* path, int flags, std::string_view data) {
  const int fd = ::open(path, flags | O_CLOEXEC | O_NOCTTY, 0666);
  if (fd < 0) return errno;
  const ssize_t n = ::write(fd, data.data(), data.size());
  const int error = n < 0 ? errno : 0;
  ::close(fd);
  return error;
}

mode_t node_type(std::string_view letter) {
  if (letter == "b") return S_IFBLK;
  return letter == "p" ? S_IFIFO : S_IFCHR;
}

dev_t node_number(const char* major_text, const char* minor_text) {
  return makedev(static_cast<unsigned>(number(major_text)),
                 static_cast<unsigned>(number(minor_text)));
}

int open_flags(std::string_view mode) {
  if (mode == "w") return O_WRONLY;
  if (mode == "rw") return O_RDWR;
  if (mode == "path") return O_PATH;
  return mode == "dir" ? O_RDONLY | O_DIRECTORY : O_RDONLY;
}

int try_open(const char* path, int flags) {
  const int fd = ::open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0) return errno;
  ::close(fd);
  return 0;
}

}  // namespace

void verb_stat(Args args) { print_stat("stat", args[0], AT_SYMLINK_NOFOLLOW); }
void verb_stat_follow(Args args) { print_stat("stat-follow", args[0], 0); }

void verb_statfs(Args args) {
  struct statfs info{};
  const int error = errno_of(::statfs(args[0], &info));
  Line("statfs")
      .field("path", args[0])
      .error(error)
      .field("type", info.f_type)
      .field("bytes", info.f_blocks * static_cast<unsigned long>(info.f_bsize))
      .field("inodes", info.f_files)
      .field("readonly", (info.f_flags & ST_RDONLY) != 0)
      .field("nosuid", (info.f_flags & ST_NOSUID) != 0)
      .field("nodev", (info.f_flags & ST_NODEV) != 0)
      .field("noexec", (info.f_flags & ST_NOEXEC) != 0)
      .print();
}

void verb_read(Args args) {
  int error = 0;
  const std::string text = read_file(args[0], error);
  Line("read").field("path", args[0]).error(error).field("data", text).print();
}

void verb_write(Args args) { print_path("write", args[0], write_all(args[0], O_WRONLY, args[1])); }

void verb_create(Args args) {
  print_path("create", args[0], write_all(args[0], O_WRONLY | O_CREAT | O_TRUNC, args[1]));
}

void verb_open(Args args) { print_path("open", args[0], try_open(args[0], open_flags(args[1]))); }

void verb_mkdir(Args args) { print_path("mkdir", args[0], errno_of(::mkdir(args[0], 0777))); }

void verb_unlink(Args args) {
  int error = errno_of(::unlink(args[0]));
  if (error == EISDIR) error = errno_of(::rmdir(args[0]));
  print_path("unlink", args[0], error);
}

void verb_chmod(Args args) {
  const auto mode = static_cast<mode_t>(std::strtoul(args[1], nullptr, 8));
  print_path("chmod", args[0], errno_of(::chmod(args[0], mode)));
}

void verb_chown(Args args) {
  const auto uid = static_cast<uid_t>(number(args[1]));
  const auto gid = static_cast<gid_t>(number(args[2]));
  print_path("chown", args[0], errno_of(::chown(args[0], uid, gid)));
}

void verb_chdir(Args args) { print_path("chdir", args[0], errno_of(::chdir(args[0]))); }

void verb_mknod(Args args) {
  const mode_t mode = node_type(args[1]) | 0666U;
  print_path("mknod", args[0], errno_of(::mknod(args[0], mode, node_number(args[2], args[3]))));
}

// Whether the node can be made, and then whether the device behind it can be opened: the device
// cgroup answers each with EPERM on its own.
void verb_open_dev(Args args) {
  const char* path = "/probe-device";
  const int made =
      errno_of(::mknod(path, node_type(args[0]) | 0666U, node_number(args[1], args[2])));
  Line line("open-dev");
  line.field("device", std::string(args[0]) + " " + args[1] + ":" + args[2]).error("mknod", made);
  if (made == 0) {
    line.error("read", try_open(path, O_RDONLY)).error("write", try_open(path, O_WRONLY));
    ::unlink(path);
  }
  line.print();
}

void verb_mount(Args args) {
  print_path("mount", args[2], errno_of(::mount(args[1], args[2], args[0], 0, nullptr)));
}

void verb_umount(Args args) { print_path("umount", args[0], errno_of(::umount2(args[0], 0))); }

void verb_remount_rw(Args args) {
  print_path("remount-rw", args[0],
             errno_of(::mount(nullptr, args[0], nullptr, MS_REMOUNT | MS_BIND, nullptr)));
}

}  // namespace nacre::probe
