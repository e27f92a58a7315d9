#include "images/snapshots/tree_walk.h"

#include <vector>

#include "base/text.h"
#include "sys/io.h"

namespace nacre::images {
namespace {

constexpr std::size_t kPathAtOnce = 2048;  // well below PATH_MAX

sys::Outcome<sys::DirFd> open_directory(FdRef at, const std::string& path) {
  auto fd = sys::openat2(at, path.c_str(),
                         {O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0,
                          RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV});
  if (!fd) return std::unexpected(fd.error());
  return sys::DirFd(fd->release());
}

bool is_gone(Errno error) { return error.value == ENOENT || error.value == ENOTDIR; }

}  // namespace

// In steps, for paths of any length.
sys::Outcome<sys::DirFd> open_below(FdRef root, const std::string& path) {
  sys::DirFd at = NACRE_TRY(open_directory(root, "."));
  for (std::size_t from = 0; from < path.size();) {
    std::size_t to = path.size();
    if (to - from > kPathAtOnce) to = path.rfind('/', from + kPathAtOnce);
    at = NACRE_TRY(open_directory(at, path.substr(from, to - from)));
    from = to + 1;
  }
  return at;
}

Result<void> walk_tree(FdRef root, const TreeVisitor& visit) {
  std::vector<std::string> pending = {""};
  while (!pending.empty()) {
    const std::string path = std::move(pending.back());
    pending.pop_back();
    const auto dir = open_below(root, path);
    if (!dir && is_gone(dir.error())) continue;
    if (!dir) return fail(Error::from_errno(dir.error(), text::join("open ", text::quote(path))));
    for (const std::string& name :
         NACRE_TRY_CTX(sys::list_directory(*dir), text::join("list ", text::quote(path)))) {
      const auto seen = sys::statx(*dir, name.c_str(), AT_SYMLINK_NOFOLLOW);
      if (!seen && is_gone(seen.error())) continue;
      const std::string below = path.empty() ? name : text::join(path, '/', name);
      if (!seen) return fail(Error::from_errno(seen.error(), text::quote(below)));
      if (!NACRE_TRY(visit(*dir, name, *seen))) return {};
      if (S_ISDIR(seen->stx_mode)) pending.push_back(below);
    }
  }
  return {};
}

}  // namespace nacre::images
