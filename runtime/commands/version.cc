#include "runtime/commands/version.h"

#include "base/text.h"
#include "nacre_commit.h"  // made at build time
#include "oci-spec/runtime/features.h"
#include "runtime/seccomp/compile.h"

namespace nacre::commands {

std::string_view version() { return NACRE_VERSION; }
std::string_view commit() { return kNacreCommit; }

std::string version_text(std::string_view program) {
  return text::join(program, " version ", version(), "\ncommit: ", commit(),
                    "\nspec: ", oci::kOciVersionMax,
                    "\nlibseccomp: ", seccomp::libseccomp_version(), '\n');
}

}  // namespace nacre::commands
