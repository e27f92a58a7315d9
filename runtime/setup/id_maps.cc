#include "runtime/setup/id_maps.h"

#include "base/text.h"
#include "runtime/setup/run_program.h"
#include "sys/io.h"
#include "sys/process.h"

namespace nacre::setup {
namespace {

std::string map_lines(const std::vector<oci::IdMapping>& map) {
  std::string lines;
  for (const oci::IdMapping& entry : map) {
    text::append(lines, entry.container_id, ' ', entry.host_id, ' ', entry.size, '\n');
  }
  return lines;
}

bool is_own_id_alone(const std::vector<oci::IdMapping>& map, std::uint32_t own) {
  return map.size() == 1 && map.front().size == 1 && map.front().host_id == own;
}

Result<void> write_map(int pid, const char* file, const std::vector<oci::IdMapping>& map) {
  const std::string path = text::join("/proc/", pid, '/', file);
  NACRE_TRY_CTX(sys::write_control(sys::kCwd, path.c_str(), map_lines(map)),
                text::join("write the user namespace's ", file));
  return {};
}

// newuidmap <pid> <container id> <host id> <size> ...
Result<void> run_helper(const char* program, int pid, const std::vector<oci::IdMapping>& map) {
  std::vector<std::string> arguments = {program, std::to_string(pid)};
  for (const oci::IdMapping& entry : map) {
    arguments.push_back(std::to_string(entry.container_id));
    arguments.push_back(std::to_string(entry.host_id));
    arguments.push_back(std::to_string(entry.size));
  }
  return run_program(arguments);
}

}  // namespace

Result<void> write_id_maps(int pid, const plan::IdMaps& maps) {
  const bool privileged = sys::geteuid() == 0;
  if (privileged || is_own_id_alone(maps.uid, sys::geteuid())) {
    NACRE_TRY(write_map(pid, "uid_map", maps.uid));
  } else {
    NACRE_TRY(run_helper("newuidmap", pid, maps.uid));
  }
  if (privileged) return write_map(pid, "gid_map", maps.gid);
  if (!is_own_id_alone(maps.gid, sys::getegid())) return run_helper("newgidmap", pid, maps.gid);
  const std::string setgroups = text::join("/proc/", pid, "/setgroups");
  NACRE_TRY_CTX(sys::write_control(sys::kCwd, setgroups.c_str(), "deny"),
                "deny setgroups in the user namespace");
  return write_map(pid, "gid_map", maps.gid);
}

}  // namespace nacre::setup
