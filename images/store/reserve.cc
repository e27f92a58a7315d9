#include "images/store/reserve.h"

#include <string>

#include "sys/file.h"
#include "sys/io.h"

namespace nacre::images {
namespace {

constexpr const char* kName = "reserve";

}  // namespace

Result<void> make_reserve(const Layout& layout) {
  const auto file = sys::openat(layout.root, kName, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
  if (!file && (file.error().value == EEXIST || file.error().value == ENOSPC)) return {};
  if (!file) return fail(Error::from_errno(file.error(), "make the reserve"));
  // Written, not allocated: that works on every file system.
  const auto filled = sys::write_all(*file, std::string(kReserveBytes, '\0'));
  if (filled) return {};
  static_cast<void>(sys::unlinkat(layout.root, kName));
  if (code_for(filled.error()) == ErrorCode::kResourceExhausted) return {};
  return fail(Error::from_errno(filled.error(), "fill the reserve"));
}

bool spend_reserve(const Layout& layout) { return sys::unlinkat(layout.root, kName).has_value(); }

}  // namespace nacre::images
