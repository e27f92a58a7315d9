// Sole ownership of a file descriptor. Moves, never copies, never becomes an int by itself, closes
// once.
//
// close is never retried: on Linux the number is free again even when close reports EINTR, and a
// retry could close somebody else's file. Allocation free; safe between clone and exec.
#pragma once

#include <utility>

extern "C" int close(int);

namespace nacre {

class UniqueFd {
 public:
  constexpr UniqueFd() noexcept = default;
  constexpr explicit UniqueFd(int fd) noexcept : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  void reset(int fd = -1) noexcept {
    const int old = std::exchange(fd_, fd);
    if (old >= 0) static_cast<void>(::close(old));
  }

 private:
  int fd_ = -1;
};

// A borrowed descriptor, for parameters: implicit from an owner, explicit from a number.
class FdRef {
 public:
  FdRef(const UniqueFd& owner) noexcept
      : value_(owner.get()) {}  // NOLINT(google-explicit-constructor)
  constexpr explicit FdRef(int fd) noexcept : value_(fd) {}
  [[nodiscard]] constexpr int get() const noexcept { return value_; }

 private:
  int value_;
};

}  // namespace nacre
