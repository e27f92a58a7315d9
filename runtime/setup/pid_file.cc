#include "runtime/setup/pid_file.h"

#include "base/text.h"
#include "sys/io.h"

namespace nacre::setup {

Result<void> write_pid_file(const std::string& path, int pid) {
  const std::string what = text::join("write pid file ", text::quote(path));
  const std::size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  const auto parent =
      NACRE_TRY_CTX(sys::openat(sys::kCwd, directory.c_str(), O_PATH | O_DIRECTORY), what);
  NACRE_TRY_CTX(sys::replace_file(parent, name, std::to_string(pid), 0644), what);
  return {};
}

}  // namespace nacre::setup
