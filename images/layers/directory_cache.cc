#include "images/layers/directory_cache.h"

#include <algorithm>

#include "base/text.h"
#include "sys/file.h"

namespace nacre::images::layers {
namespace {

constexpr std::uint64_t kResolve =
    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
constexpr std::size_t kPieceLimit = 4000;  // PATH_MAX is 4096 with the NUL

Result<sys::DirFd> open_piece(FdRef from, const std::string& piece, int flags,
                              const std::string& whole) {
  auto fd = sys::openat2(from, piece.empty() ? "." : piece.c_str(),
                         {.flags = flags | O_DIRECTORY | O_NOFOLLOW, .resolve = kResolve});
  if (!fd) {
    return fail(Error::from_errno(
        fd.error(), text::join("open the directory ", text::quote(whole.empty() ? "." : whole),
                               " of the layer")));
  }
  return sys::DirFd(fd->release());
}

}  // namespace

Result<sys::DirFd> open_below(FdRef root, const std::string& path, int flags) {
  if (path.size() <= kPieceLimit) return open_piece(root, path, flags, path);
  sys::DirFd at;
  for (std::size_t begin = 0;;) {
    const FdRef from = at ? FdRef(at) : root;
    if (path.size() - begin <= kPieceLimit)
      return open_piece(from, path.substr(begin), flags, path);
    const std::size_t end = path.rfind('/', begin + kPieceLimit);
    at = NACRE_TRY(open_piece(from, path.substr(begin, end - begin), O_PATH, path));
    begin = end + 1;
  }
}

Result<FdRef> DirectoryCache::open(const Directory& directory) {
  if (directory.parent == nullptr) return root_;
  ++clock_;
  const auto have = std::ranges::find(slots_, &directory, &Slot::directory);
  if (have != slots_.end()) {
    have->used = clock_;
    return FdRef(have->fd);
  }
  Slot& slot = *std::ranges::min_element(slots_, {}, &Slot::used);
  slot.fd = NACRE_TRY(open_below(root_, path_of(directory), O_PATH));
  slot.directory = &directory;
  slot.used = clock_;
  return FdRef(slot.fd);
}

void DirectoryCache::clear() {
  for (Slot& slot : slots_) slot = Slot{};
}

}  // namespace nacre::images::layers
