#include "cgroups/cgroup.h"

#include <algorithm>
#include <optional>

#include "base/scope_exit.h"
#include "base/text.h"
#include "cgroups/controllers.h"
#include "cgroups/directories.h"
#include "cgroups/path.h"
#include "sys/file.h"
#include "sys/io.h"

namespace nacre::cgroups {
namespace {

constexpr std::size_t kNumberLimit = 64;
constexpr std::size_t kDelegateLimit = 4096;

Place place_in(const Hierarchy& hierarchy, const std::string& path) {
  return {hierarchy.root, hierarchy.mount_point, path};
}

sys::Outcome<sys::DirFd> open_directory(const Place& place) {
  // cgroup v2 has no symlinks; what looks like one is not cgroup v2.
  return sys::openat<sys::DirFd>(place.root, place.relative(), O_PATH | O_DIRECTORY | O_NOFOLLOW);
}

// What is missing or unreadable (no memory controller, no such cgroup yet) cannot be exceeded.
std::optional<std::uint64_t> memory_usage(FdRef dir) {
  const auto text = sys::read_file(dir, "memory.current", kNumberLimit);
  if (!text) return std::nullopt;
  return text::parse_u64(text::trim(*text));
}

Result<void> check_usage(FdRef dir, const std::vector<Setting>& settings) {
  const auto guarded = [](const Setting& one) { return one.must_exceed_usage != 0; };
  if (std::ranges::none_of(settings, guarded)) return {};
  const std::optional<std::uint64_t> usage = memory_usage(dir);
  if (!usage) return {};
  for (const Setting& one : settings) {
    if (!guarded(one) || one.must_exceed_usage > *usage) continue;
    const std::string_view what =
        one.file == "memory.swap.max" ? "memory+swap limit " : "memory limit ";
    return fail(failed_precondition(
        text::join("rejecting ", what, one.must_exceed_usage, " <= usage ", *usage)));
  }
  return {};
}

struct Write {
  const std::string& file;
  const std::string& value;
};

sys::Outcome<void> write_one(FdRef dir, const Write& write) {
  return sys::write_control(dir, write.file.c_str(), write.value);
}

Error cannot_write(const Setting& setting, Errno error) {
  return Error::from_errno(error, text::join("cannot set ", setting.field, ": write ",
                                             text::quote(setting.value), " to ", setting.file));
}

// ENOENT when neither the file nor its alternative is there.
sys::Outcome<void> write_setting(FdRef dir, const Setting& setting) {
  const auto done = write_one(dir, {setting.file, setting.value});
  if (done || done.error().value != ENOENT || setting.other_file.empty()) return done;
  return write_one(dir, {setting.other_file, setting.other_value});
}

Result<void> write_with_controller(const Place& place, FdRef dir, const Setting& setting) {
  NACRE_TRY(provide_controllers(place, dir, {setting}, {}));
  const auto done = write_setting(dir, setting);
  if (!done) return fail(cannot_write(setting, done.error()));
  return {};
}

}  // namespace

Result<Cgroup> Cgroup::create(const Hierarchy& hierarchy, const std::string& path,
                              const std::vector<Setting>& needs,
                              const std::vector<std::string>& wanted) {
  NACRE_TRY(check_path(path));
  Place place = place_in(hierarchy, path);
  const bool made = NACRE_TRY(make_directories(place));
  ScopeExit undo([&] {
    if (made) static_cast<void>(remove_directories(place, FdRef(-1), 0));
  });
  auto dir = NACRE_TRY_CTX(open_directory(place), text::join("open cgroup ", place.shown()));
  NACRE_TRY(provide_controllers(place, dir, needs, wanted));
  undo.dismiss();
  return Cgroup(std::move(place), std::move(dir), made);
}

Result<Cgroup> Cgroup::open(const Hierarchy& hierarchy, const std::string& path) {
  NACRE_TRY(check_path(path));
  Place place = place_in(hierarchy, path);
  auto dir = NACRE_TRY_CTX(open_directory(place), text::join("open cgroup ", place.shown()));
  return Cgroup(std::move(place), std::move(dir), false);
}

Result<void> Cgroup::apply(const std::vector<Setting>& settings) const {
  NACRE_TRY(check_usage(dir_, settings));
  std::vector<const Setting*> postponed;
  for (const Setting& setting : settings) {
    const auto done = write_setting(dir_, setting);
    if (done) continue;
    if (done.error().value == ENOENT) {
      if (setting.if_missing == Setting::IfMissing::kIgnore) continue;
      NACRE_TRY(write_with_controller(place_, dir_, setting));
    } else if (done.error().value == EINVAL && setting.retry_last) {
      postponed.push_back(&setting);
    } else {
      return fail(cannot_write(setting, done.error()));
    }
  }
  for (const Setting* setting : postponed) {
    const auto done = write_setting(dir_, *setting);
    if (!done) return fail(cannot_write(*setting, done.error()));
  }
  return {};
}

Result<void> Cgroup::attach(int pid) const {
  NACRE_TRY_CTX(sys::write_control(dir_, "cgroup.procs", std::to_string(pid)),
                text::join("move process ", pid, " to cgroup ", place_.shown()));
  return {};
}

Result<void> Cgroup::delegate(std::uint32_t uid, std::uint32_t gid) const {
  // Before 4.15 there was no list; these three are what it then would have said.
  const auto listed = sys::read_file(sys::kCwd, "/sys/kernel/cgroup/delegate", kDelegateLimit);
  const std::string files =
      listed ? *listed : std::string("cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n");
  const auto context = [&](std::string_view file) {
    return text::join("give ", place_.shown(), file.empty() ? "" : "/", file, " to user ", uid);
  };
  NACRE_TRY_CTX(sys::fchownat(dir_, "", uid, gid, AT_EMPTY_PATH), context(""));
  for (const std::string_view file : text::split(text::trim(files), '\n')) {
    const auto done = sys::fchownat(dir_, std::string(file).c_str(), uid, gid, AT_SYMLINK_NOFOLLOW);
    if (!done && done.error().value != ENOENT) {  // memory.* without the memory controller
      return fail(Error::from_errno(done.error(), context(file)));
    }
  }
  return {};
}

}  // namespace nacre::cgroups
