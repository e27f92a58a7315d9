#include <algorithm>

#include "oci-spec/runtime/checks.h"
#include "oci-spec/runtime/enums.h"
#include "oci-spec/runtime/validate.h"

namespace nacre::oci {

using checks::refuse;

namespace {

bool consists_of(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

// Absent and -1 stand for every number.
Result<void> check_wildcard(const std::string& place, const std::optional<std::int64_t>& number) {
  if (!number || *number >= -1) return {};
  return refuse(place, *number, " is out of range");
}

Result<void> check_device_rule(const std::string& place, const DeviceRule& rule) {
  constexpr std::string_view kTypes[] = {"", "a", "b", "c"};
  if (!is_known(kTypes, rule.type))
    return refuse(place + ".type", "invalid device type ", json::excerpt(rule.type));
  if (!consists_of(rule.access, "rwm"))
    return refuse(place + ".access", "not of the letters \"rwm\": ", json::excerpt(rule.access));
  NACRE_TRY(check_wildcard(place + ".major", rule.major));
  return check_wildcard(place + ".minor", rule.minor);
}

Result<void> check_device_rules(const Resources& resources) {
  for (std::size_t i = 0; i < resources.devices.size(); ++i)
    NACRE_TRY(check_device_rule(checks::element("resources.devices", i), resources.devices[i]));
  return {};
}

// The kernel's list format, without what would begin a second line or word in the file.
Result<void> check_cpu(const Resources& resources) {
  constexpr std::string_view kList = "0123456789,-:/";
  if (!resources.cpu) return {};
  if (!consists_of(resources.cpu->cpus, kList))
    return refuse("resources.cpu.cpus", "not a list of CPUs: ", json::excerpt(resources.cpu->cpus));
  if (!consists_of(resources.cpu->mems, kList))
    return refuse("resources.cpu.mems",
                  "not a list of memory nodes: ", json::excerpt(resources.cpu->mems));
  return {};
}

Result<void> check_weight(const std::string& place, const std::optional<std::uint16_t>& weight) {
  constexpr std::uint16_t kLeast = 10;
  constexpr std::uint16_t kMost = 1000;
  // 0 is what Go programs send for "not set".
  if (!weight || *weight == 0 || (*weight >= kLeast && *weight <= kMost)) return {};
  return refuse(place, *weight, " is not within ", kLeast, " and ", kMost);
}

Result<void> check_weight_devices(const BlockIoResources& io) {
  for (std::size_t i = 0; i < io.weight_device.size(); ++i) {
    const WeightDevice& device = io.weight_device[i];
    const std::string place = checks::element("resources.blockIO.weightDevice", i);
    NACRE_TRY(checks::check_device_number(place, device.major, device.minor));
    NACRE_TRY(check_weight(place + ".weight", device.weight));
    NACRE_TRY(check_weight(place + ".leafWeight", device.leaf_weight));
  }
  return {};
}

Result<void> check_throttles(std::string_view key, const std::vector<ThrottleDevice>& devices) {
  const std::string list = text::join("resources.blockIO.", key);
  for (std::size_t i = 0; i < devices.size(); ++i)
    NACRE_TRY(
        checks::check_device_number(checks::element(list, i), devices[i].major, devices[i].minor));
  return {};
}

Result<void> check_block_io(const Resources& resources) {
  if (!resources.block_io) return {};
  const BlockIoResources& io = *resources.block_io;
  NACRE_TRY(check_weight("resources.blockIO.weight", io.weight));
  NACRE_TRY(check_weight("resources.blockIO.leafWeight", io.leaf_weight));
  NACRE_TRY(check_weight_devices(io));
  NACRE_TRY(check_throttles("throttleReadBpsDevice", io.throttle_read_bps_device));
  NACRE_TRY(check_throttles("throttleWriteBpsDevice", io.throttle_write_bps_device));
  NACRE_TRY(check_throttles("throttleReadIOPSDevice", io.throttle_read_iops_device));
  return check_throttles("throttleWriteIOPSDevice", io.throttle_write_iops_device);
}

// "2MB": the middle of a file name, hugetlb.2MB.max.
bool is_page_size(std::string_view size) {
  const std::size_t unit = size.find_first_not_of("0123456789");
  if (unit == 0 || unit == std::string_view::npos || size.front() == '0') return false;
  constexpr std::string_view kUnits[] = {"KB", "MB", "GB", "TB"};
  return is_known(kUnits, size.substr(unit));
}

Result<void> check_hugepages(const Resources& resources) {
  for (std::size_t i = 0; i < resources.hugepage_limits.size(); ++i) {
    const std::string& size = resources.hugepage_limits[i].page_size;
    if (!is_page_size(size))
      return refuse(checks::element("resources.hugepageLimits", i) + ".pageSize",
                    "not a page size: ", json::excerpt(size));
  }
  return {};
}

// A word of a line in its file.
bool is_device_word(std::string_view name) {
  return !name.empty() && std::none_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '/' || c == '\x7f';
  });
}

Result<void> check_rdma(const Resources& resources) {
  for (const auto& [device, limit] : resources.rdma) {
    if (!is_device_word(device))
      return refuse("resources.rdma", "not the name of a device: ", json::excerpt(device));
  }
  return {};
}

Result<void> check_network(const Resources& resources) {
  if (!resources.network) return {};
  for (const InterfacePriority& priority : resources.network->priorities) {
    if (!is_device_word(priority.name))
      return refuse("resources.network.priorities",
                    "not the name of an interface: ", json::excerpt(priority.name));
  }
  return {};
}

// "memory.high". The files of cgroup itself hold no limits but these: the others move, freeze and
// kill processes, which nobody may do by way of a configuration.
bool is_control_file(std::string_view name) {
  constexpr std::string_view kLimitsOfCgroup[] = {"cgroup.max.depth", "cgroup.max.descendants",
                                                  "cgroup.pressure"};
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  const std::size_t dot = name.find('.');
  if (dot == 0 || dot == std::string_view::npos || !consists_of(name, kAllowed)) return false;
  return name.substr(0, dot) != "cgroup" || is_known(kLimitsOfCgroup, name);
}

Result<void> check_unified(const Resources& resources) {
  for (const auto& [file, value] : resources.unified) {
    if (file.find('/') != std::string::npos)
      return refuse("resources.unified", "unified resource ", json::excerpt(file),
                    " must be a file name (no slashes)");
    if (!is_control_file(file))
      return refuse("resources.unified", "unified resource ", json::excerpt(file),
                    " is not a limit of a cgroup controller");
  }
  return {};
}

using Check = Result<void> (*)(const Resources&);
constexpr Check kChecks[] = {
    check_device_rules, check_cpu,     check_block_io, check_hugepages,
    check_rdma,         check_network, check_unified,
};

}  // namespace

Result<void> validate_resources(const Resources& resources) {
  for (const Check check : kChecks) NACRE_TRY(check(resources));
  return {};
}

namespace checks {

Result<void> check_resources(const Spec& spec) {
  if (!spec.linux_.resources) return {};
  auto result = validate_resources(*spec.linux_.resources);
  // The place begins with "resources": with this in front it is the path from the root.
  if (!result) return fail(invalid_argument("linux." + result.error().message()));
  return {};
}

}  // namespace checks
}  // namespace nacre::oci
