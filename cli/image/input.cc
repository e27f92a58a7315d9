#include "cli/image/input.h"

#include "base/text.h"
#include "cli/render/terminal.h"
#include "sys/file.h"

namespace nacre::cli {

FdRef Input::stream() const { return file.get() < 0 ? kStandardInput : FdRef(file); }

Result<Input> open_input(const std::string& path) {
  Input out;
  if (path.empty() || path == "-") {
    if (is_terminal(kStandardInput))
      return fail(invalid_argument(
          "an archive is awaited on standard input, which is a terminal\nhint: name a file, or "
          "redirect one"));
    out.name = "standard input";
    return out;
  }
  out.name = path;
  out.file = NACRE_TRY_CTX(sys::openat(sys::kCwd, path.c_str(), O_RDONLY),
                           text::join("open ", text::quote(path)));
  const auto there = NACRE_TRY_CTX(sys::fstatx(out.file), path);
  if (S_ISDIR(there.stx_mode)) {
    out.is_directory = true;
    out.directory = sys::DirFd(out.file.release());
  } else if (S_ISREG(there.stx_mode)) {
    out.size = there.stx_size;
  }
  return out;
}

}  // namespace nacre::cli
