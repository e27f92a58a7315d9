#include "images/snapshots/overlay_features.h"

#include "base/text.h"
#include "images/snapshots/overlay_context.h"
#include "sys/file.h"
#include "sys/mount.h"

namespace nacre::images {
namespace {

// Two empty directories that nobody else can see.
Result<sys::MountFd> make_playground() {
  const auto context = NACRE_TRY_CTX(sys::fsopen("tmpfs"), "open a tmpfs context");
  NACRE_TRY_CTX(sys::fsconfig_create(context), "create a tmpfs");
  auto tmpfs = NACRE_TRY_CTX(sys::fsmount(context, 0), "mount a tmpfs");
  for (const char* name : {"a", "b"}) {
    NACRE_TRY_CTX(sys::mkdirat(tmpfs, name, 0700), "make a directory in a tmpfs");
  }
  return tmpfs;
}

struct Layers {
  sys::DirFd a, b;
};

Result<Layers> open_layers(FdRef tmpfs) {
  Layers layers;
  layers.a = NACRE_TRY_CTX(sys::openat<sys::DirFd>(tmpfs, "a", O_PATH | O_DIRECTORY), "open a");
  layers.b = NACRE_TRY_CTX(sys::openat<sys::DirFd>(tmpfs, "b", O_PATH | O_DIRECTORY), "open b");
  return layers;
}

// Before 6.5 a context only collects what it is told, and takes any word; overlay looks at it when
// it is created.
Result<bool> takes_anything() {
  const auto context = NACRE_TRY(OverlayContext::open());
  return context.set("no-such-option", "").has_value();
}

// False: the kernel does not know the key or does not take the value that way.
bool takes(const OverlayContext& context, const Layers& layers, LayerPassing passing) {
  return context.add_lower(layers.a, passing) && context.add_lower(layers.b, passing);
}

}  // namespace

Result<OverlayFeatures> probe_overlay() {
  if (NACRE_TRY(takes_anything())) return OverlayFeatures{};
  const auto tmpfs = NACRE_TRY_CTX(make_playground(), "find out what overlay can do");
  const auto layers = NACRE_TRY(open_layers(tmpfs));
  for (const auto passing : {LayerPassing::kDescriptor, LayerPassing::kAppendedPath}) {
    const auto context = NACRE_TRY(OverlayContext::open());
    if (!takes(context, layers, passing)) continue;
    // Both directories are on a detached mount: that it can be created is the answer.
    return OverlayFeatures{.passing = passing, .detached_layers = context.create().has_value()};
  }
  return OverlayFeatures{};
}

}  // namespace nacre::images
