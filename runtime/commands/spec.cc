#include "base/text.h"
#include "oci-spec/defaults/default_spec.h"
#include "oci-spec/runtime/write.h"
#include "runtime/commands/commands.h"
#include "sys/io.h"
#include "sys/process.h"

namespace nacre::commands {
namespace {

constexpr const char* kConfigName = "config.json";

Result<void> write_config(FdRef bundle, std::string_view document) {
  const auto file =
      sys::openat(bundle, kConfigName, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0666);
  if (!file && file.error().value == EEXIST) {
    return fail(Error(ErrorCode::kAlreadyExists, "File config.json exists. Remove it first"));
  }
  if (!file) return fail(Error::from_errno(file.error(), "create config.json"));
  const auto written = sys::write_all(*file, document);
  if (written) return {};
  // Half a document would only be in the way of the next try.
  static_cast<void>(sys::unlinkat(bundle, kConfigName));
  return fail(Error::from_errno(written.error(), "write config.json"));
}

}  // namespace

Result<int> run_spec(const GlobalOptions&, const Arguments& arguments) {
  const std::string bundle(arguments.has("bundle") ? arguments.value("bundle") : ".");
  const auto dir =
      NACRE_TRY_CTX(sys::openat<sys::DirFd>(sys::kCwd, bundle.c_str(), O_PATH | O_DIRECTORY),
                    text::join("open bundle ", bundle));
  const oci::Spec spec = arguments.has("rootless")
                             ? oci::default_rootless_spec(sys::geteuid(), sys::getegid())
                             : oci::default_spec();
  NACRE_TRY(write_config(dir, oci::to_json(spec) + '\n'));
  return 0;
}

}  // namespace nacre::commands
