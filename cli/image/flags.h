// Values of flags that several commands have. Pure.
#pragma once

#include <optional>

#include "base/result.h"
#include "cli/commandline/command.h"
#include "oci-spec/image/platform.h"

namespace nacre::cli {

inline constexpr FlagSpec kPlatformFlag = {
    .name = "platform",
    .value_name = "OS/ARCH",
    .help = "the platform that is meant, such as linux/arm64 (default: this machine's)"};
inline constexpr FlagSpec kOutputFlag = {
    .name = "output",
    .short_name = 'o',
    .value_name = "FILE",
    .help = "a file, which appears when it is whole; else standard output"};
inline constexpr FlagSpec kNoProgressFlag = {
    .name = "quiet", .short_name = 'q', .help = "no progress"};
inline constexpr FlagSpec kQuietPull = {
    .name = "quiet", .short_name = 'q', .help = "no progress, only the result"};

[[nodiscard]] Result<std::optional<oci::Platform>> platform_of(const Arguments& arguments);

}  // namespace nacre::cli
