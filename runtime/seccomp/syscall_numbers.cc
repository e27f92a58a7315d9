#include "runtime/seccomp/syscall_numbers.h"

#include <linux/audit.h>
#include <seccomp.h>

#include <array>
#include <string_view>

namespace nacre::seccomp {
namespace {

constexpr std::int16_t kNone = -1;
constexpr std::size_t kColumns = 5;
// Since Linux 5.1 a new call gets the same number everywhere, from 424 on.
constexpr std::int16_t kFirstUniform = 424;
// The same on every architecture that has them (counted from Arch::first_number).
constexpr std::uint32_t kSocketcallNumber = 102;
constexpr std::uint32_t kIpcNumber = 117;

enum CarrierKind : std::uint8_t { kNotCarried, kSocketcall, kIpc };

}  // namespace

struct SyscallRow {
  std::string_view name;
  std::array<std::int16_t, kColumns> numbers;
  CarrierKind carrier = kNotCarried;
  std::uint8_t call = 0;
};

namespace {

constexpr SyscallRow kRows[] = {
#include "runtime/seccomp/syscall_table.inc"
};

// Direct numbers of socketcall(2)'s calls 1 to 20 on the other architectures that multiplex (their
// syscall*.tbl).
struct SocketNumbers {
  std::int16_t s390, powerpc, mips;
};
constexpr SocketNumbers kSocketNumbers[] = {
    {359, 326, 183}, {361, 327, 169}, {362, 328, 170}, {363, 329, 174},   {kNone, 330, 168},
    {367, 331, 172}, {368, 332, 171}, {360, 333, 184}, {kNone, 334, 178}, {kNone, 336, 175},
    {369, 335, 180}, {371, 337, 176}, {373, 338, 182}, {366, 339, 181},   {365, 340, 173},
    {370, 341, 179}, {372, 342, 177}, {364, 344, 334}, {357, 343, 335},   {358, 349, 343},
};
constexpr std::int16_t kSemtimedop64 = 392;  // has a direct number only where time_t was 64 bits

constexpr std::size_t kSlots = 1024;

constexpr std::size_t slot_of(std::string_view name) {
  std::uint32_t hash = 2166136261U;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return (hash ^ (hash >> 15)) % kSlots;
}

// Open addressing; 0 is an empty slot, else the index of the row plus one.
consteval std::array<std::uint16_t, kSlots> make_index() {
  static_assert(std::size(kRows) < kSlots / 2 + 64);
  std::array<std::uint16_t, kSlots> index{};
  for (std::size_t row = 0; row < std::size(kRows); ++row) {
    std::size_t slot = slot_of(kRows[row].name);
    while (index[slot] != 0) slot = (slot + 1) % kSlots;
    index[slot] = static_cast<std::uint16_t>(row + 1);
  }
  return index;
}
constexpr std::array<std::uint16_t, kSlots> kIndex = make_index();

std::int16_t direct_number_elsewhere(const Arch& arch, const SyscallRow& row) {
  constexpr std::size_t kX86 = 1;
  if (row.carrier == kIpc) {
    const bool is_semtimedop = row.name == "semtimedop";
    return is_semtimedop && arch.is_64bit ? kSemtimedop64 : row.numbers[kX86];
  }
  const SocketNumbers& numbers = kSocketNumbers[row.call - 1];
  switch (arch.audit_arch) {
    case AUDIT_ARCH_S390:
    case AUDIT_ARCH_S390X:
      return numbers.s390;
    case AUDIT_ARCH_MIPS:
    case AUDIT_ARCH_MIPSEL:
      return numbers.mips;
    default:
      return numbers.powerpc;
  }
}

std::optional<std::uint32_t> ask_libseccomp(const Arch& arch, const SyscallName& name) {
  const int number = seccomp_syscall_resolve_name_arch(arch.token, name.text->c_str());
  if (number >= 0) return static_cast<std::uint32_t>(number);
  if (number == __NR_SCMP_ERROR && name.row != nullptr && name.row->numbers[0] >= kFirstUniform) {
    return arch.first_number + static_cast<std::uint32_t>(name.row->numbers[0]);
  }
  return std::nullopt;  // a pseudo number: known, but not on this architecture
}

std::optional<std::uint32_t> from_table(const Arch& arch, std::int16_t number) {
  if (number == kNone) return std::nullopt;
  return arch.first_number + static_cast<std::uint32_t>(number);
}

}  // namespace

SyscallName look_up(const std::string& text) {
  for (std::size_t slot = slot_of(text); kIndex[slot] != 0; slot = (slot + 1) % kSlots) {
    const SyscallRow& row = kRows[kIndex[slot] - 1U];
    if (row.name == text) return {&text, &row};
  }
  return {&text, nullptr};
}

SyscallNumbers numbers_on(const Arch& arch, const SyscallName& name) {
  SyscallNumbers numbers;
  const bool carried = arch.multiplexes && name.row != nullptr && name.row->carrier != kNotCarried;
  if (carried) {
    const bool socketcall = name.row->carrier == kSocketcall;
    numbers.carried =
        Carrier{arch.first_number + (socketcall ? kSocketcallNumber : kIpcNumber), name.row->call};
  }
  if (arch.column != kNoColumn && name.row != nullptr) {
    numbers.direct = from_table(arch, name.row->numbers[static_cast<std::size_t>(arch.column)]);
  } else if (carried) {
    numbers.direct = from_table(arch, direct_number_elsewhere(arch, *name.row));
  } else {
    numbers.direct = ask_libseccomp(arch, name);
  }
  return numbers;
}

}  // namespace nacre::seccomp
