#include "runtime/setup/host_facts.h"

#include "base/text.h"
#include "cgroups/hierarchy.h"
#include "sys/credentials.h"
#include "sys/file.h"
#include "sys/io.h"
#include "sys/process.h"

namespace nacre::setup {
namespace {

// The first user namespace maps everything to itself: "0 0 4294967295" (user_namespaces(7)).
Result<bool> in_user_namespace() {
  const std::string map = NACRE_TRY_CTX(sys::read_file(sys::kCwd, "/proc/self/uid_map", 65536),
                                        "read /proc/self/uid_map");
  std::string words;
  for (const char c : map) {
    if (c == ' ' && (words.empty() || words.back() == ' ')) continue;
    words += c;
  }
  return text::trim(words) != "0 0 4294967295";
}

bool file_says(const char* path, char expected) {
  const auto content = sys::read_file(sys::kCwd, path, 64);
  return content && !content->empty() && content->front() == expected;
}

}  // namespace

Result<plan::HostFacts> gather_host_facts(const oci::Process& process) {
  plan::HostFacts facts{.euid = sys::geteuid(), .egid = sys::getegid()};
  const auto sets = NACRE_TRY_CTX(sys::capget(), "read the runtime's capabilities");
  facts.capabilities = sets.permitted;
  facts.in_user_namespace = NACRE_TRY(in_user_namespace());
  if (!process.apparmor_profile.empty()) {
    facts.apparmor = file_says("/sys/module/apparmor/parameters/enabled", 'Y');
  }
  if (!process.selinux_label.empty()) {
    facts.selinux = sys::statfs("/sys/fs/selinux").has_value() &&
                    sys::read_file(sys::kCwd, "/sys/fs/selinux/enforce", 16).has_value();
  }
  facts.kcore = sys::statx(sys::kCwd, "/proc/kcore", AT_SYMLINK_NOFOLLOW).has_value();
  const auto hierarchy = cgroups::find_hierarchy();
  if (hierarchy) facts.cgroup_mount = hierarchy->mount_point;
  return facts;
}

}  // namespace nacre::setup
