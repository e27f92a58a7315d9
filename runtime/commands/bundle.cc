#include "runtime/commands/bundle.h"

#include <array>

#include "base/text.h"
#include "oci-spec/runtime/parse.h"
#include "oci-spec/runtime/validate.h"
#include "sys/io.h"

namespace nacre::commands {
namespace {

constexpr std::size_t kMaxConfig = 16U << 20U;  // bytes; parse_spec has the same limit

// A fifo would keep the runtime waiting, a device could do worse.
sys::Outcome<std::string> read_regular_file(FdRef directory, const std::string& path) {
  const UniqueFd file =
      NACRE_TRY(sys::openat(directory, path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY));
  const auto info = NACRE_TRY(sys::fstatx(file, STATX_TYPE));
  if ((info.stx_mode & S_IFMT) == S_IFDIR) return std::unexpected(Errno{EISDIR});
  if ((info.stx_mode & S_IFMT) != S_IFREG) return std::unexpected(Errno{ENXIO});
  return sys::read_all(file, kMaxConfig);
}

}  // namespace

Result<std::string> absolute_path(std::string_view path) {
  if (path.starts_with('/')) return std::string(path);
  std::array<char, 4096> buffer;
  static_cast<void>(
      NACRE_TRY_CTX(sys::getcwd(buffer.data(), buffer.size()), "find the working directory"));
  if (path.empty() || path == ".") return std::string(buffer.data());
  return text::join(buffer.data(), '/', path);
}

Result<Bundle> load_bundle(std::string_view path, std::string_view config) {
  Bundle bundle{.path = NACRE_TRY(absolute_path(path)), .spec = {}};
  const auto directory =
      NACRE_TRY_CTX(sys::openat(sys::kCwd, bundle.path.c_str(), O_PATH | O_DIRECTORY),
                    text::join("bundle ", text::quote(bundle.path)));
  const std::string file = config.empty() ? "config.json" : NACRE_TRY(absolute_path(config));
  const auto bytes = read_regular_file(directory, file);
  if (!bytes) {
    const std::string shown = config.empty() ? text::join(bundle.path, "/config.json") : file;
    if (bytes.error().value == EFBIG) {
      return fail(invalid_argument(text::join(shown, ": larger than 16 MiB")));
    }
    if (bytes.error().value == ENXIO) {
      return fail(invalid_argument(text::join(shown, ": not a regular file")));
    }
    return fail(Error::from_errno(bytes.error(), text::join("open ", shown)));
  }
  bundle.spec = NACRE_TRY(oci::parse_spec(*bytes));
  NACRE_TRY(oci::validate(bundle.spec));
  if (!bundle.spec.process) return fail(invalid_argument("config.json: process: missing"));
  NACRE_TRY(oci::validate_process(*bundle.spec.process));
  return bundle;
}

}  // namespace nacre::commands
