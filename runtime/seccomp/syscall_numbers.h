// Names of system calls and their numbers.
//
// The common architectures are answered from a table (syscall_table.inc), everything else by
// libseccomp: its look-up takes 40 to 140 ns per name and architecture, which for Docker's profile
// was most of the time of a compilation. The table also knows the calls that are younger than the
// linked libseccomp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/seccomp/arch.h"

namespace nacre::seccomp {

struct SyscallRow;  // of the table

// A name, looked up once for all architectures. Borrows the text.
struct SyscallName {
  const std::string* text = nullptr;
  const SyscallRow* row = nullptr;  // null: not in the table
};

// A call that travels inside another: socket(2) as socketcall(2) with 1 as first argument.
struct Carrier {
  std::uint32_t number = 0;
  std::uint32_t call = 0;
};

// Both, on an architecture that first had only the carrier; neither, where the call does not exist.
struct SyscallNumbers {
  std::optional<std::uint32_t> direct;
  std::optional<Carrier> carried;
};

SyscallName look_up(const std::string& text);
SyscallNumbers numbers_on(const Arch& arch, const SyscallName& name);

}  // namespace nacre::seccomp
