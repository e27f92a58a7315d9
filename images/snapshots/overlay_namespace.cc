#include "images/snapshots/overlay_namespace.h"

#include <pthread.h>

#include <optional>

#include "base/text.h"
#include "images/snapshots/layer_mounts.h"
#include "images/snapshots/overlay_options.h"
#include "sys/file.h"
#include "sys/mount.h"
#include "sys/process.h"

namespace nacre::images {
namespace {

constexpr const char* kWritable = "w";
constexpr const char* kMountPoint = "m";

// Clones that are detached, in the order of the overlay's layers; `writable` may be empty.
struct Clones {
  std::vector<sys::MountFd> lowers;
  sys::MountFd writable;
};

// In the caller's namespace: open_tree(2) clones what is attached there.
Result<Clones> clone_layers(const OverlayMount& overlay) {
  Clones clones;
  clones.lowers.reserve(overlay.lowers.size());
  for (const sys::DirFd& lower : overlay.lowers) {
    clones.lowers.push_back(NACRE_TRY(clone_layer(lower, overlay.idmap)));
  }
  if (overlay.writable) clones.writable = NACRE_TRY(clone_layer(overlay.writable, overlay.idmap));
  return clones;
}

// Ends with the thread, and nothing in it reaches any other namespace.
Result<void> enter_private_namespace() {
  NACRE_TRY_CTX(sys::unshare(CLONE_NEWNS), "make a mount namespace");
  NACRE_TRY_CTX(sys::mount_setattr(sys::kCwd, "/", AT_RECURSIVE, {.propagation = MS_PRIVATE}),
                "make the mounts private (the root directory must be a mount)");
  return {};
}

Result<sys::MountFd> mount_workshop() {
  const auto context = NACRE_TRY_CTX(sys::fsopen("tmpfs"), "open a tmpfs context");
  NACRE_TRY_CTX(sys::fsconfig_create(context), "create a tmpfs");
  auto tmpfs = NACRE_TRY_CTX(sys::fsmount(context, 0), "mount a tmpfs");
  const auto root = NACRE_TRY_CTX(sys::openat(sys::kCwd, "/", O_PATH | O_DIRECTORY), "open /");
  NACRE_TRY_CTX(sys::move_mount(tmpfs, root), "attach a tmpfs");
  NACRE_TRY_CTX(sys::fchdir(tmpfs), "enter a tmpfs");
  return tmpfs;
}

Result<sys::DirFd> make_mount_point(FdRef tmpfs, const char* name) {
  NACRE_TRY_CTX(sys::mkdirat(tmpfs, name, 0700), "make a mount point");
  return NACRE_TRY_CTX(sys::openat<sys::DirFd>(tmpfs, name, O_PATH | O_DIRECTORY),
                       "open a mount point");
}

Result<void> attach(FdRef tmpfs, const char* name, FdRef clone) {
  const auto place = NACRE_TRY(make_mount_point(tmpfs, name));
  NACRE_TRY_CTX(sys::move_mount(clone, place), "attach a layer");
  return {};
}

sys::Outcome<void> mount_writable(const void* options) {
  return sys::mount_with_options("overlay", kMountPoint, 0, static_cast<const char*>(options));
}

sys::Outcome<void> mount_as(const std::optional<OwnerIds>& owner, const std::string& options) {
  if (owner) return call_as_owner(*owner, mount_writable, options.c_str());
  return mount_writable(options.c_str());
}

// A view's mount is made read-only when it is cloned.
Result<sys::MountFd> mount_here(const std::optional<OwnerIds>& owner, const std::string& options) {
  NACRE_TRY_CTX(sys::mkdirat(sys::kCwd, kMountPoint, 0700), "make a mount point");
  NACRE_TRY_CTX(mount_as(owner, options), text::join("mount with ", text::quote(options),
                                                     " (reasons are in the kernel log)"));
  return NACRE_TRY_CTX(sys::open_tree(sys::kCwd, kMountPoint, OPEN_TREE_CLONE), "detach it");
}

Result<sys::MountFd> mount_clones(const Clones& clones, bool idmapped, const std::string& options) {
  NACRE_TRY(enter_private_namespace());
  const auto tmpfs = NACRE_TRY(mount_workshop());
  for (std::size_t i = 0; i < clones.lowers.size(); ++i) {
    NACRE_TRY(attach(tmpfs, std::to_string(i).c_str(), clones.lowers[i]));
  }
  if (clones.writable) NACRE_TRY(attach(tmpfs, kWritable, clones.writable));
  std::optional<OwnerIds> owner;
  if (clones.writable && idmapped) owner = NACRE_TRY(owner_in(clones.writable, "work"));
  auto mount = NACRE_TRY(mount_here(owner, options));
  if (!clones.writable) {
    NACRE_TRY_CTX(sys::mount_setattr(mount, "", AT_EMPTY_PATH, {.set = MOUNT_ATTR_RDONLY}),
                  "make it read-only");
  }
  return mount;
}

// A thread, because a mount namespace and a working directory are changed for good.
struct Job {
  const Clones& clones;
  bool idmapped;
  const std::string& options;
  Result<sys::MountFd> result;
};

void* run_job(void* argument) {
  auto* job = static_cast<Job*>(argument);
  job->result = mount_clones(job->clones, job->idmapped, job->options);
  return nullptr;
}

}  // namespace

std::string namespace_options(const OverlayMount& overlay) {
  std::string options = "lowerdir=";
  for (std::size_t i = 0; i < overlay.lowers.size(); ++i) {
    text::append(options, i == 0 ? "" : ":", i);
  }
  if (overlay.writable) {
    text::append(options, ",upperdir=", kWritable, "/upper,workdir=", kWritable, "/work");
  }
  for (const OverlayOption& option : overlay_options(overlay)) {
    text::append(options, ',', option.key, *option.value == '\0' ? "" : "=", option.value);
  }
  return options;
}

Result<sys::MountFd> make_overlay_in_namespace(const OverlayMount& overlay) {
  const Clones clones = NACRE_TRY(clone_layers(overlay));
  const std::string options = namespace_options(overlay);
  Job job{clones, static_cast<bool>(overlay.idmap), options,
          fail(internal_error("the thread did not run"))};
  pthread_t thread;
  const int refused = pthread_create(&thread, nullptr, run_job, &job);
  if (refused != 0) return fail(Error::from_errno(Errno{refused}, "start a thread"));
  pthread_join(thread, nullptr);
  return std::move(job.result);
}

}  // namespace nacre::images
