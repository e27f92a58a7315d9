// Signals by number and by name.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nacre::hooks {

// "KILL", "SIGKILL", "sigkill", "9", "SIGRTMIN+3", "RTMAX-1"; 0 (is it there?) to 64. Nothing for
// the rest.
std::optional<int> parse_signal(std::string_view text);

// "SIGKILL"; "signal 42" for those without a name of their own.
std::string signal_name(int signal);

}  // namespace nacre::hooks
