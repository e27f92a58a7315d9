// The one place that enters the kernel.
//
// A raw call returns the kernel's value: -4095..-1 is an error number. The C library is not
// involved, so errno (thread storage) is never touched: the same wrappers serve the parent and the
// freestanding init image, which has no C library.
#pragma once

#include <asm/unistd.h>

#include <cstddef>
#include <expected>

#include "base/errno.h"
#include "base/unique_fd.h"

namespace nacre::sys {

// What a system call gave. Trivial for trivial T: no allocation, safe between clone and exec.
template <class T>
using Outcome = std::expected<T, Errno>;

inline long raw_syscall(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0,
                        long f = 0) noexcept {
#if defined(__x86_64__)
  long result = number;
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  asm volatile("syscall"
               : "+a"(result)
               : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  register long x4 asm("x4") = e;
  register long x5 asm("x5") = f;
  asm volatile("svc #0"
               : "+r"(x0)
               : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
               : "memory");
  return x0;
#else
#error "nacre knows the system call convention of x86-64 and aarch64 only"
#endif
}

namespace detail {

template <class T>
long to_word(T value) noexcept {
  if constexpr (std::is_pointer_v<T>) {
    return reinterpret_cast<long>(value);
  } else if constexpr (std::is_null_pointer_v<T>) {
    return 0;
  } else {
    return static_cast<long>(value);
  }
}

inline bool is_error(long value) noexcept { return value < 0 && value >= -4095; }

}  // namespace detail

// Result by wish: void (success or not), an integer, or a descriptor type that takes ownership of
// the number.
template <class T, class... Args>
[[nodiscard]] Outcome<T> call(long number, Args... args) noexcept {
  const long value = raw_syscall(number, detail::to_word(args)...);
  if (detail::is_error(value)) return std::unexpected(Errno{static_cast<int>(-value)});
  if constexpr (std::is_void_v<T>) {
    return {};
  } else if constexpr (std::is_base_of_v<UniqueFd, T>) {
    return T(static_cast<int>(value));
  } else {
    return static_cast<T>(value);
  }
}

}  // namespace nacre::sys
