// What a container is doing, as hooks, seccomp agents, `state` and `list` are told.
//
// Plain values and their JSON. No newline stands at the end of any text.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "oci-spec/runtime/spec.h"

namespace nacre::oci {

// runtime.md, "State"; paused is what every runtime adds to it.
enum class Status : std::uint8_t { kCreating, kCreated, kRunning, kPaused, kStopped };

struct State {
  std::string oci_version;
  std::string id;
  Status status = Status::kCreating;
  std::int32_t pid = 0;  // of init, in the runtime's pid namespace; 0: none (any more)
  std::string bundle;    // absolute
  Annotations annotations;
  bool operator==(const State&) const = default;
};

// The object that `state` prints and `list` collects: State and what callers of runc expect.
struct ContainerState {
  State state;
  std::string rootfs;   // absolute
  std::string created;  // RFC 3339 with nanoseconds, UTC
  std::string owner;
};

// runtime-linux.md, "Container process state": sent with the file descriptors to a seccomp agent.
struct ProcessState {
  std::string oci_version;
  std::vector<std::string> fds;  // names, in the order of the descriptors
  std::int32_t pid = 0;          // as the runtime sees it
  std::string metadata;
  State state;
};

// Compact. `pid` is left out when 0, annotations when empty.
[[nodiscard]] std::string to_json(const State& state);
[[nodiscard]] std::string to_json(const ProcessState& state);

// Indented by two blanks; keys in runc's order.
[[nodiscard]] std::string to_json(const ContainerState& state);
// An array on one line; `null` when there is nothing, as Go prints an empty slice.
[[nodiscard]] std::string to_json(std::span<const ContainerState> list);

}  // namespace nacre::oci
