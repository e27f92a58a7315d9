#include "tests/support/runtime.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace nacre::test {
namespace {

namespace fs = std::filesystem;

std::string find_in_path(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream dirs(path != nullptr ? path : "/usr/sbin:/usr/bin:/sbin:/bin");
  for (std::string dir; std::getline(dirs, dir, ':');) {
    const fs::path candidate = fs::path(dir) / name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return name;
}

std::string resolve() {
  for (const char* variable : {"NACRE_RUNTIME", "RUNTIME"}) {
    const char* value = std::getenv(variable);
    if (value == nullptr || *value == '\0') continue;
    const std::string name = value;
    if (name.find('/') != std::string::npos) return fs::absolute(name);
    return name == "nacre-runtime" ? NACRE_RUNTIME_BUILT : find_in_path(name);
  }
  return NACRE_RUNTIME_BUILT;
}

}  // namespace

const std::string& runtime_path() {
  static const std::string kPath = resolve();
  return kPath;
}

std::string runtime_name() { return fs::path(runtime_path()).filename(); }

RuntimeKind runtime_kind() {
  const std::string name = runtime_name();
  if (name.starts_with("runc")) return RuntimeKind::kRunc;
  if (name.starts_with("crun")) return RuntimeKind::kCrun;
  return RuntimeKind::kNacre;
}

}  // namespace nacre::test
