// What this program is: a version, the source it was built from, what it implements.
#pragma once

#include <string>
#include <string_view>

namespace nacre::commands {

std::string_view version();  // "0.1.0"
std::string_view commit();   // "unknown" when built outside of a git checkout

// The lines that dockerd, Podman and go-runc parse:
//   <program> version 0.1.0
//   commit: ...
//   spec: 1.3.0
//   libseccomp: 2.5.4
std::string version_text(std::string_view program);

}  // namespace nacre::commands
