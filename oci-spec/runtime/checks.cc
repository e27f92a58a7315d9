#include "oci-spec/runtime/checks.h"

#include <algorithm>
#include <utility>

namespace nacre::oci::checks {
namespace {

using Range = std::pair<std::uint64_t, std::uint64_t>;  // first, one past the last

constexpr std::uint64_t kIdEnd = std::uint64_t{1} << 32U;

Result<void> check_disjoint(std::string_view place, std::string_view side,
                            std::vector<Range> ranges) {
  std::sort(ranges.begin(), ranges.end());
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].first < ranges[i - 1].second)
      return refuse(place, side, " ", ranges[i].first, " is mapped twice");
  }
  return {};
}

bool is_number_range(std::string_view part) {
  const std::size_t dash = part.find('-');
  const auto first = text::parse_u32(part.substr(0, dash));
  if (!first) return false;
  if (dash == std::string_view::npos) return true;
  const auto last = text::parse_u32(part.substr(dash + 1));
  return last && *first <= *last;
}

}  // namespace

std::string element(std::string_view place, std::size_t index) {
  std::string path(place);
  json::append_index(path, index);
  return path;
}

bool has_dot_dot(std::string_view path) {
  const auto parts = text::split(path, '/');
  return std::find(parts.begin(), parts.end(), "..") != parts.end();
}

Result<void> check_env(std::string_view place, const std::vector<std::string>& env) {
  for (std::size_t i = 0; i < env.size(); ++i) {
    const std::size_t equals = env[i].find('=');
    if (equals == std::string::npos)
      return refuse(element(place, i), "invalid environment variable: missing '='");
    if (equals == 0)
      return refuse(element(place, i), "invalid environment variable: name cannot be empty");
  }
  return {};
}

bool is_number_list(std::string_view list) {
  const auto parts = text::split(list, ',');
  return std::all_of(parts.begin(), parts.end(), is_number_range);
}

Result<void> check_mappings(std::string_view place, const std::vector<IdMapping>& mappings) {
  // user_namespaces(7): 340 lines since Linux 4.15.
  constexpr std::size_t kMostMappings = 340;
  if (mappings.size() > kMostMappings)
    return refuse(place, "more than ", kMostMappings, " mappings");
  std::vector<Range> inside;
  std::vector<Range> outside;
  for (std::size_t i = 0; i < mappings.size(); ++i) {
    const IdMapping& mapping = mappings[i];
    if (mapping.size == 0) return refuse(element(place, i), "size must be at least 1");
    inside.emplace_back(mapping.container_id, std::uint64_t{mapping.container_id} + mapping.size);
    outside.emplace_back(mapping.host_id, std::uint64_t{mapping.host_id} + mapping.size);
    if (inside.back().second > kIdEnd || outside.back().second > kIdEnd)
      return refuse(element(place, i), "reaches beyond the last 32-bit id");
  }
  NACRE_TRY(check_disjoint(place, "containerID", std::move(inside)));
  return check_disjoint(place, "hostID", std::move(outside));
}

Result<void> check_device_number(std::string_view place, std::int64_t major, std::int64_t minor) {
  constexpr std::int64_t kMajorEnd = std::int64_t{1} << 12U;
  constexpr std::int64_t kMinorEnd = std::int64_t{1} << 20U;
  if (major < 0 || major >= kMajorEnd) return refuse(place, "major ", major, " is out of range");
  if (minor < 0 || minor >= kMinorEnd) return refuse(place, "minor ", minor, " is out of range");
  return {};
}

}  // namespace nacre::oci::checks
