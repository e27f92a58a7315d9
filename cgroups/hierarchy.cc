#include "cgroups/hierarchy.h"

#include <linux/magic.h>

#include <optional>
#include <utility>

#include "base/text.h"
#include "sys/file.h"
#include "sys/io.h"

namespace nacre::cgroups {
namespace {

constexpr const char* kPlain = "/sys/fs/cgroup";
constexpr const char* kHybrid = "/sys/fs/cgroup/unified";
// A host with 10,000 mounts has about 2 MB of them.
constexpr std::size_t kMountinfoLimit = std::size_t{64} << 20U;

bool is_octal(char c) { return c >= '0' && c <= '7'; }

// Blank, tab, newline and backslash are written as three octal digits.
std::string unescape(std::string_view raw) {
  std::string out;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '\\' && i + 3 < raw.size() && is_octal(raw[i + 1]) && is_octal(raw[i + 2]) &&
        is_octal(raw[i + 3])) {
      out += static_cast<char>((raw[i + 1] - '0') * 64 + (raw[i + 2] - '0') * 8 + raw[i + 3] - '0');
      i += 3;
    } else {
      out += raw[i];
    }
  }
  return out;
}

std::optional<Hierarchy> open_if_cgroup2(std::string mount_point, bool hybrid) {
  auto root =
      sys::openat<sys::DirFd>(sys::kCwd, mount_point.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW);
  if (!root) return std::nullopt;
  const auto filesystem = sys::fstatfs(*root);
  if (!filesystem || filesystem->f_type != CGROUP2_SUPER_MAGIC) return std::nullopt;
  return Hierarchy{std::move(mount_point), *std::move(root), hybrid};
}

}  // namespace

CgroupMounts cgroup_mounts(std::string_view mountinfo) {
  CgroupMounts found;
  for (const std::string_view line : text::split(mountinfo, '\n')) {
    // "36 35 98:0 /root /mount/point options optional... - type source super"
    const std::size_t dash = line.find(" - ");
    const auto before = text::split(line.substr(0, dash), ' ');
    if (dash == std::string_view::npos || before.size() < 6) continue;
    const std::string_view type = text::split(line.substr(dash + 3), ' ').front();
    if (type == "cgroup2") found.v2.push_back(unescape(before[4]));
    if (type == "cgroup") text::append(found.v1, found.v1.empty() ? "" : ", ", unescape(before[4]));
  }
  return found;
}

Result<Hierarchy> find_hierarchy() {
  if (auto plain = open_if_cgroup2(kPlain, false)) return *std::move(plain);
  if (auto unified = open_if_cgroup2(kHybrid, true)) return *std::move(unified);

  const std::string looked =
      text::join("no cgroup v2 hierarchy found: neither ", kPlain, " nor ", kHybrid, " is one");
  const std::string mountinfo =
      NACRE_TRY_CTX(sys::read_file(sys::kCwd, "/proc/self/mountinfo", kMountinfoLimit), looked);
  const CgroupMounts mounts = cgroup_mounts(mountinfo);
  for (const std::string& place : mounts.v2) {
    if (auto elsewhere = open_if_cgroup2(place, !mounts.v1.empty())) return *std::move(elsewhere);
  }
  return fail(not_found(text::join(
      looked, ", and /proc/self/mountinfo lists no other cgroup2 mount that can be opened",
      mounts.v1.empty() ? std::string(" (no cgroup filesystem is mounted at all)")
                        : text::join(" (there is only cgroup v1: ", mounts.v1, ")"))));
}

}  // namespace nacre::cgroups
