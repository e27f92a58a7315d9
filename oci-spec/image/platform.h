// What a program was built for: an operating system, an architecture and, for some architectures, a
// level of it (image-spec, image-index.md, "platform"; the words are Go's GOOS and GOARCH).
//
// Pure values and functions, except host_platform(), which asks the processor. All thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nacre::oci {

struct Platform {
  std::string architecture;  // "amd64", "arm64"
  std::string os;            // "linux"
  std::string os_version;
  std::vector<std::string> os_features;  // every one of them is needed
  std::string variant;                   // "v7", "v3"; empty: the architecture's base level

  friend bool operator==(const Platform&, const Platform&) = default;
};

// The one spelling of what has several: lower case, x86_64 is amd64, aarch64 is arm64, armhf is arm
// v7, an arm without a variant is v7. The base level of amd64 (v1) and arm64 (v8) is written
// without a variant. What is not known is left as it is.
[[nodiscard]] Platform normalized(Platform platform);

// What people write: "linux/arm64/v8", "linux/arm64", "arm64" (on Linux), "linux" (as `host`);
// "windows(10.0.17763)/amd64" for a version of the system. The result is normalised.
// invalid_argument for anything else. A word by itself must be a known system or architecture, so
// that a slip of the finger is not taken for a platform that no image has.
[[nodiscard]] Result<Platform> parse_platform(std::string_view text, const Platform& host);

// "linux/arm/v7"; the inverse of parse_platform for what is normalised (features are left out).
[[nodiscard]] std::string to_text(const Platform& platform);

// What this program was built for, with the level of the processor it runs on (amd64: v1 to v4).
[[nodiscard]] Platform host_platform();

// Whether 64-bit machines are taken to run programs of their 32-bit ancestor: 386 on amd64, arm on
// arm64. Right for "what runs here", wrong for a platform that somebody has named.
enum class Ancestors : std::uint8_t { kNone, kThirtyTwoBit };

// How good the choice of an `offered` program is for a `wanted` platform: 0 is the best, nothing
// means that it does not run there. A newer level runs what was built for an older one: amd64 v4,
// v3, v2, v1; arm v8, v7, v6, v5; arm64 v9.x, then v8.(x + 5) and down. Neither side needs to be
// normalised. A version of the system counts when both sides have one; features of the system that
// `offered` needs must be among those of `wanted`.
[[nodiscard]] std::optional<std::size_t> rank(const Platform& offered, const Platform& wanted,
                                              Ancestors ancestors = Ancestors::kNone);

}  // namespace nacre::oci
