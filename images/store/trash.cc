#include "images/store/trash.h"

#include <optional>

#include "base/text.h"
#include "images/store/clock.h"
#include "sys/file.h"
#include "sys/io.h"

namespace nacre::images {
namespace {

// What is deeper is first moved up: a tree may have more levels than we may have descriptors.
constexpr int kDeepest = 64;
constexpr std::string_view kUntilReboot = "boot-";

Result<bool> move_to_trash(const Layout& layout, const sys::DirFd& folder, const std::string& name,
                           const std::string& prefix) {
  const std::string there = prefix + NACRE_TRY(random_name());
  const auto moved = sys::renameat(folder, name.c_str(), layout.trash, there.c_str());
  if (moved) return true;
  if (moved.error().value == ENOENT) return false;
  return fail(Error::from_errno(moved.error(), text::join("move ", name, " to the trash")));
}

class Remover {
 public:
  Remover(const Layout& layout, const std::stop_token& stop) : layout_(layout), stop_(stop) {}

  void remove(const sys::DirFd& dir, const std::string& name, int depth) {
    const auto done = unlink(dir, name, 0);
    if (done || done.error().value == ENOENT) return;
    if (done.error().value != EISDIR) return note(done.error(), name);
    if (depth == kDeepest) return hoist(dir, name);
    const auto opened = open(dir, name);
    if (!opened) {
      if (opened.error().value != ENOENT) note(opened.error(), name);
      return;
    }
    remove_content(*opened, name, depth);
    if (stop_.stop_requested()) return;
    const auto gone = unlink(dir, name, AT_REMOVEDIR);
    // ENOTEMPTY: something in it could not be removed, and that has been noted.
    if (gone || gone.error().value == ENOENT || gone.error().value == ENOTEMPTY) return;
    note(gone.error(), name);
  }

  [[nodiscard]] bool hoisted() { return std::exchange(hoisted_, false); }
  [[nodiscard]] Result<void> result() {
    if (first_error_) return fail(*std::move(first_error_));
    return {};
  }

 private:
  void remove_content(const sys::DirFd& dir, const std::string& shown, int depth) {
    const auto names = sys::list_directory(dir);
    if (!names) return note(names.error(), shown);
    for (const std::string& name : *names) {
      if (stop_.stop_requested()) return;
      remove(dir, name, depth + 1);
    }
  }

  void hoist(const sys::DirFd& dir, const std::string& name) {
    auto moved = discard(layout_, dir, name);
    if (moved) {
      hoisted_ = true;
    } else if (!first_error_) {
      first_error_ = std::move(moved).error();
    }
  }

  // A user's own store has directories that even their owner may not change; root needs no second
  // try.
  static sys::Outcome<void> unlink(const sys::DirFd& dir, const std::string& name, int flags) {
    const auto done = sys::unlinkat(dir, name.c_str(), flags);
    if (done || done.error().value != EACCES) return done;
    const auto changed = sys::fchmod(dir, 0700);
    if (!changed) return done;
    return sys::unlinkat(dir, name.c_str(), flags);
  }

  static sys::Outcome<sys::DirFd> open(const sys::DirFd& dir, const std::string& name) {
    const sys::OpenHow how{O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0,
                           RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS};
    auto opened = sys::openat2(dir, name.c_str(), how);
    if (!opened && opened.error().value == EACCES &&
        sys::fchmodat(dir, name.c_str(), 0700).has_value()) {
      opened = sys::openat2(dir, name.c_str(), how);
    }
    if (!opened) return std::unexpected(opened.error());
    return sys::DirFd(opened->release());
  }

  void note(Errno error, const std::string& name) {
    if (first_error_) return;
    const std::string_view hint = error.value == EXDEV ? " (something is mounted on it)" : "";
    first_error_ = Error::from_errno(error, text::join("delete ", name, " in the trash", hint));
  }

  const Layout& layout_;
  const std::stop_token& stop_;
  bool hoisted_ = false;
  std::optional<Error> first_error_;
};

}  // namespace

Result<bool> discard(const Layout& layout, const sys::DirFd& folder, const std::string& name) {
  return move_to_trash(layout, folder, name, "");
}

Result<bool> discard_until_reboot(const Layout& layout, const sys::DirFd& folder,
                                  const std::string& name, const std::string& boot_id) {
  return move_to_trash(layout, folder, name, text::join(kUntilReboot, boot_id, "-"));
}

Result<void> empty_trash(const Layout& layout, const std::string& boot_id,
                         const std::stop_token& stop) {
  const std::string still_read = text::join(kUntilReboot, boot_id, "-");
  Remover remover(layout, stop);
  do {
    const auto names = NACRE_TRY(list_folder(layout.trash));
    for (const std::string& name : names) {
      if (stop.stop_requested()) return remover.result();
      if (!name.starts_with(still_read)) remover.remove(layout.trash, name, 0);
    }
  } while (remover.hoisted());
  return remover.result();
}

}  // namespace nacre::images
