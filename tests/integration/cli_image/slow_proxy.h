// Stands between the program and a registry, counts what comes back, and can hold it up.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <thread>

#include "base/unique_fd.h"

namespace nacre::cli::test {

class SlowProxy {
 public:
  // To a port on loopback.
  explicit SlowProxy(std::uint16_t to);
  SlowProxy(const SlowProxy&) = delete;
  SlowProxy& operator=(const SlowProxy&) = delete;
  ~SlowProxy();

  [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
  // After so many bytes more nothing comes back until release().
  void hold_after(std::uint64_t bytes);
  // Returns when that has happened; false: a minute has passed.
  [[nodiscard]] bool wait_until_held();
  void release();
  [[nodiscard]] std::uint64_t passed();

 private:
  void accept_all();
  void serve(int client);
  [[nodiscard]] bool pass(int to, const char* bytes, std::size_t size);

  std::uint16_t to_, port_ = 0;
  UniqueFd listener_;
  std::mutex lock_;
  std::condition_variable changed_;
  std::uint64_t passed_ = 0, limit_ = ~std::uint64_t{0};
  bool held_ = false, ending_ = false;
  std::list<int> open_;
  std::list<std::thread> workers_;
  std::thread acceptor_;
};

}  // namespace nacre::cli::test
