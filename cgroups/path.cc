#include "cgroups/path.h"

#include <algorithm>

#include "base/text.h"
#include "sys/io.h"

namespace nacre::cgroups {
namespace {

constexpr std::size_t kNameLimit = 255;   // NAME_MAX
constexpr std::size_t kPathLimit = 3800;  // PATH_MAX less room for the mount point and a file name
constexpr std::size_t kProcCgroupLimit = std::size_t{1} << 20U;

Result<void> check_component(std::string_view name) {
  if (name.empty()) return fail(invalid_argument("it has an empty component"));
  if (name == "." || name == "..") {
    return fail(invalid_argument(text::join("it has the component ", text::quote(name))));
  }
  if (name.size() > kNameLimit) {
    return fail(invalid_argument(
        text::join("a component is longer than ", kNameLimit, " bytes: ", text::quote(name))));
  }
  // The kernel refuses a newline: it would break /proc/PID/cgroup.
  if (name.find('\0') != std::string_view::npos || name.find('\n') != std::string_view::npos) {
    return fail(invalid_argument("it contains a NUL or a newline"));
  }
  return {};
}

Result<void> check_components(std::string_view path) {
  if (path == "/") return fail(invalid_argument("it is the root of the hierarchy"));
  if (path.size() > kPathLimit) {
    return fail(invalid_argument(text::join("it is longer than ", kPathLimit, " bytes")));
  }
  for (const std::string_view name : text::split(path.substr(1), '/')) {
    NACRE_TRY(check_component(name));
  }
  return {};
}

bool is_systemd_form(std::string_view path) {
  return path.find('/') == std::string_view::npos && std::ranges::count(path, ':') == 2;
}

Result<std::string> parent_of_own(std::string_view own) {
  if (!own.starts_with('/')) {
    return fail(invalid_argument(
        text::join("the runtime's own cgroup ", text::quote(own), " is not an absolute path")));
  }
  // A cgroup outside the cgroup namespace is shown as "/../x": nothing can be made beside it.
  if (own == "/.." || own.starts_with("/../")) {
    return fail(failed_precondition(text::join("the runtime's own cgroup ", text::quote(own),
                                               " lies outside its cgroup namespace")));
  }
  return std::string(own.substr(0, own.rfind('/')));
}

}  // namespace

Result<void> check_path(std::string_view path) {
  if (!path.starts_with('/')) {
    return fail(invalid_argument(
        text::join("cgroup path ", text::quote(path), " does not start with a slash")));
  }
  NACRE_TRY_CTX(check_components(path), text::join("cgroup path ", text::quote(path)));
  return {};
}

Result<std::string> container_path(std::string_view cgroups_path, std::string_view id,
                                   std::string_view own_cgroup) {
  const auto context = [&] { return text::join("linux.cgroupsPath ", text::quote(cgroups_path)); };
  if (is_systemd_form(cgroups_path)) {
    return fail(invalid_argument(
        text::join(context(),
                   " has the form of the systemd cgroup driver (slice:prefix:name), but the "
                   "cgroupfs driver is in use (--systemd-cgroup is not given)")));
  }
  if (cgroups_path.starts_with('/')) {
    NACRE_TRY_CTX(check_components(cgroups_path), context());
    return std::string(cgroups_path);
  }
  const std::string_view below = cgroups_path.empty() ? id : cgroups_path;
  const std::string parent = NACRE_TRY(parent_of_own(own_cgroup));
  std::string path = text::join(parent, '/', below);
  NACRE_TRY_CTX(check_components(path), cgroups_path.empty()
                                            ? text::join("cgroup of container ", text::quote(id))
                                            : context());
  return path;
}

Result<std::string> parse_own_cgroup(std::string_view proc_self_cgroup) {
  for (const std::string_view line : text::split(proc_self_cgroup, '\n')) {
    if (line.starts_with("0::/")) return std::string(line.substr(3));
  }
  return fail(not_found("/proc/self/cgroup has no line of cgroup v2 (\"0::/...\")"));
}

Result<std::string> own_cgroup() {
  return parse_own_cgroup(NACRE_TRY_CTX(
      sys::read_file(sys::kCwd, "/proc/self/cgroup", kProcCgroupLimit), "read /proc/self/cgroup"));
}

}  // namespace nacre::cgroups
