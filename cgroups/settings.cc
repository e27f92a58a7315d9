#include "cgroups/settings.h"

#include <algorithm>

#include "base/text.h"
#include "cgroups/settings_parts.h"

namespace nacre::cgroups {

std::string_view controller_of(std::string_view file) {
  const std::string_view name = file.substr(0, file.find('.'));
  return name == "cgroup" ? std::string_view() : name;
}

namespace parts {

Setting setting(std::string file, std::string value, std::string_view field, IfMissing if_missing) {
  Setting result;
  result.controller = controller_of(file);
  result.file = std::move(file);
  result.value = std::move(value);
  result.field = text::join("linux.resources.", field);
  result.if_missing = if_missing;
  return result;
}

Error bad_field(std::string_view field, std::string_view what) {
  return invalid_argument(text::join("linux.resources.", field, ": ", what));
}

namespace {

void add_pids(std::int64_t limit, Settings& out) {
  if (limit < 0) {
    out.push_back(setting("pids.max", "max", "pids.limit", IfMissing::kIgnore));
  } else {
    // 1 for 0 as runc: systemd knows no TasksMax=0, and both let nothing but the first process
    // live.
    out.push_back(
        setting("pids.max", std::to_string(std::max<std::int64_t>(limit, 1)), "pids.limit"));
  }
}

// "2MB", "1GB", "64KB": digits and a unit, as the kernel names its files.
bool is_page_size(std::string_view size) {
  if (!size.ends_with("KB") && !size.ends_with("MB") && !size.ends_with("GB")) return false;
  return text::parse_u64(size.substr(0, size.size() - 2)).has_value();
}

Result<void> add_hugepages(const std::vector<oci::HugepageLimit>& limits, Settings& out) {
  for (const oci::HugepageLimit& page : limits) {
    if (!is_page_size(page.page_size)) {
      return fail(
          bad_field("hugepageLimits", text::join(text::quote(page.page_size), " is no page size")));
    }
    const std::string value = std::to_string(page.limit);
    out.push_back(setting(text::join("hugetlb.", page.page_size, ".max"), value, "hugepageLimits"));
    out.push_back(setting(text::join("hugetlb.", page.page_size, ".rsvd.max"), value,
                          "hugepageLimits", IfMissing::kIgnore));
  }
  return {};
}

Result<void> add_rdma(const std::map<std::string, oci::RdmaLimit>& rdma, Settings& out) {
  for (const auto& [device, limit] : rdma) {
    if (device.empty() || device.find_first_of(" \t\n") != std::string::npos) {
      return fail(bad_field("rdma", text::join(text::quote(device), " is no device name")));
    }
    std::string line = device;
    if (limit.hca_handles) text::append(line, " hca_handle=", *limit.hca_handles);
    if (limit.hca_objects) text::append(line, " hca_object=", *limit.hca_objects);
    if (line.size() == device.size()) continue;  // no limit in it
    out.push_back(setting("rdma.max", std::move(line), "rdma"));
  }
  return {};
}

Result<void> check_network(const oci::NetworkResources& network) {
  if (network.class_id.value_or(0) != 0) {
    return fail(bad_field("network.classID", "cgroup v2 has no net_cls controller"));
  }
  if (!network.priorities.empty()) {
    return fail(bad_field("network.priorities", "cgroup v2 has no net_prio controller"));
  }
  return {};
}

Result<void> check_unified_name(std::string_view file) {
  const auto refuse = [&](std::string_view what) {
    return fail(invalid_argument(text::join("unified resource ", text::quote(file), " ", what)));
  };
  if (file.find('/') != std::string_view::npos) return refuse("must be a file name (no slashes)");
  const std::size_t dot = file.find('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == file.size() ||
      file.find("..") != std::string_view::npos || file.find('\0') != std::string_view::npos) {
    return refuse("must be in the form CONTROLLER.PARAMETER");
  }
  return {};
}

Result<void> add_unified(const std::map<std::string, std::string>& unified, Settings& out) {
  for (const auto& [file, value] : unified) {
    NACRE_TRY(check_unified_name(file));
    const std::string field = text::join("unified[", text::quote(file), ']');
    // Files of one line per device (io.max, rdma.max) take one line per write. A newline alone is
    // how an empty value is written.
    std::vector<std::string_view> lines = text::split(value, '\n');
    std::erase(lines, std::string_view());
    if (lines.empty()) lines.emplace_back("\n");
    for (const std::string_view line : lines) {
      out.push_back(setting(file, std::string(line), field));
    }
  }
  return {};
}

}  // namespace
}  // namespace parts

Result<std::vector<Setting>> settings_for(const oci::Resources& resources) {
  std::vector<Setting> out;
  if (resources.pids_limit) parts::add_pids(*resources.pids_limit, out);
  if (resources.memory) NACRE_TRY(parts::add_memory(*resources.memory, out));
  if (resources.block_io) NACRE_TRY(parts::add_block_io(*resources.block_io, out));
  if (resources.cpu) NACRE_TRY(parts::add_cpu(*resources.cpu, out));
  NACRE_TRY(parts::add_hugepages(resources.hugepage_limits, out));
  NACRE_TRY(parts::add_rdma(resources.rdma, out));
  if (resources.network) NACRE_TRY(parts::check_network(*resources.network));
  NACRE_TRY(parts::add_unified(resources.unified, out));
  return out;
}

}  // namespace nacre::cgroups
