#include "oci-spec/runtime/features.h"

#include <algorithm>

#include "base/text.h"
#include "runtime/commands/commands.h"
#include "runtime/commands/output.h"
#include "runtime/commands/version.h"
#include "runtime/plan/capabilities.h"
#include "runtime/plan/mount_options.h"
#include "runtime/seccomp/compile.h"
#include "runtime/seccomp/vocabulary.h"
#include "sys/credentials.h"

namespace nacre::commands {
namespace {

// What this kernel accepts; TSYNC (no bit) is a matter of threads, which a launch does not have.
std::vector<std::string> supported_flags(const std::vector<std::string>& known) {
  std::vector<std::string> supported;
  std::ranges::copy_if(known, std::back_inserter(supported), [](const std::string& word) {
    const auto bit = seccomp::find_flag(word);
    return bit && (*bit == 0 || sys::seccomp_knows_flag(*bit));
  });
  return supported;
}

oci::Features features_of_this_program() {
  oci::Features features = oci::known_features();
  features.mount_options = plan::known_mount_options();
  oci::LinuxFeatures& linux_features = features.linux_;
  linux_features.capabilities = plan::known_capabilities();
  linux_features.cgroup = {
      .v1 = false, .v2 = true, .systemd = false, .systemd_user = false, .rdma = true};
  linux_features.seccomp.enabled = true;
  linux_features.seccomp.supported_flags = supported_flags(linux_features.seccomp.known_flags);
  linux_features.apparmor = true;
  linux_features.selinux = false;  // linux.mountLabel is refused
  linux_features.intel_rdt.enabled = false;
  linux_features.idmap_mounts = true;
  linux_features.net_devices = false;
  features.annotations = {
      {"org.nacre.runtime.version", std::string(version())},
      {"org.nacre.runtime.commit", std::string(commit())},
      {"io.github.seccomp.libseccomp.version", seccomp::libseccomp_version()},
  };
  return features;
}

}  // namespace

Result<int> run_features(const GlobalOptions&, const Arguments&) {
  NACRE_TRY(print(oci::to_json(features_of_this_program()) + '\n'));
  return 0;
}

}  // namespace nacre::commands
