#include "images/snapshots/overlay_context.h"

#include <array>

#include "base/text.h"
#include "sys/file.h"
#include "sys/mount.h"

namespace nacre::images {
namespace {

// The errors of the context's message log, without their level ("e ") and the kernel's prefix. One
// read(2) gives one message; the end is ENODATA.
std::string take_messages(FdRef context) {
  std::string all;
  std::array<char, 4096> message;
  for (;;) {
    const auto got = sys::read(context, message.data(), message.size());
    if (!got || *got == 0) return all;
    std::string_view text = text::trim(std::string_view(message.data(), *got));
    if (!text.starts_with("e ")) continue;
    text.remove_prefix(2);
    if (text.starts_with("overlay: ")) text.remove_prefix(9);
    text::append(all, all.empty() ? "" : "; ", text);
  }
}

}  // namespace

std::string descriptor_path(FdRef fd) { return text::join("/proc/thread-self/fd/", fd.get()); }

Result<OverlayContext> OverlayContext::open() {
  auto fd = sys::fsopen("overlay");
  if (!fd && fd.error().value == ENODEV) {
    return fail(unsupported("this kernel has no overlay file system (module \"overlay\")"));
  }
  if (!fd) return fail(Error::from_errno(fd.error(), "open an overlay context"));
  return OverlayContext(*std::move(fd));
}

// Most of overlay's reasons go to the kernel's own log and not to the context's.
Result<void> OverlayContext::check(sys::Outcome<void> outcome, std::string_view step) const {
  if (outcome) return {};
  const std::string messages = take_messages(fd_);
  auto error = Error::from_errno(outcome.error(), step);
  if (!messages.empty()) return fail(std::move(error).with_context(messages));
  if (outcome.error().value == ELOOP) {
    return fail(std::move(error).with_context("a layer stands in there twice or below another"));
  }
  if (outcome.error().value != EINVAL) return fail(std::move(error));
  return fail(std::move(error).with_context("overlay gives its reason in the kernel log"));
}

Result<void> OverlayContext::set(const char* key, const char* value) const {
  return check(sys::fsconfig_string(fd_, key, value), text::join("set ", key, "=", value));
}

Result<void> OverlayContext::set(const char* flag) const {
  return check(sys::fsconfig_flag(fd_, flag), text::join("set ", flag));
}

Result<void> OverlayContext::set_directory(const char* key, FdRef directory,
                                           LayerPassing passing) const {
  if (passing == LayerPassing::kDescriptor) {
    return check(sys::fsconfig_fd(fd_, key, directory), text::join("set ", key));
  }
  return set(key, descriptor_path(directory).c_str());
}

Result<void> OverlayContext::add_lower(FdRef layer, LayerPassing passing) const {
  return set_directory("lowerdir+", layer, passing);
}

Result<void> OverlayContext::create(const std::optional<OwnerIds>& owner) const {
  const auto act = [](const void* context) {
    return sys::fsconfig_create(*static_cast<const sys::FsContextFd*>(context));
  };
  return check(owner ? call_as_owner(*owner, act, &fd_) : act(&fd_), "create the overlay");
}

Result<sys::MountFd> OverlayContext::mount(std::uint64_t attributes) const {
  auto mount = sys::fsmount(fd_, attributes);
  if (!mount) return fail(Error::from_errno(mount.error(), "mount the overlay"));
  return *std::move(mount);
}

}  // namespace nacre::images
