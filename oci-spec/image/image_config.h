// image-spec 1.1, config.md: what an image says about itself and about running it.
//
// Text is as the image's maker wrote it: nothing in it has been checked, except that strings have
// no NUL and are UTF-8. "Not given" is an empty value. Keys that are not here are not kept: an
// image made from another one has its own configuration.
#pragma once

#include <set>

#include "oci-spec/image/descriptor.h"

namespace nacre::oci {

// Not in the OCI's table but in Docker's. Durations in nanoseconds; 0: the engine's own default.
struct Healthcheck {
  std::vector<std::string> test;  // {} inherit, {"NONE"}, {"CMD", ...}, {"CMD-SHELL", line}
  std::int64_t interval = 0;
  std::int64_t timeout = 0;
  std::int64_t start_period = 0;
  std::int64_t start_interval = 0;
  std::int64_t retries = 0;
  friend bool operator==(const Healthcheck&, const Healthcheck&) = default;
};

struct RunConfig {
  std::string user;                     // "", "uid", "name", "uid:gid", "name:group"
  std::set<std::string> exposed_ports;  // "80/tcp", "80"
  std::vector<std::string> env;         // "KEY=VALUE"
  std::vector<std::string> entrypoint;
  std::vector<std::string> cmd;
  std::set<std::string> volumes;  // paths
  std::string working_dir;
  std::map<std::string, std::string> labels;
  std::string stop_signal;  // "SIGTERM", "15"
  bool args_escaped = false;
  std::optional<Healthcheck> healthcheck;
  std::vector<std::string> on_build;
  std::vector<std::string> shell;
  friend bool operator==(const RunConfig&, const RunConfig&) = default;
};

struct RootFs {
  std::string type = "layers";   // there is no other
  std::vector<Digest> diff_ids;  // of the uncompressed layers, the lowest first
  friend bool operator==(const RootFs&, const RootFs&) = default;
};

struct HistoryEntry {
  std::string created;  // RFC 3339: timestamp.h
  std::string created_by;
  std::string author;
  std::string comment;
  bool empty_layer = false;
  friend bool operator==(const HistoryEntry&, const HistoryEntry&) = default;
};

struct ImageConfig {
  std::string created;  // RFC 3339: timestamp.h
  std::string author;
  // Empty words where an image does not say: the spec demands them, builders have left them out.
  Platform platform;
  RunConfig config;
  RootFs rootfs;
  // Often shorter or longer than what it tells of: never used to find a layer.
  std::vector<HistoryEntry> history;

  friend bool operator==(const ImageConfig&, const ImageConfig&) = default;
};

// As far as memory goes, not the spec: what is larger is refused unread.
inline constexpr std::size_t kMostConfigBytes = std::size_t{8} << 20U;

// Messages begin with "image configuration: ".
[[nodiscard]] Result<ImageConfig> parse_image_config(std::string_view bytes);

// Compact, keys in the order of the spec: the same configuration gives the same bytes.
[[nodiscard]] std::string to_json(const ImageConfig& config);

}  // namespace nacre::oci
