#include "oci-spec/runtime/sysctl.h"

#include <algorithm>

#include "base/text.h"
#include "oci-spec/json/path.h"

namespace nacre::oci {
namespace {

// Longer than any name the kernel has; the result is a path below PATH_MAX.
constexpr std::size_t kLongestName = 1024;

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-./").find(c) != std::string_view::npos;
}

bool is_component(std::string_view part) { return !part.empty() && part != "." && part != ".."; }

std::string with_slashes(std::string_view name) {
  std::string path(name);
  const std::size_t first = path.find_first_of("./");
  if (first == std::string::npos || path[first] == '/') return path;
  for (char& c : path) {
    if (c == '.') {
      c = '/';
    } else if (c == '/') {
      c = '.';  // a dot within a component: the name of a VLAN device
    }
  }
  return path;
}

bool is_ipc(std::string_view path) {
  constexpr std::string_view kSystemV[] = {
      "kernel/msgmax", "kernel/msgmnb", "kernel/msgmni", "kernel/sem",
      "kernel/shmall", "kernel/shmmax", "kernel/shmmni", "kernel/shm_rmid_forced",
  };
  return path.starts_with("fs/mqueue/") ||
         std::find(std::begin(kSystemV), std::end(kSystemV), path) != std::end(kSystemV);
}

std::unexpected<Error> refuse(std::string_view name, std::string_view reason) {
  return fail(invalid_argument(text::join("sysctl ", json::excerpt(name), " ", reason)));
}

}  // namespace

Result<std::string> sysctl_path(std::string_view name) {
  if (name.size() > kLongestName || !std::all_of(name.begin(), name.end(), is_name_char))
    return refuse(name, "is not a valid name");
  std::string path = with_slashes(name);
  const auto parts = text::split(path, '/');
  if (parts.size() < 2 || !std::all_of(parts.begin(), parts.end(), is_component))
    return refuse(name, "is not a valid name");
  return path;
}

std::optional<NamespaceType> namespace_of_sysctl(std::string_view name) {
  const auto path = sysctl_path(name);
  if (!path) return std::nullopt;
  if (is_ipc(*path)) return NamespaceType::kIpc;
  if (path->starts_with("net/")) return NamespaceType::kNetwork;
  if (path->starts_with("user/")) return NamespaceType::kUser;
  if (*path == "kernel/domainname" || *path == "kernel/hostname") return NamespaceType::kUts;
  return std::nullopt;
}

Result<void> check_sysctl(std::string_view name, const Spec& spec) {
  const std::string path = NACRE_TRY(sysctl_path(name));
  const auto type = namespace_of_sysctl(name);
  const bool there = type && spec.find_namespace(*type) != nullptr;
  if (!type) return refuse(name, "is not in a separate kernel namespace");
  switch (*type) {
    case NamespaceType::kIpc:
      return there ? Result<void>{} : refuse(name, "is not allowed in the hosts ipc namespace");
    case NamespaceType::kNetwork:
      return there ? Result<void>{} : refuse(name, "not allowed in host network namespace");
    case NamespaceType::kUser:
      return there ? Result<void>{} : refuse(name, "is not allowed without a user namespace");
    default:
      break;
  }
  if (!there) return refuse(name, "is not in a separate kernel namespace");
  if (path == "kernel/domainname") return {};
  return refuse(name, "is not allowed as it conflicts with the OCI \"hostname\" field");
}

}  // namespace nacre::oci
