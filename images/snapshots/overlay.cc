#include "images/snapshots/overlay.h"

#include <linux/magic.h>

#include "base/text.h"
#include "images/snapshots/layer_mounts.h"
#include "images/snapshots/overlay_context.h"
#include "images/snapshots/overlay_namespace.h"
#include "images/snapshots/overlay_options.h"
#include "sys/file.h"
#include "sys/mount.h"

namespace nacre::images {
namespace {

// What the kernel would refuse with a bare EINVAL.
Result<void> check(const OverlayMount& overlay) {
  const std::size_t count = overlay.lowers.size();
  if (count == 0) return fail(invalid_argument("an overlay needs at least one layer"));
  if (count > kMaxLowerLayers) {
    return fail(invalid_argument(text::join("an overlay has at most ", kMaxLowerLayers,
                                            " layers (the kernel's limit), not ", count)));
  }
  if (!overlay.writable) return {};
  const auto filesystem =
      NACRE_TRY_CTX(sys::fstatfs(overlay.writable), "look at the writable layer's file system");
  if (filesystem.f_type == OVERLAYFS_SUPER_MAGIC) {
    return fail(failed_precondition(
        "the writable layer lies on an overlay, which cannot carry another one: put the data "
        "directory on a volume or a disk"));
  }
  return {};
}

bool is_plain_directory(const OverlayMount& overlay) {
  return overlay.lowers.size() == 1 && !overlay.writable;
}

Result<sys::MountFd> clone_read_only(const OverlayMount& overlay) {
  auto clone = NACRE_TRY(clone_layer(overlay.lowers.front(), overlay.idmap));
  NACRE_TRY_CTX(sys::mount_setattr(clone, "", AT_EMPTY_PATH, {.set = MOUNT_ATTR_RDONLY}),
                "make a layer read-only");
  return clone;
}

// The context holds on to the layer: a clone that was made for it may be closed at once.
Result<void> add_directory(const OverlayContext& context, const char* key, FdRef directory,
                           const OverlayMount& overlay, LayerPassing passing) {
  if (!overlay.idmap) return context.set_directory(key, directory, passing);
  const auto clone = NACRE_TRY(clone_layer(directory, overlay.idmap));
  return context.set_directory(key, clone, passing);
}

Result<sys::DirFd> open_below(FdRef directory, const char* name) {
  return NACRE_TRY_CTX(sys::openat<sys::DirFd>(directory, name, O_PATH | O_DIRECTORY | O_NOFOLLOW),
                       text::join("open the writable layer's ", text::quote(name)));
}

// One clone for both: the kernel wants upper and work on the same mount.
Result<void> set_writable(const OverlayContext& context, const OverlayMount& overlay,
                          LayerPassing passing) {
  sys::MountFd clone;
  if (overlay.idmap) clone = NACRE_TRY(clone_layer(overlay.writable, overlay.idmap));
  const FdRef parent = overlay.idmap ? FdRef(clone) : FdRef(overlay.writable);
  const auto upper = NACRE_TRY(open_below(parent, "upper"));
  const auto work = NACRE_TRY(open_below(parent, "work"));
  NACRE_TRY(context.set_directory("upperdir", upper, passing));
  return context.set_directory("workdir", work, passing);
}

Result<sys::MountFd> make_with_context(const OverlayMount& overlay, LayerPassing passing) {
  const auto context = NACRE_TRY(OverlayContext::open());
  for (const sys::DirFd& lower : overlay.lowers) {
    NACRE_TRY(add_directory(context, "lowerdir+", lower, overlay, passing));
  }
  if (overlay.writable) NACRE_TRY(set_writable(context, overlay, passing));
  for (const OverlayOption& option : overlay_options(overlay)) {
    NACRE_TRY(*option.value == '\0' ? context.set(option.key)
                                    : context.set(option.key, option.value));
  }
  NACRE_TRY(context.create());
  return context.mount(overlay.writable ? 0 : MOUNT_ATTR_RDONLY);
}

bool needs_namespace(const OverlayMount& overlay, const OverlayFeatures& features) {
  return features.passing == LayerPassing::kPrivateNamespace ||
         (overlay.idmap && !features.detached_layers);
}

Result<sys::MountFd> choose(const OverlayMount& overlay, const OverlayFeatures& features) {
  NACRE_TRY(check(overlay));
  if (is_plain_directory(overlay)) return clone_read_only(overlay);
  if (needs_namespace(overlay, features)) return make_overlay_in_namespace(overlay);
  return make_with_context(overlay, features.passing);
}

}  // namespace

std::vector<OverlayOption> overlay_options(const OverlayMount& overlay) {
  std::vector<OverlayOption> options = {
      {"index", "off"}, {"metacopy", "off"}, {"nfs_export", "off"}, {"xino", "off"}};
  // The default of redirect_dir is a module parameter's; userxattr and "on" exclude each other.
  options.push_back({"redirect_dir", overlay.user_attributes ? "nofollow" : "on"});
  if (overlay.user_attributes) options.push_back({"userxattr", ""});
  // Without an upper the kernel warns about "off", and there is nothing to be written into.
  if (overlay.writable) options.push_back({"uuid", "off"});
  if (overlay.volatile_writes) options.push_back({"volatile", ""});
  return options;
}

Result<sys::MountFd> make_overlay(const OverlayMount& overlay, const OverlayFeatures& features) {
  return NACRE_TRY_CTX(choose(overlay, features),
                       text::join("mount ", overlay.lowers.size(), " layers",
                                  overlay.writable ? " and a writable one" : ""));
}

}  // namespace nacre::images
