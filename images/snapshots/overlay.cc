#include "images/snapshots/overlay.h"

#include <linux/magic.h>
#include <sys/statvfs.h>

#include <optional>

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
  if (count == 0 && !overlay.writable) return fail(invalid_argument("no layer to be mounted"));
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

Result<sys::DirFd> open_part(FdRef directory, const char* name) {
  return NACRE_TRY_CTX(sys::openat<sys::DirFd>(directory, name, O_PATH | O_DIRECTORY | O_NOFOLLOW),
                       text::join("open the writable layer's ", text::quote(name)));
}

Result<sys::MountFd> clone_read_only(const OverlayMount& overlay) {
  auto clone = NACRE_TRY(clone_layer(overlay.lowers.front(), overlay.idmap));
  NACRE_TRY_CTX(sys::mount_setattr(clone, "", AT_EMPTY_PATH, {.set = MOUNT_ATTR_RDONLY}),
                "make a layer read-only");
  return clone;
}

// On nothing: what is written has nothing to hide, and the kernel makes no overlay of it.
Result<sys::MountFd> clone_upper(const OverlayMount& overlay) {
  return clone_layer(NACRE_TRY(open_part(overlay.writable, "upper")), overlay.idmap);
}

// The layers as they are handed over. A clone ends with its descriptor: they are needed until the
// overlay is there.
class Layers {
 public:
  Layers(const OverlayMount& overlay, const OverlayContext& context, LayerPassing passing)
      : overlay_(overlay), context_(context), passing_(passing) {}

  Result<void> add_lower(FdRef lower) {
    return context_.add_lower(NACRE_TRY(translated(lower)), passing_);
  }

  // One clone for both: the kernel wants upper and work on the same mount.
  Result<void> set_writable() {
    const FdRef parent = NACRE_TRY(translated(overlay_.writable));
    const auto upper = NACRE_TRY(open_part(parent, "upper"));
    const auto work = NACRE_TRY(open_part(parent, "work"));
    NACRE_TRY(context_.set_directory("upperdir", upper, passing_));
    NACRE_TRY(context_.set_directory("workdir", work, passing_));
    if (overlay_.idmap) owner_ = NACRE_TRY(owner_in(parent, "work"));
    return {};
  }

  [[nodiscard]] const std::optional<OwnerIds>& owner() const { return owner_; }

 private:
  Result<FdRef> translated(FdRef directory) {
    if (!overlay_.idmap) return directory;
    clones_.push_back(NACRE_TRY(clone_layer(directory, overlay_.idmap)));
    return FdRef(clones_.back());
  }

  const OverlayMount& overlay_;
  const OverlayContext& context_;
  LayerPassing passing_;
  std::vector<sys::MountFd> clones_;
  std::optional<OwnerIds> owner_;
};

Result<sys::MountFd> make_with_context(const OverlayMount& overlay, LayerPassing passing) {
  const auto context = NACRE_TRY(OverlayContext::open());
  Layers layers(overlay, context, passing);
  for (const sys::DirFd& lower : overlay.lowers) NACRE_TRY(layers.add_lower(lower));
  if (overlay.writable) NACRE_TRY(layers.set_writable());
  for (const OverlayOption& option : overlay_options(overlay)) {
    NACRE_TRY(*option.value == '\0' ? context.set(option.key)
                                    : context.set(option.key, option.value));
  }
  NACRE_TRY(context.create(layers.owner()));
  return context.mount(overlay.writable ? 0 : MOUNT_ATTR_RDONLY);
}

bool needs_namespace(const OverlayMount& overlay, const OverlayFeatures& features) {
  return features.passing == LayerPassing::kPrivateNamespace ||
         (overlay.idmap && !features.detached_layers);
}

// A work directory that cannot be used is no error to the kernel.
Result<void> check_writable(const OverlayMount& overlay, FdRef mount) {
  if (!overlay.writable) return {};
  const auto made = NACRE_TRY_CTX(sys::fstatfs(mount), "look at the overlay");
  if ((static_cast<unsigned long>(made.f_flags) & ST_RDONLY) == 0) return {};
  return fail(failed_precondition(
      "the kernel could not use the work directory and mounted read-only (the kernel log says "
      "why)"));
}

Result<sys::MountFd> choose(const OverlayMount& overlay, const OverlayFeatures& features) {
  NACRE_TRY(check(overlay));
  if (is_plain_directory(overlay)) return clone_read_only(overlay);
  if (overlay.lowers.empty()) return clone_upper(overlay);
  auto mount =
      NACRE_TRY(needs_namespace(overlay, features) ? make_overlay_in_namespace(overlay)
                                                   : make_with_context(overlay, features.passing));
  NACRE_TRY(check_writable(overlay, mount));
  return mount;
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
