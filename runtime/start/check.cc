// Run by CMake, linked with libc_start.cc: does this C library's inside look as that file thinks?
// Uses what the start-up prepares: thread-local storage, constructors, guards, string functions of
// all sizes, exceptions, allocation, standard output.
#include <time.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#if !defined(__x86_64__) || __GLIBC__ != 2 || __GLIBC_MINOR__ != 36
#error "libc_start.cc follows glibc 2.36 on x86-64"
#endif

namespace {

const std::string kConstructed(100, 'c');
thread_local int thread_local_value = 7;

int thrown() {
  try {
    throw std::runtime_error("expected");
  } catch (const std::exception& error) {
    return std::strcmp(error.what(), "expected");
  }
}

// Below, at and above every threshold that libc_start.cc sets.
bool copies_well() {
  for (std::size_t size = 1; size <= std::size_t{8} << 20U; size = size * 3 / 2 + 1) {
    std::vector<unsigned char> from(size + 1);
    for (std::size_t i = 0; i < from.size(); ++i)
      from[i] = static_cast<unsigned char>(i * 131 + i / 256);
    std::vector<unsigned char> to(size + 1, 0);
    std::memcpy(to.data() + 1, from.data(), size);
    if (std::memcmp(to.data() + 1, from.data(), size) != 0) return false;
    std::memmove(to.data(), to.data() + 1, size);
    if (std::memcmp(to.data(), from.data(), size) != 0) return false;
    std::memset(to.data(), 0x5a, size);
    for (std::size_t i = 0; i < size; ++i) {
      if (to[i] != 0x5a) return false;
    }
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 1 || argv[argc] != nullptr || std::getenv("PATH") == nullptr) return 3;
  if (kConstructed.size() != 100 || thread_local_value != 7) return 4;
  errno = 0;
  if (std::strtol("99999999999999999999", nullptr, 10) == 0 || errno != ERANGE) return 5;
  if (thrown() != 0) return 6;
  if (!copies_well()) return 7;
  timespec now = {};
  if (clock_gettime(CLOCK_REALTIME, &now) != 0 || now.tv_sec == 0) return 8;
  char text[32];
  if (std::snprintf(text, sizeof text, "%.2f %zu", 1.25, kConstructed.size()) != 8) return 9;
  if (std::atexit([] { static_cast<void>(std::fflush(stdout)); }) != 0) return 10;
  return std::puts(text) >= 0 ? 0 : 11;
}
