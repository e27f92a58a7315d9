#include "runtime/seccomp/compile.h"

#include <linux/bpf_common.h>
#include <linux/seccomp.h>
#include <seccomp.h>

#include "base/text.h"
#include "runtime/seccomp/emit.h"
#include "runtime/seccomp/number_line.h"
#include "runtime/seccomp/profile.h"
#include "runtime/seccomp/resolve.h"

namespace nacre::seccomp {
namespace {

[[nodiscard]] Result<void> check_size(const std::vector<sock_filter>& filter) {
  if (filter.size() <= BPF_MAXINSNS) return {};
  return fail(Error(ErrorCode::kResourceExhausted,
                    text::join("linux.seccomp: the filter has ", filter.size(),
                               " instructions, the kernel takes at most ", BPF_MAXINSNS)));
}

}  // namespace

bool is_enabled(const oci::Seccomp& spec) {
  return !spec.default_action.empty() || !spec.syscalls.empty();
}

Result<Program> compile(const oci::Seccomp& spec, const Facts& facts) {
  const Profile profile = NACRE_TRY(parse_profile(spec, facts));
  const std::vector<ArchPolicy> policies = NACRE_TRY(resolve(profile));
  const std::vector<ArchLine> lines = draw_lines(policies, profile.default_action);
  std::vector<sock_filter> filter = emit(lines, profile.default_action);
  NACRE_TRY(check_size(filter));
  return Program{std::move(filter), profile.flags, profile.notifies};
}

std::string libseccomp_version() {
  const scmp_version* version = seccomp_version();
  return text::join(version->major, '.', version->minor, '.', version->micro);
}

}  // namespace nacre::seccomp
