// The text formats of control files (cgroup-v2.rst, "Format"). Pure; nullopt when the text is not
// in the format.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cgroups/stats.h"

namespace nacre::cgroups {

using FlatKeyed = std::map<std::string, std::uint64_t, std::less<>>;

std::optional<FlatKeyed> parse_flat_keyed(std::string_view content);           // "key value" lines
std::optional<Pressure> parse_pressure(std::string_view content);              // *.pressure
std::optional<std::vector<IoDevice>> parse_io_stat(std::string_view content);  // io.stat
// rdma.current, rdma.max
std::optional<std::map<std::string, RdmaValues>> parse_rdma(std::string_view content);

// A single number, or "max".
struct Limit {
  std::optional<std::uint64_t> value;  // nullopt: "max"
};
std::optional<Limit> parse_limit(std::string_view content);

}  // namespace nacre::cgroups
