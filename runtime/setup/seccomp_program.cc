#include "runtime/setup/seccomp_program.h"

#include <linux/audit.h>
#include <linux/seccomp.h>

#include <array>
#include <cstring>

#include "runtime/seccomp/compile.h"
#include "sys/credentials.h"
#include "sys/io.h"

namespace nacre::setup {
namespace {

constexpr const char* kFile = "seccomp.bpf";
constexpr std::size_t kMaxFile = 8 + 4096 * sizeof(sock_filter);

#if defined(__x86_64__)
constexpr std::uint32_t kNativeArch = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kNativeArch = AUDIT_ARCH_AARCH64;
#endif

struct Header {
  std::uint32_t flags;
  std::uint32_t needs_listener;
};

std::uint64_t supported_flags() {
  constexpr std::array kFlags = {
      SECCOMP_FILTER_FLAG_TSYNC, SECCOMP_FILTER_FLAG_LOG, SECCOMP_FILTER_FLAG_SPEC_ALLOW,
      SECCOMP_FILTER_FLAG_NEW_LISTENER,
      SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV};
  std::uint64_t supported = 0;
  for (const auto flag : kFlags) {
    if (sys::seccomp_knows_flag(static_cast<unsigned>(flag))) supported |= flag;
  }
  return supported;
}

}  // namespace

Result<plan::SeccompProgram> compile_seccomp(const std::optional<oci::Seccomp>& spec) {
  if (!spec || !seccomp::is_enabled(*spec)) return plan::SeccompProgram{};
  const seccomp::Program program = NACRE_TRY(seccomp::compile(
      *spec, {.native_audit_arch = kNativeArch, .supported_flags = supported_flags()}));
  return plan::SeccompProgram{
      .filter = std::string(reinterpret_cast<const char*>(program.filter.data()),
                            program.filter.size() * sizeof(sock_filter)),
      .flags = program.flags,
      .needs_listener = program.needs_listener};
}

Result<void> save_seccomp(FdRef state_directory, const plan::SeccompProgram& program) {
  const Header header{program.flags, program.needs_listener ? 1U : 0U};
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
  bytes += program.filter;
  NACRE_TRY_CTX(sys::replace_file(state_directory, kFile, bytes, 0600),
                "keep the seccomp filter in the state directory");
  return {};
}

Result<plan::SeccompProgram> load_seccomp(FdRef state_directory) {
  const std::string bytes = NACRE_TRY_CTX(sys::read_file(state_directory, kFile, kMaxFile),
                                          "read seccomp.bpf of the state directory");
  Header header{};
  const bool whole =
      bytes.size() > sizeof header && (bytes.size() - sizeof header) % sizeof(sock_filter) == 0;
  if (!whole) return fail(internal_error("seccomp.bpf of the state directory is damaged"));
  std::memcpy(&header, bytes.data(), sizeof header);
  return plan::SeccompProgram{.filter = bytes.substr(sizeof header),
                              .flags = header.flags,
                              .needs_listener = header.needs_listener != 0};
}

}  // namespace nacre::setup
