// Debian's docker-registry as a child, on a port of the kernel's choice.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <thread>

namespace nacre::images::registry::test {

struct RegistryOptions {
  std::string folder;       // an existing directory of the test's own
  std::string htpasswd;     // "": nobody is asked
  std::string certificate;  // PEM files; "": plain HTTP
  std::string key;
};

class DockerRegistry {
 public:
  // Waits until it says where it listens. Throws when it does not.
  explicit DockerRegistry(const RegistryOptions& options);
  DockerRegistry(const DockerRegistry&) = delete;
  DockerRegistry& operator=(const DockerRegistry&) = delete;
  ~DockerRegistry();

  [[nodiscard]] static bool is_installed();
  [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  void wait_for_port();

  pid_t child_ = -1;
  int output_ = -1;
  std::thread drain_;
  std::uint16_t port_ = 0;
};

}  // namespace nacre::images::registry::test
