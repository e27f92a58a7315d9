#include "tests/bench/bundle.h"

#include <fstream>
#include <stdexcept>

namespace nacre::bench {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr const char* kPlain = R"({
  "ociVersion": "1.0.2",
  "process": {
    "user": {"uid": 0, "gid": 0}, "env": ["PATH=/bin"], "cwd": "/", "noNewPrivileges": true,
    "capabilities": {
      "bounding": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
      "effective": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
      "permitted": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]
    }
  },
  "hostname": "bench",
  "mounts": [
    {"destination": "/proc", "type": "proc", "source": "proc"},
    {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
     "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
    {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
     "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]},
    {"destination": "/dev/shm", "type": "tmpfs", "source": "shm",
     "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]},
    {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue",
     "options": ["nosuid", "noexec", "nodev"]},
    {"destination": "/sys", "type": "sysfs", "source": "sysfs",
     "options": ["nosuid", "noexec", "nodev", "ro"]},
    {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
     "options": ["nosuid", "noexec", "nodev", "relatime", "ro"]}
  ],
  "linux": {
    "resources": {"devices": [{"allow": false, "access": "rwm"}]},
    "namespaces": [{"type": "pid"}, {"type": "network"}, {"type": "ipc"}, {"type": "uts"},
                   {"type": "mount"}, {"type": "cgroup"}]
  }
})";

json read_json(const fs::path& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return json::parse(file);
}

void write_text(const fs::path& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

// Files that Docker binds over the image's own come from the bundle's `etc`.
void give_own_files(json& spec, const fs::path& bundle) {
  for (json& mount : spec["mounts"]) {
    if (mount["type"] != "bind") continue;
    const fs::path source =
        bundle / "etc" / fs::path(mount["destination"].get<std::string>()).filename();
    fs::create_directories(source.parent_path());
    write_text(source, "127.0.0.1 localhost\n");
    mount["source"] = source.string();
  }
}

}  // namespace

json plain_spec() { return json::parse(kPlain); }

json docker_spec(const fs::path& recorded) {
  json spec = read_json(recorded);
  spec.erase("hooks");
  json& process = spec["process"];
  process.erase("apparmorProfile");
  process.erase("consoleSize");
  process["terminal"] = false;
  json devices = spec["linux"]["resources"]["devices"];
  spec["linux"]["resources"] = {{"devices", std::move(devices)}};
  return spec;
}

fs::path write_bundle(const Place& place, const std::string& name, json spec,
                      const std::vector<std::string>& args) {
  const fs::path bundle = place.work / name;
  fs::create_directories(bundle);
  spec["root"]["path"] = place.rootfs.string();
  spec["process"]["args"] = args;
  if (!place.device_rules) spec["linux"]["resources"].erase("devices");
  spec["linux"]["cgroupsPath"] = "/bench/" + name;
  give_own_files(spec, bundle);
  write_text(bundle / "config.json", spec.dump());
  return bundle;
}

}  // namespace nacre::bench
