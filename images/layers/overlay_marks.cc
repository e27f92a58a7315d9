#include "images/layers/overlay_marks.h"

#include "images/layers/attributes.h"
#include "images/layers/disk_attributes.h"
#include "sys/file.h"

namespace nacre::images::layers {

Result<DirectoryMarks> read_directory_marks(FdRef directory, WhiteoutForm form) {
  DirectoryMarks marks;
  const auto opaque = NACRE_TRY(read_attribute(directory, overlay_name(form, "opaque")));
  marks.opaque = opaque == "y";
  marks.file_whiteouts = opaque == "x";
  marks.redirect =
      NACRE_TRY(read_attribute(directory, overlay_name(form, "redirect"))).value_or("");
  return marks;
}

Result<FileMarks> read_file_marks(FdRef file, WhiteoutForm form) {
  FileMarks marks;
  marks.metacopy = NACRE_TRY(read_attribute(file, overlay_name(form, "metacopy"))).has_value();
  if (marks.metacopy)
    marks.redirect = NACRE_TRY(read_attribute(file, overlay_name(form, "redirect"))).value_or("");
  return marks;
}

bool is_device_whiteout(const struct statx& seen) {
  return S_ISCHR(seen.stx_mode) && seen.stx_rdev_major == 0 && seen.stx_rdev_minor == 0;
}

Result<bool> is_file_whiteout(FdRef directory, const std::string& name, const struct statx& seen,
                              WhiteoutForm form) {
  if (!S_ISREG(seen.stx_mode) || seen.stx_size != 0) return false;
  const auto file =
      NACRE_TRY_CTX(sys::openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK),
                    "open a possible whiteout");
  return NACRE_TRY(read_attribute(file, overlay_name(form, "whiteout"))).has_value();
}

}  // namespace nacre::images::layers
