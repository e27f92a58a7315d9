// A file system context of an overlay (fsopen), with what the kernel says about each refusal.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "images/snapshots/as_owner.h"
#include "images/snapshots/overlay_features.h"
#include "sys/fds.h"
#include "sys/syscall.h"

namespace nacre::images {

class OverlayContext {
 public:
  // kUnsupported: this kernel has no overlay.
  [[nodiscard]] static Result<OverlayContext> open();

  [[nodiscard]] Result<void> set(const char* key, const char* value) const;
  [[nodiscard]] Result<void> set(const char* flag) const;
  // Below all that were added before. Not for kPrivateNamespace.
  [[nodiscard]] Result<void> add_lower(FdRef layer, LayerPassing passing) const;
  [[nodiscard]] Result<void> set_directory(const char* key, FdRef directory,
                                           LayerPassing passing) const;
  // `owner`: who the overlay works as in its layers; nothing: the caller.
  [[nodiscard]] Result<void> create(const std::optional<OwnerIds>& owner = {}) const;
  [[nodiscard]] Result<sys::MountFd> mount(std::uint64_t attributes) const;

 private:
  explicit OverlayContext(sys::FsContextFd fd) : fd_(std::move(fd)) {}
  [[nodiscard]] Result<void> check(sys::Outcome<void> outcome, std::string_view step) const;

  sys::FsContextFd fd_;
};

// The name under which any thread of this process finds the descriptor in /proc.
[[nodiscard]] std::string descriptor_path(FdRef fd);

}  // namespace nacre::images
