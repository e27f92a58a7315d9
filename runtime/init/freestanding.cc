// What the compiler and the C library's headers take for granted, for an image that has neither
// start-up code nor a C library: the entry point, the four memory functions, close.
#include <cstddef>

#include "sys/syscall.h"

extern "C" {

// Compiled with -fno-tree-loop-distribute-patterns (or -fno-builtin): the loops must not become
// calls of themselves.

void* memcpy(void* to, const void* from, std::size_t size) {
  auto* out = static_cast<unsigned char*>(to);
  const auto* in = static_cast<const unsigned char*>(from);
  while (size-- > 0) *out++ = *in++;
  return to;
}
void* memmove(void* to, const void* from, std::size_t size) {
  auto* out = static_cast<unsigned char*>(to);
  const auto* in = static_cast<const unsigned char*>(from);
  if (out < in) return memcpy(to, from, size);
  while (size-- > 0) out[size] = in[size];
  return to;
}
void* memset(void* to, int value, std::size_t size) {
  auto* out = static_cast<unsigned char*>(to);
  while (size-- > 0) *out++ = static_cast<unsigned char>(value);
  return to;
}
int memcmp(const void* a, const void* b, std::size_t size) {
  const auto* left = static_cast<const unsigned char*>(a);
  const auto* right = static_cast<const unsigned char*>(b);
  for (; size > 0; --size, ++left, ++right) {
    if (*left != *right) return *left - *right;
  }
  return 0;
}
std::size_t strlen(const char* text) {
  std::size_t length = 0;
  while (text[length] != '\0') ++length;
  return length;
}

int close(int fd) { return static_cast<int>(nacre::sys::raw_syscall(__NR_close, fd)); }

#if defined(__x86_64__)
asm(R"(
.globl _start
_start:
  xor %ebp, %ebp
  mov (%rsp), %rdi
  lea 8(%rsp), %rsi
  and $-16, %rsp
  call nacre_init_main
  hlt
)");
#elif defined(__aarch64__)
asm(R"(
.globl _start
_start:
  mov x29, xzr
  ldr x0, [sp]
  add x1, sp, #8
  bl nacre_init_main
  brk #1
)");
#endif

}  // extern "C"
