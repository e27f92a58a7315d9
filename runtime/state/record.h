// What later commands need to know of a container: small, flat, written at create as state.json.
//
// config.json is not kept: the bundle may change or vanish while the container lives, and start,
// kill, delete and state should not pay for parsing it again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "oci-spec/runtime/spec.h"

namespace nacre::state {

struct Record {
  std::string id;
  std::string oci_version;
  // 0: the runtime has not started init yet; what is named below may exist nevertheless.
  int pid = 0;
  std::uint64_t start_time = 0;  // clock ticks after boot, field 22 of /proc/<pid>/stat
  bool creating = false;         // create has not finished: hooks may still run
  std::string bundle;            // absolute
  std::string rootfs;            // absolute
  std::string created;           // RFC 3339 with nanoseconds, UTC
  oci::Annotations annotations;
  std::string cgroup_path;     // below the root of the hierarchy; empty: none
  std::string cgroup_manager;  // "cgroupfs" "systemd" "disabled"
  bool private_pid_namespace = false;
  bool private_user_namespace = false;
  bool rootless = false;
  oci::Hooks hooks;           // those that run after create: poststart and poststop
  std::string notify_socket;  // the caller's $NOTIFY_SOCKET at create; empty: none
  bool has_seccomp = false;
  std::string personality;  // linux.personality.domain; processes of exec get it too
  std::string seccomp_listener_path;
  std::string seccomp_listener_metadata;
  // What init does after start, one text for each operation, and the number of the first: `start`
  // has no plan to look up what failed.
  std::vector<std::string> start_steps;
  std::uint32_t first_start_step = 0;
};

// Compact JSON, one line.
std::string encode(const Record& record);
// Unknown fields are ignored; a mandatory field that is missing, a wrong type or a number out of
// range is an error naming the field. A bundle path that is not UTF-8 is read back with U+FFFD.
Result<Record> decode(std::string_view json);

}  // namespace nacre::state
