#include "tests/support/bundle.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

namespace nacre::test {
namespace {

namespace fs = std::filesystem;

// What Docker leaves a container, less what only matters to a real system.
const std::vector<std::string> kBaseCapabilities = {
    "CAP_CHOWN",  "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID",  "CAP_KILL",
    "CAP_SETGID", "CAP_SETUID",       "CAP_MKNOD",  "CAP_SETPCAP", "CAP_NET_BIND_SERVICE"};

const std::vector<std::string> kAllCapabilities = {
    "CAP_CHOWN",           "CAP_DAC_OVERRIDE",     "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",          "CAP_FSETID",           "CAP_KILL",
    "CAP_SETGID",          "CAP_SETUID",           "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",       "CAP_NET_RAW",          "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",       "CAP_SYS_MODULE",       "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",      "CAP_SYS_PTRACE",       "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",       "CAP_SYS_BOOT",         "CAP_SYS_NICE",
    "CAP_SYS_TIME",        "CAP_SYS_TTY_CONFIG",   "CAP_MKNOD",
    "CAP_LEASE",           "CAP_AUDIT_WRITE",      "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",         "CAP_MAC_OVERRIDE",     "CAP_MAC_ADMIN",
    "CAP_SYSLOG",          "CAP_WAKE_ALARM",       "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ"};

constexpr const char* kBaseConfig = R"({
  "ociVersion": "1.0.2",
  "process": {
    "terminal": false,
    "user": {"uid": 0, "gid": 0},
    "args": ["/probe", "id"],
    "env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    "cwd": "/",
    "noNewPrivileges": false
  },
  "root": {"path": "rootfs", "readonly": false},
  "hostname": "nacre-test",
  "mounts": [
    {"destination": "/proc", "type": "proc", "source": "proc"},
    {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
     "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
    {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
     "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]},
    {"destination": "/dev/shm", "type": "tmpfs", "source": "shm",
     "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]},
    {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue",
     "options": ["nosuid", "noexec", "nodev"]},
    {"destination": "/sys", "type": "sysfs", "source": "sysfs",
     "options": ["nosuid", "noexec", "nodev", "ro"]}
  ],
  "linux": {
    "namespaces": [{"type": "pid"}, {"type": "network"}, {"type": "ipc"}, {"type": "uts"},
                   {"type": "mount"}, {"type": "cgroup"}]
  }
})";

json* find_entry(json& list, std::string_view key, std::string_view value) {
  for (auto& entry : list) {
    if (entry.value(std::string(key), "") == value) return &entry;
  }
  return nullptr;
}

void erase_entry(json& list, std::string_view key, std::string_view value) {
  json kept = json::array();
  for (auto& entry : list) {
    if (entry.value(std::string(key), "") != value) kept.push_back(entry);
  }
  list = kept;
}

}  // namespace

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_text(const fs::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  ASSERT_TRUE(file.flush().good()) << "cannot write " << path;
}

json capability_sets(const std::vector<std::string>& names) {
  return {{"bounding", names}, {"effective", names}, {"permitted", names}};
}

Bundle::Bundle(fs::path dir) : dir_(std::move(dir)), config_(json::parse(kBaseConfig)) {
  for (const char* name : {"proc", "dev", "sys", "etc", "bin", "run", "root", "data"}) {
    fs::create_directories(rootfs() / name);
  }
  fs::create_directories(rootfs() / "tmp");
  ::chmod((rootfs() / "tmp").c_str(), 01777);
  fs::copy_file(NACRE_PROBE, rootfs() / "probe");
  write_text(rootfs() / "etc/passwd",
             "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home/user:/bin/sh\n");
  write_text(rootfs() / "etc/group", "root:x:0:\nuser:x:1000:\n");
  capabilities(kBaseCapabilities);
}

Bundle& Bundle::args(std::vector<std::string> args) {
  process()["args"] = std::move(args);
  return *this;
}

Bundle& Bundle::probe(std::vector<std::string> verbs) {
  verbs.insert(verbs.begin(), "/probe");
  return args(std::move(verbs));
}

Bundle& Bundle::env(std::vector<std::string> env) {
  process()["env"] = std::move(env);
  return *this;
}

Bundle& Bundle::user(std::uint32_t uid, std::uint32_t gid) {
  process()["user"] = {{"uid", uid}, {"gid", gid}};
  return *this;
}

Bundle& Bundle::capabilities(const std::vector<std::string>& names) {
  process()["capabilities"] = capability_sets(names);
  return *this;
}

Bundle& Bundle::all_capabilities() { return capabilities(kAllCapabilities); }

Bundle& Bundle::mount(json entry) {
  config_["mounts"].push_back(std::move(entry));
  return *this;
}

Bundle& Bundle::bind(const fs::path& source, std::string_view destination,
                     std::vector<std::string> options) {
  options.insert(options.begin(), "rbind");
  return mount({{"destination", destination},
                {"type", "bind"},
                {"source", source.string()},
                {"options", options}});
}

Bundle& Bundle::without_mount(std::string_view destination) {
  erase_entry(config_["mounts"], "destination", destination);
  return *this;
}

Bundle& Bundle::mount_options(std::string_view destination, std::vector<std::string> options) {
  if (json* entry = find_entry(config_["mounts"], "destination", destination)) {
    (*entry)["options"] = std::move(options);
  } else {
    ADD_FAILURE() << "no mount at " << destination;
  }
  return *this;
}

Bundle& Bundle::with_namespace(std::string_view type, std::string_view path) {
  without_namespace(type);
  json entry = {{"type", type}};
  if (!path.empty()) entry["path"] = path;
  linux_section()["namespaces"].push_back(entry);
  return *this;
}

Bundle& Bundle::without_namespace(std::string_view type) {
  erase_entry(linux_section()["namespaces"], "type", type);
  return *this;
}

Bundle& Bundle::hook(std::string_view kind, std::vector<std::string> args,
                     std::vector<std::string> env, int timeout) {
  json entry = {{"path", args.at(0)}, {"args", args}};
  if (!env.empty()) entry["env"] = env;
  if (timeout != 0) entry["timeout"] = timeout;
  config_["hooks"][std::string(kind)].push_back(entry);
  return *this;
}

Bundle& Bundle::terminal(int rows, int columns) {
  process()["terminal"] = true;
  if (rows > 0) process()["consoleSize"] = {{"height", rows}, {"width", columns}};
  return *this;
}

Bundle& Bundle::with_busybox() {
  fs::copy_file("/bin/busybox", rootfs() / "bin/busybox", fs::copy_options::skip_existing);
  if (!fs::exists(fs::symlink_status(rootfs() / "bin/sh"))) {
    fs::create_symlink("busybox", rootfs() / "bin/sh");
  }
  return *this;
}

void Bundle::save() const {
  write_text(dir_ / "config.json", raw_.empty() ? config_.dump(1) : raw_);
}

}  // namespace nacre::test
