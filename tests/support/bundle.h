// An OCI bundle in a temporary directory: a small root filesystem with the probe in it, and a
// config.json built by edits over a base that every runtime accepts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace nacre::test {

using nlohmann::json;

// All capabilities of the process set to these names.
json capability_sets(const std::vector<std::string>& names);
// The namespaces of the base configuration, without the one named.
std::string read_text(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, std::string_view text);

class Bundle {
 public:
  // Makes `dir` with rootfs/ in it: /probe, /etc/passwd, /etc/group, the usual directories.
  explicit Bundle(std::filesystem::path dir);

  const std::filesystem::path& path() const { return dir_; }
  std::filesystem::path rootfs() const { return dir_ / "rootfs"; }

  // The document itself, for what has no word below. Base: user 0, no capabilities beyond the ones
  // of kBaseCapabilities, new pid, network, ipc, uts, mount and cgroup namespaces, the usual
  // mounts.
  json& config() { return config_; }
  json& process() { return config_["process"]; }
  json& linux_section() { return config_["linux"]; }

  Bundle& args(std::vector<std::string> args);
  // args = /probe VERB...
  Bundle& probe(std::vector<std::string> verbs);
  Bundle& env(std::vector<std::string> env);
  Bundle& user(std::uint32_t uid, std::uint32_t gid);
  Bundle& capabilities(const std::vector<std::string>& names);
  Bundle& all_capabilities();
  Bundle& mount(json entry);
  // A bind mount; "rbind" stands first in the options, as every caller writes it.
  Bundle& bind(const std::filesystem::path& source, std::string_view destination,
               std::vector<std::string> options = {});
  Bundle& without_mount(std::string_view destination);
  Bundle& mount_options(std::string_view destination, std::vector<std::string> options);
  // New namespace of the type, or joined when `path` is given; replaces an entry of that type.
  Bundle& with_namespace(std::string_view type, std::string_view path = {});
  Bundle& without_namespace(std::string_view type);
  Bundle& hook(std::string_view kind, std::vector<std::string> args,
               std::vector<std::string> env = {}, int timeout = 0);
  Bundle& terminal(int rows = 0, int columns = 0);
  // busybox as /bin/busybox and /bin/sh.
  Bundle& with_busybox();

  // Writes config.json; called by the fixture before each create, run or restore.
  void save() const;
  // Writes this text instead, also on later saves.
  void raw_config(std::string text) { raw_ = std::move(text); }

 private:
  std::filesystem::path dir_;
  json config_;
  std::string raw_;
};

}  // namespace nacre::test
