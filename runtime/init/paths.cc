#include "runtime/init/paths.h"

#include "sys/file.h"

namespace nacre::init {
namespace {

constexpr int kMaxLinks = 40;  // the kernel's own limit (MAXSYMLINKS)
constexpr std::uint64_t kInRoot = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;

// A path being walked, kept as text so that a link found on the way can be put in front of what is
// left.
struct PathBuffer {
  char bytes[kPathMax];
  std::size_t size = 0;

  Outcome<void> append(const char* text, std::size_t length) {
    if (size + length + 1 > sizeof bytes) return std::unexpected(Errno{ENAMETOOLONG});
    __builtin_memcpy(bytes + size, text, length);
    size += length;
    bytes[size] = '\0';
    return {};
  }
};

std::size_t skip_slashes(const char* path, std::size_t at) {
  while (path[at] == '/') ++at;
  return at;
}
std::size_t component_end(const char* path, std::size_t at) {
  while (path[at] != '\0' && path[at] != '/') ++at;
  return at;
}

// Replaces path[0, end) - whose last component [start, end) is a symbolic link below `parent` - by
// where it points.
Outcome<void> follow_link(FdRef parent, PathBuffer& path, std::size_t start, std::size_t end) {
  char name[256];
  if (end - start >= sizeof name) return std::unexpected(Errno{ENAMETOOLONG});
  __builtin_memcpy(name, path.bytes + start, end - start);
  name[end - start] = '\0';
  char target[kPathMax];
  const std::size_t length = NACRE_TRY(sys::readlinkat(parent, name, target, sizeof target));
  PathBuffer next;
  if (target[0] != '/') NACRE_TRY(next.append(path.bytes, start));
  NACRE_TRY(next.append(target, length));
  NACRE_TRY(next.append(path.bytes + end, path.size - end));
  path = next;
  return {};
}

Outcome<void> make_entry(FdRef parent, const char* name, Make kind, std::uint32_t mode) {
  if (kind == Make::kDirectory) {
    const auto made = sys::mkdirat(parent, name, mode);
    if (!made && made.error().value == EEXIST) return {};
    return made;
  }
  const auto made = sys::openat(parent, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, mode);
  if (!made && made.error().value != EEXIST) return std::unexpected(made.error());
  return {};
}

// What stands at `name` below `parent`: 0 if nothing, else the type bits.
Outcome<std::uint32_t> type_of(FdRef parent, const char* name) {
  const auto info = sys::statx(parent, name, AT_SYMLINK_NOFOLLOW, STATX_TYPE);
  if (info) return info->stx_mode & S_IFMT;
  if (info.error().value == ENOENT) return 0U;
  return std::unexpected(info.error());
}

}  // namespace

Outcome<UniqueFd> resolve(const Init& init, const char* path, int open_flags) {
  return sys::openat2_scoped(init.root, path, {.flags = O_PATH | open_flags, .resolve = kInRoot});
}

Outcome<UniqueFd> resolve_or_make(const Init& init, const char* path, Make kind, std::uint32_t mode,
                                  int open_flags) {
  auto found = resolve(init, path, open_flags);
  if (found || found.error().value != ENOENT) return found;
  PathBuffer walk;
  NACRE_TRY(walk.append(path, __builtin_strlen(path)));
  UniqueFd parent = NACRE_TRY(resolve(init, "/", O_DIRECTORY));
  int links = 0;
  std::size_t start = skip_slashes(walk.bytes, 0);
  while (walk.bytes[start] != '\0') {
    const std::size_t end = component_end(walk.bytes, start);
    const bool last = walk.bytes[skip_slashes(walk.bytes, end)] == '\0';
    const char kept = walk.bytes[end];
    walk.bytes[end] = '\0';
    const std::uint32_t type = NACRE_TRY(type_of(parent, walk.bytes + start));
    if (type == S_IFLNK && !(last && (open_flags & O_NOFOLLOW) != 0)) {
      walk.bytes[end] = kept;
      if (++links > kMaxLinks) return std::unexpected(Errno{ELOOP});
      NACRE_TRY(follow_link(parent, walk, start, end));
      parent = NACRE_TRY(resolve(init, "/", O_DIRECTORY));
      start = skip_slashes(walk.bytes, 0);
      continue;
    }
    if (type == 0) {
      NACRE_TRY(make_entry(parent, walk.bytes + start, last ? kind : Make::kDirectory,
                           last ? mode : 0755));
    }
    // From the root again, and not from `parent`: "..", and a rename by somebody else, stay inside.
    UniqueFd next = NACRE_TRY(resolve(init, walk.bytes, last ? open_flags : O_DIRECTORY));
    walk.bytes[end] = kept;
    parent = std::move(next);
    start = skip_slashes(walk.bytes, end);
  }
  return parent;
}

Outcome<ParentAndName> make_parent(const Init& init, const char* path) {
  std::size_t last = 0;
  for (std::size_t at = 0; path[at] != '\0'; ++at) {
    if (path[at] == '/' && path[at + 1] != '/' && path[at + 1] != '\0') last = at + 1;
  }
  PathBuffer above;
  NACRE_TRY(above.append("/", 1));
  NACRE_TRY(above.append(path, last));
  return ParentAndName{
      NACRE_TRY(resolve_or_make(init, above.bytes, Make::kDirectory, 0755, O_DIRECTORY)),
      path + last};
}

}  // namespace nacre::init
