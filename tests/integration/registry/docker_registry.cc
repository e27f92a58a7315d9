#include "tests/integration/registry/docker_registry.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

namespace nacre::images::registry::test {
namespace {

constexpr const char* kProgram = "/usr/bin/docker-registry";

std::string config_of(const RegistryOptions& options) {
  std::string out =
      "version: 0.1\nlog:\n  level: info\nstorage:\n  filesystem:\n    rootdirectory: " +
      options.folder + "/data\n  delete:\n    enabled: true\nhttp:\n  addr: 127.0.0.1:0\n";
  if (!options.certificate.empty())
    out += "  tls:\n    certificate: " + options.certificate + "\n    key: " + options.key + "\n";
  if (!options.htpasswd.empty())
    out += "auth:\n  htpasswd:\n    realm: test\n    path: " + options.htpasswd + "\n";
  return out;
}

}  // namespace

bool DockerRegistry::is_installed() { return ::access(kProgram, X_OK) == 0; }

DockerRegistry::DockerRegistry(const RegistryOptions& options) {
  const std::string config = options.folder + "/config.yml";
  std::ofstream(config) << config_of(options);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  output_ = ends[0];
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
  std::string words[] = {"docker-registry", "serve", config};
  char* argv[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
  const int failed = ::posix_spawn(&child_, kProgram, &actions, nullptr, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (failed != 0) throw std::runtime_error("cannot start docker-registry");
  wait_for_port();
}

void DockerRegistry::wait_for_port() {
  constexpr const char* kWords = "listening on 127.0.0.1:";
  std::string log;
  char chunk[4096];
  for (;;) {
    const ssize_t got = ::read(output_, chunk, sizeof chunk);
    if (got <= 0) throw std::runtime_error("docker-registry ended: " + log);
    log.append(chunk, static_cast<std::size_t>(got));
    const std::size_t at = log.find(kWords);
    if (at == std::string::npos ||
        log.find_first_not_of("0123456789", at + 23) == std::string::npos)
      continue;
    port_ = static_cast<std::uint16_t>(std::stoul(log.substr(at + 23)));
    break;
  }
  // What it writes from here on is nobody's business, but a full pipe would stop it.
  drain_ = std::thread([this] {
    char more[4096];
    while (::read(output_, more, sizeof more) > 0) {
    }
  });
}

DockerRegistry::~DockerRegistry() {
  if (child_ > 0) {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  if (drain_.joinable()) drain_.join();
  if (output_ >= 0) ::close(output_);
}

}  // namespace nacre::images::registry::test
