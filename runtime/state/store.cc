#include "runtime/state/store.h"

#include <sys/file.h>

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "runtime/state/remove_tree.h"
#include "sys/io.h"

namespace nacre::state {
namespace {

constexpr const char* kRecordName = "state.json";
constexpr std::size_t kMaxRecordBytes = std::size_t{16} << 20U;
constexpr std::size_t kMaxIdBytes = 255;  // NAME_MAX: an id is a directory's name

bool is_id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '+' || c == '-' || c == '.';
}

Error does_not_exist(std::string_view id) {
  return not_found(text::join("container does not exist: ", text::quote(id)));
}

// mkdir -p, then the last directory's mode, which the umask may have cut.
Result<void> make_directories(const std::string& path, std::uint32_t mode) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const auto made = sys::mkdirat(sys::kCwd, path.substr(0, slash).c_str(), 0711);
    if (!made && made.error().value != EEXIST) {
      return fail(Error::from_errno(made.error(), text::join("mkdir ", path.substr(0, slash))));
    }
  }
  const auto made = sys::mkdirat(sys::kCwd, path.c_str(), mode);
  if (!made && made.error().value == EEXIST) return {};
  if (!made) return fail(Error::from_errno(made.error(), text::join("mkdir ", path)));
  NACRE_TRY_CTX(sys::fchmodat(sys::kCwd, path.c_str(), mode), text::join("chmod ", path));
  return {};
}

}  // namespace

Result<void> check_id(std::string_view id) {
  if (id.empty() || id == "." || id == ".." || id.size() > kMaxIdBytes ||
      !std::ranges::all_of(id, is_id_character)) {
    return fail(invalid_argument(
        text::join("invalid container ID format: ", text::quote(id.substr(0, kMaxIdBytes)))));
  }
  return {};
}

Result<ContainerLock> ContainerDir::lock() const {
  // A description of its own: closing it gives the lock back, whoever else has the directory open.
  UniqueFd fd =
      NACRE_TRY_CTX(sys::openat(dir_, ".", O_RDONLY | O_DIRECTORY), text::join("open ", path_));
  for (;;) {
    const auto locked = sys::flock(fd, LOCK_EX);
    if (locked) break;
    if (locked.error().value != EINTR) {
      return fail(Error::from_errno(locked.error(), text::join("lock ", path_)));
    }
  }
  // The holder we waited for may have deleted the container.
  const auto status = sys::fstatx(fd, STATX_NLINK);
  if (!status || status->stx_nlink == 0) return fail(does_not_exist(id_));
  return ContainerLock(std::move(fd));
}

Result<bool> ContainerDir::lock_is_free() const {
  const UniqueFd fd =
      NACRE_TRY_CTX(sys::openat(dir_, ".", O_RDONLY | O_DIRECTORY), text::join("open ", path_));
  const auto locked = sys::flock(fd, LOCK_EX | LOCK_NB);
  if (locked) return true;
  if (locked.error().value == EWOULDBLOCK) return false;
  return fail(Error::from_errno(locked.error(), text::join("lock ", path_)));
}

Result<Record> ContainerDir::load() const {
  const auto bytes = sys::read_file(dir_, kRecordName, kMaxRecordBytes);
  if (!bytes && bytes.error().value == ENOENT) return fail(does_not_exist(id_));
  if (!bytes) {
    return fail(Error::from_errno(bytes.error(), text::join("read ", path_, '/', kRecordName)));
  }
  auto record = decode(*bytes);
  if (!record) {
    return fail(internal_error(text::join("state.json of container ", text::quote(id_),
                                          " is damaged: ", record.error().message())));
  }
  return record;
}

Result<void> ContainerDir::save(const Record& record) const {
  NACRE_TRY_CTX(sys::replace_file(dir_, kRecordName, encode(record), 0600),
                text::join("write ", path_, '/', kRecordName));
  return {};
}

Result<void> ContainerDir::remove() const {
  NACRE_TRY_CTX(remove_children(dir_), text::join("remove ", path_));
  const auto removed = sys::unlinkat(parent_, id_.c_str(), AT_REMOVEDIR);
  if (!removed && removed.error().value != ENOENT) {
    return fail(Error::from_errno(removed.error(), text::join("remove ", path_)));
  }
  return {};
}

void ContainerDir::remove_empty() const {
  static_cast<void>(sys::unlinkat(parent_, id_.c_str(), AT_REMOVEDIR));
}

Result<StateStore> StateStore::open(const std::string& root, bool create, std::uint32_t mode) {
  if (create) NACRE_TRY(make_directories(root, mode));
  return StateStore(
      NACRE_TRY_CTX(sys::openat<sys::DirFd>(sys::kCwd, root.c_str(), O_RDONLY | O_DIRECTORY),
                    text::join("open ", root)),
      root);
}

Result<ContainerDir> StateStore::open_container(std::string_view id) const {
  std::string name(id);
  std::string path = text::join(path_, '/', id);
  auto dir = sys::openat<sys::DirFd>(root_, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!dir && dir.error().value == ENOENT) return fail(does_not_exist(id));
  if (!dir) return fail(Error::from_errno(dir.error(), text::join("open ", path)));
  auto parent = NACRE_TRY_CTX(sys::duplicate<sys::DirFd>(root_), text::join("open ", path_));
  return ContainerDir(std::move(parent), *std::move(dir), std::move(name), std::move(path));
}

Result<ContainerDir> StateStore::create(std::string_view id) const {
  NACRE_TRY(check_id(id));
  const std::string name(id);
  const auto made = sys::mkdirat(root_, name.c_str(), 0711);
  if (!made && made.error().value == EEXIST) {
    return fail(Error(ErrorCode::kAlreadyExists,
                      text::join("container with given ID already exists: ", text::quote(id))));
  }
  if (!made) return fail(Error::from_errno(made.error(), text::join("mkdir ", path_, '/', id)));
  auto container = open_container(id);
  if (container) {
    // The umask may have taken the x bits that a container's user needs.
    const auto opened = sys::fchmod(container->dir(), 0711);
    if (opened) return container;
    container = fail(Error::from_errno(opened.error(), text::join("chmod ", container->path())));
  }
  static_cast<void>(sys::unlinkat(root_, name.c_str(), AT_REMOVEDIR));
  return container;
}

Result<ContainerDir> StateStore::find(std::string_view id) const {
  NACRE_TRY(check_id(id));
  return open_container(id);
}

Result<std::vector<std::string>> StateStore::ids() const {
  std::vector<std::string> found;
  for (std::string& name : NACRE_TRY_CTX(sys::list_directory(root_), text::join("list ", path_))) {
    if (!check_id(name)) continue;
    const auto status = sys::statx(root_, name.c_str(), AT_SYMLINK_NOFOLLOW, STATX_TYPE);
    if (status && S_ISDIR(status->stx_mode)) found.push_back(std::move(name));
  }
  return found;
}

}  // namespace nacre::state
