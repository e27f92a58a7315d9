#include "cgroups/directories.h"

#include "base/text.h"
#include "cgroups/control_events.h"
#include "cgroups/tree.h"
#include "sys/file.h"

namespace nacre::cgroups {
namespace {

constexpr std::uint32_t kMode = 0755;
constexpr const char* kMadeMark = "user.nacre.made";

bool is_gone(Errno error) { return error.value == ENOENT || error.value == ENODEV; }
bool is_busy(Errno error) { return error.value == EBUSY || error.value == ENOTEMPTY; }

// A mark that cannot be set (a kernel before 5.7) only means that the directory stays.
void mark_as_made(FdRef dir) { static_cast<void>(sys::setxattr_fd(dir, kMadeMark, "1", 1)); }
bool is_marked(FdRef dir) { return sys::getxattr_fd(dir, kMadeMark, nullptr, 0).has_value(); }

sys::Outcome<void> make_parents(const Place& place) {
  const std::string parents = parent_of(place.relative());
  for (std::size_t end = 0; end != std::string::npos;) {
    end = parents.find('/', end + 1);
    const std::string one = parents.substr(0, end);
    const auto made = sys::mkdirat(place.root, one.c_str(), kMode);
    if (!made && made.error().value == EEXIST) continue;
    if (!made) return made;
    const auto dir = sys::openat<sys::DirFd>(place.root, one.c_str(), O_RDONLY | O_DIRECTORY);
    if (dir) mark_as_made(*dir);
  }
  return {};
}

sys::Outcome<void> remove_below(FdRef dir) {
  return for_each_below(dir, [](FdRef parent, const std::string& name) -> sys::Outcome<void> {
    const auto done = sys::unlinkat(parent, name.c_str(), AT_REMOVEDIR);
    if (!done && is_gone(done.error())) return {};
    return done;
  });
}

void remove_marked_parents(const Place& place) {
  for (std::string at = parent_of(place.relative()); !at.empty(); at = parent_of(at)) {
    const auto dir = sys::openat<sys::DirFd>(place.root, at.c_str(), O_RDONLY | O_DIRECTORY);
    if (!dir && is_gone(dir.error())) continue;  // another container's removal was faster
    if (!dir || !is_marked(*dir)) return;
    const auto done = sys::unlinkat(place.root, at.c_str(), AT_REMOVEDIR);
    if (!done && !is_gone(done.error())) return;  // still in use
  }
}

Error cannot_remove(const Place& place, Errno error) {
  return Error::from_errno(error, text::join("remove cgroup ", place.shown()));
}

// What rmdir refused for: processes that have not quite gone, then cgroups below.
Result<void> empty_out(const Place& place, FdRef dir, int bound_ms) {
  const auto events = ControlEvents::open(dir, "cgroup.events");
  if (!events && is_gone(events.error())) return {};
  if (!events) return fail(cannot_remove(place, events.error()));
  const auto empty = events->wait_for("populated", 0, bound_ms);
  if (!empty && is_gone(empty.error())) return {};
  if (!empty) return fail(cannot_remove(place, empty.error()));
  if (!*empty) {
    return fail({ErrorCode::kUnavailable,
                 text::join("remove cgroup ", place.shown(), ": there are still processes in it")});
  }
  const auto removed = remove_below(dir);
  if (!removed) return fail(cannot_remove(place, removed.error()));
  return {};
}

}  // namespace

Result<bool> make_directories(const Place& place) {
  const auto cannot = [&](Errno error) {
    remove_marked_parents(place);
    return fail(Error::from_errno(error, text::join("create cgroup ", place.shown())));
  };
  // A parent can vanish between two calls when the last container below it is being removed.
  constexpr int kAttempts = 16;
  auto made = sys::mkdirat(place.root, place.relative(), kMode);
  for (int attempt = 0; !made && is_gone(made.error()) && attempt < kAttempts; ++attempt) {
    const auto parents = make_parents(place);
    if (!parents && !is_gone(parents.error())) return cannot(parents.error());
    made = sys::mkdirat(place.root, place.relative(), kMode);
  }
  if (made) return true;
  if (made.error().value == EEXIST) return false;
  return cannot(made.error());
}

Result<void> remove_directories(const Place& place, FdRef dir, int bound_ms) {
  auto removed = sys::unlinkat(place.root, place.relative(), AT_REMOVEDIR);
  if (!removed && is_busy(removed.error())) {
    NACRE_TRY(empty_out(place, dir, bound_ms));
    removed = sys::unlinkat(place.root, place.relative(), AT_REMOVEDIR);
  }
  if (!removed && !is_gone(removed.error())) return fail(cannot_remove(place, removed.error()));
  remove_marked_parents(place);
  return {};
}

}  // namespace nacre::cgroups
