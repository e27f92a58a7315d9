#include "runtime/setup/opened_plan.h"

#include <linux/magic.h>
#include <linux/memfd.h>
#include <linux/nsfs.h>
#include <linux/sched.h>

#include <utility>

#include "base/text.h"
#include "runtime/setup/idmap_userns.h"
#include "sys/file.h"
#include "sys/mount.h"

namespace nacre::setup {
namespace {

using plan::Opening;
using plan::Slot;

Result<UniqueFd> open_tree(const Opening& opening) {
  const unsigned flags = OPEN_TREE_CLONE | (opening.recursive ? AT_RECURSIVE : 0U);
  sys::MountFd tree =
      NACRE_TRY_CTX(sys::open_tree(sys::kCwd, opening.path.c_str(), flags), opening.what);
  if (opening.idmap) {
    const UniqueFd userns = NACRE_TRY_CTX(make_idmap_userns(*opening.idmap), opening.what);
    const unsigned depth = opening.idmap_recursive ? AT_RECURSIVE : 0U;
    NACRE_TRY_CTX(sys::mount_setattr(tree, "", AT_EMPTY_PATH | depth,
                                     {.set = MOUNT_ATTR_IDMAP, .userns_fd = userns.get()}),
                  text::join(opening.what, ": map the ids of the mount"));
  }
  return UniqueFd(tree.release());
}

// Kernel parameters are about to be set in it.
Result<void> expect_not_ours(FdRef ns, const Opening& opening) {
  constexpr std::pair<std::uint64_t, const char*> kNames[] = {
      {CLONE_NEWNET, "net"}, {CLONE_NEWIPC, "ipc"}, {CLONE_NEWUTS, "uts"}, {CLONE_NEWUSER, "user"}};
  for (const auto& [flag, name] : kNames) {
    if (flag != opening.clone_flag) continue;
    const auto theirs = NACRE_TRY_CTX(sys::fstatx(ns), opening.what);
    const auto ours = NACRE_TRY_CTX(
        sys::statx(sys::kCwd, text::join("/proc/self/ns/", name).c_str(), 0), opening.what);
    if (theirs.stx_ino == ours.stx_ino) {
      return fail(invalid_argument(
          text::join(opening.what, ": linux.sysctl is not allowed in the host's own namespace")));
    }
  }
  return {};
}

// A path that is not a namespace at all, or one of another type, is told apart here: setns would
// only say EINVAL.
Result<UniqueFd> open_namespace(const Opening& opening) {
  UniqueFd ns = NACRE_TRY_CTX(sys::openat(sys::kCwd, opening.path.c_str(), O_RDONLY), opening.what);
  const auto type = sys::call<int>(__NR_ioctl, ns.get(), NS_GET_NSTYPE);
  if (!type) return fail(invalid_argument(text::join(opening.what, ": not a namespace")));
  if (static_cast<std::uint64_t>(*type) != opening.clone_flag) {
    return fail(invalid_argument(text::join(opening.what, ": a namespace of another type")));
  }
  if (opening.must_not_be_ours) NACRE_TRY(expect_not_ours(ns, opening));
  return ns;
}

Result<UniqueFd> open_one(const Opening& opening) {
  switch (opening.kind) {
    case Opening::Kind::kDirectory:
      return NACRE_TRY_CTX(sys::openat(sys::kCwd, opening.path.c_str(), O_PATH | O_DIRECTORY),
                           opening.what);
    case Opening::Kind::kTree:
      return open_tree(opening);
    case Opening::Kind::kNamespace:
      return open_namespace(opening);
  }
  return fail(internal_error("unknown kind of opening"));
}

// A procfs of our own that nothing can be mounted over. Where the kernel refuses one (a user
// namespace without a fully visible /proc), the runtime's own /proc serves: it was there before
// anything untrusted.
Result<UniqueFd> open_private_procfs() {
  auto fresh = []() -> sys::Outcome<sys::MountFd> {
    const sys::FsContextFd context = NACRE_TRY(sys::fsopen("proc"));
    NACRE_TRY(sys::fsconfig_create(context));
    return sys::fsmount(context, 0);
  }();
  if (fresh) return UniqueFd(fresh->release());
  if (fresh.error().value != EPERM) return fail(Error::from_errno(fresh.error(), "mount procfs"));
  UniqueFd host =
      NACRE_TRY_CTX(sys::openat(sys::kCwd, "/proc", O_PATH | O_DIRECTORY), "open /proc");
  const auto fs = NACRE_TRY_CTX(sys::fstatfs(host), "open /proc");
  if (fs.f_type != PROC_SUPER_MAGIC) return fail(failed_precondition("/proc is not a procfs"));
  return host;
}

// Device and inode of the root directory, for kAttachRoot: init attaches the tree only over that
// very directory.
Result<void> identify_root(plan::Plan& plan) {
  for (plan::PlannedOp& op : plan.ops) {
    if (op.kind != init::OpKind::kAttachRoot) continue;
    const UniqueFd root = NACRE_TRY_CTX(
        sys::openat(sys::kCwd, plan.root_path.c_str(), O_PATH | O_DIRECTORY), op.what);
    const auto info = NACRE_TRY_CTX(sys::fstatx(root), op.what);
    op.value = std::uint64_t{info.stx_dev_major} << 32U | info.stx_dev_minor;
    op.value2 = info.stx_ino;
  }
  return {};
}

}  // namespace

Result<OpenedPlan> OpenedPlan::open(plan::Plan& plan, Endpoints endpoints) {
  OpenedPlan opened;
  opened.endpoints_ = std::move(endpoints);
  NACRE_TRY(identify_root(plan));
  for (const Opening& opening : plan.openings) {
    opened.openings_.push_back(NACRE_TRY(open_one(opening)));
  }
  if (plan.needs_procfs) opened.procfs_ = NACRE_TRY(open_private_procfs());
  if (plan.init_hooks) {
    constexpr const char* kWhat = "create a file in memory for the hooks";
    opened.hook_state_ = NACRE_TRY_CTX(sys::memfd_create("state", MFD_CLOEXEC), kWhat);
    opened.start_hook_state_ = NACRE_TRY_CTX(sys::memfd_create("state", MFD_CLOEXEC), kWhat);
    opened.hook_output_ = NACRE_TRY_CTX(sys::memfd_create("output", MFD_CLOEXEC), kWhat);
  }
  if (plan.needs_seccomp_listener) {
    opened.seccomp_message_ = NACRE_TRY_CTX(sys::memfd_create("seccomp", MFD_CLOEXEC),
                                            "create a file in memory for the seccomp agent");
  }
  for (std::uint32_t i = 0; i < plan.child_made; ++i) {
    opened.reserved_.push_back(
        NACRE_TRY_CTX(sys::openat(sys::kCwd, "/", O_PATH | O_DIRECTORY), "reserve a descriptor"));
  }
  return opened;
}

int OpenedPlan::number(Slot slot) const {
  switch (slot.kind) {
    case Slot::Kind::kNone:
      return -1;
    case Slot::Kind::kOpening:
      return openings_[slot.index].get();
    case Slot::Kind::kChildMade:
      return reserved_[slot.index].get();
    case Slot::Kind::kProcfs:
      return procfs_.get();
    case Slot::Kind::kStartSocket:
      return endpoints_.start_socket.get();
    case Slot::Kind::kConsoleSocket:
      return endpoints_.console_socket.get();
    case Slot::Kind::kSeccompSocket:
      return endpoints_.seccomp_socket.get();
    case Slot::Kind::kSeccompMessage:
      return seccomp_message_.get();
    case Slot::Kind::kStartHookState:
      return start_hook_state_.get();
    case Slot::Kind::kHookState:
      return hook_state_.get();
    case Slot::Kind::kHookOutput:
      return hook_output_.get();
    case Slot::Kind::kContainer:
      return endpoints_.container.get();
  }
  return -1;
}

// Not the reserved numbers: what stands there now is a directory of the host.
std::vector<int> OpenedPlan::inherited() const {
  std::vector<int> numbers;
  const auto add = [&numbers](const UniqueFd& fd) {
    if (fd) numbers.push_back(fd.get());
  };
  for (const UniqueFd& fd : openings_) add(fd);
  add(procfs_);
  add(endpoints_.start_socket);
  add(endpoints_.console_socket);
  add(endpoints_.seccomp_socket);
  add(endpoints_.container);
  add(hook_state_);
  add(start_hook_state_);
  add(hook_output_);
  add(seccomp_message_);
  return numbers;
}

}  // namespace nacre::setup
