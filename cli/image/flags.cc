#include "cli/image/flags.h"

namespace nacre::cli {

Result<std::optional<oci::Platform>> platform_of(const Arguments& arguments) {
  if (!arguments.has("platform")) return std::nullopt;
  return NACRE_TRY_CTX(oci::parse_platform(arguments.value("platform"), oci::host_platform()),
                       "--platform");
}

}  // namespace nacre::cli
