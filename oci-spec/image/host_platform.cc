#include "oci-spec/image/platform.h"

namespace nacre::oci {
namespace {

#if defined(__x86_64__)
constexpr std::string_view kArchitecture = "amd64";
#elif defined(__i386__)
constexpr std::string_view kArchitecture = "386";
#elif defined(__aarch64__)
constexpr std::string_view kArchitecture = "arm64";
#elif defined(__arm__)
constexpr std::string_view kArchitecture = "arm";
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
constexpr std::string_view kArchitecture = "ppc64le";
#elif defined(__s390x__)
constexpr std::string_view kArchitecture = "s390x";
#elif defined(__riscv) && __riscv_xlen == 64
constexpr std::string_view kArchitecture = "riscv64";
#elif defined(__loongarch64)
constexpr std::string_view kArchitecture = "loong64";
#elif defined(__mips64) && defined(__MIPSEL__)
constexpr std::string_view kArchitecture = "mips64le";
#else
#error "this architecture has no name in the image-spec yet"
#endif

std::string_view processor_level() {
#if defined(__x86_64__)
  // Looks at what the system has switched on (xgetbv) as well as at what the processor can.
  if (__builtin_cpu_supports("x86-64-v4")) return "v4";
  if (__builtin_cpu_supports("x86-64-v3")) return "v3";
  if (__builtin_cpu_supports("x86-64-v2")) return "v2";
  return "";
#elif defined(__arm__) && __ARM_ARCH == 5
  return "v5";
#elif defined(__arm__) && __ARM_ARCH == 6
  return "v6";
#else
  return "";
#endif
}

}  // namespace

Platform host_platform() {
  return normalized({.architecture = std::string(kArchitecture),
                     .os = "linux",
                     .variant = std::string(processor_level())});
}

}  // namespace nacre::oci
