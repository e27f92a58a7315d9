#include "runtime/state/remove_tree.h"

#include "sys/file.h"
#include "sys/io.h"

namespace nacre::state {
namespace {

constexpr int kDeepest = 16;

bool is_gone(const sys::Outcome<void>& removed) {
  return removed.has_value() || removed.error().value == ENOENT;
}

sys::Outcome<void> remove_below(FdRef dir, int depth) {
  if (depth > kDeepest) return std::unexpected(Errno{ELOOP});
  const auto names = sys::list_directory(dir);
  if (!names && names.error().value == ENOENT) return {};  // the directory itself is gone
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    auto removed = sys::unlinkat(dir, name.c_str());
    if (is_gone(removed)) continue;
    if (removed.error().value != EISDIR) return removed;
    const auto child = sys::openat(dir, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!child) return std::unexpected(child.error());
    removed = remove_below(*child, depth + 1);
    if (removed) removed = sys::unlinkat(dir, name.c_str(), AT_REMOVEDIR);
    if (!is_gone(removed)) return removed;
  }
  return {};
}

}  // namespace

sys::Outcome<void> remove_children(FdRef dir) { return remove_below(dir, 0); }

}  // namespace nacre::state
