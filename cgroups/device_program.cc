#include "cgroups/device_program.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/text.h"
#include "cgroups/device_rules.h"

namespace nacre::cgroups {
namespace {

using Entry = DeviceEntry;
constexpr std::int64_t kAny = Entry::kAny;
constexpr unsigned kMinorBits = 20;  // of the kernel's dev_t

// Registers. The context, bpf_cgroup_dev_ctx, is three 32-bit words: type and access, major, minor.
constexpr std::uint8_t kVerdict = BPF_REG_0;
constexpr std::uint8_t kContext = BPF_REG_1;
constexpr std::uint8_t kType = BPF_REG_2;
constexpr std::uint8_t kPending = BPF_REG_3;  // the asked accesses that no rule has granted yet
constexpr std::uint8_t kDevice = BPF_REG_4;   // both numbers as the kernel's dev_t
constexpr std::uint8_t kMajor = BPF_REG_5;
constexpr std::uint8_t kMinor = BPF_REG_6;

// Loading costs 0.1 to 1 us per instruction, most of it in the verifier, and every container loads
// one. So: one comparison per rule, and all rules of the same effect lead to one place. Comparisons
// jump when equal because the verifier first goes straight on: it then knows the general case
// before the special ones and need not follow those to the end (the other way round its work grows
// with the square of the number of rules).
class Assembler {
 public:
  void prologue() {
    add(BPF_LDX | BPF_MEM | BPF_W, kType, kContext, 0, 0);
    add(BPF_ALU | BPF_MOV | BPF_X, kPending, kType, 0, 0);
    add(BPF_ALU | BPF_AND | BPF_K, kType, 0, 0, 0xffff);
    add(BPF_ALU | BPF_RSH | BPF_K, kPending, 0, 0, 16);
    add(BPF_LDX | BPF_MEM | BPF_W, kMajor, kContext, 4, 0);
    add(BPF_LDX | BPF_MEM | BPF_W, kMinor, kContext, 8, 0);
    add(BPF_ALU | BPF_MOV | BPF_X, kDevice, kMajor, 0, 0);
    add(BPF_ALU | BPF_LSH | BPF_K, kDevice, 0, 0, kMinorBits);
    add(BPF_ALU | BPF_OR | BPF_X, kDevice, kMinor, 0, 0);
  }
  // 32-bit comparisons (5.1): 64-bit ones would sign-extend the number.
  std::size_t jump_if_equal(std::uint8_t reg, std::uint32_t value) {
    return add(BPF_JMP32 | BPF_JEQ | BPF_K, reg, 0, 0, value);
  }
  std::size_t jump() { return add(BPF_JMP | BPF_JA, 0, 0, 0, 0); }
  void grant(unsigned access) {
    add(BPF_ALU | BPF_AND | BPF_K, kPending, 0, 0, ~access);
    add(BPF_JMP32 | BPF_JNE | BPF_K, kPending, 0, 2, 0);
    finish(true);
  }
  void refuse(unsigned access) {
    add(BPF_JMP32 | BPF_JSET | BPF_K, kPending, 0, 1, access);
    add(BPF_JMP | BPF_JA, 0, 0, 2, 0);
    finish(false);
  }
  void finish(bool allow) {
    add(BPF_ALU | BPF_MOV | BPF_K, kVerdict, 0, 0, allow ? 1 : 0);
    add(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
  }
  // Lets the jump at `from` lead to the next instruction.
  void land(std::size_t from) {
    const std::size_t distance = program_.size() - from - 1;
    too_long_ = too_long_ || distance > std::numeric_limits<std::int16_t>::max();
    program_[from].off = static_cast<std::int16_t>(distance);
  }
  [[nodiscard]] bool too_long() const { return too_long_; }
  std::vector<bpf_insn> take() { return std::move(program_); }

 private:
  std::size_t add(unsigned code, std::uint8_t dst, std::uint8_t src, std::int16_t offset,
                  std::uint32_t value) {
    bpf_insn one{};
    one.code = static_cast<std::uint8_t>(code);
    one.dst_reg = dst & 0xfU;
    one.src_reg = src & 0xfU;
    one.off = offset;
    one.imm = static_cast<std::int32_t>(value);
    program_.push_back(one);
    return program_.size() - 1;
  }

  std::vector<bpf_insn> program_;
  bool too_long_ = false;
};

std::size_t emit_comparison(Assembler& out, const Entry& entry) {
  const auto major_number = static_cast<std::uint32_t>(entry.major_number);
  const auto minor_number = static_cast<std::uint32_t>(entry.minor_number);
  if (entry.minor_number == kAny) return out.jump_if_equal(kMajor, major_number);
  if (entry.major_number == kAny) return out.jump_if_equal(kMinor, minor_number);
  return out.jump_if_equal(kDevice, major_number << kMinorBits | minor_number);
}

// Entries of the same effect, of which one has to match.
void emit_group(Assembler& out, std::span<const Entry> group) {
  std::vector<std::size_t> matches;
  std::optional<std::size_t> no_match;
  if (!group.front().matches_all_devices()) {
    for (const Entry& entry : group) matches.push_back(emit_comparison(out, entry));
    no_match = out.jump();
  }
  for (const std::size_t match : matches) out.land(match);
  if (group.front().allow) {
    out.grant(group.front().access);
  } else {
    out.refuse(group.front().access);
  }
  if (no_match) out.land(*no_match);
}

void emit_section(Assembler& out, DeviceSection section) {
  if (section.allows_all) return out.finish(true);
  const auto end = section.entries.end();
  for (auto first = section.entries.begin(); first != end;) {
    const auto last =
        std::find_if(first, end, [&](const Entry& one) { return one.allow != first->allow; });
    std::sort(first, last);  // by access, then the one for all devices
    while (first != last) {
      const auto next = std::find_if(first, last, [&](const Entry& one) {
        return one.access != first->access || first->matches_all_devices();
      });
      const auto group_end = next == first ? first + 1 : next;
      emit_group(out, {first, group_end});
      first = group_end;
    }
  }
  out.finish(false);
}

}  // namespace

Result<DeviceProgram> compile_device_program(std::span<const oci::DeviceRule> rules) {
  DeviceSections sections = NACRE_TRY(simplify_device_rules(rules));
  if (sections.of_char.allows_all && sections.of_block.allows_all) return DeviceProgram{};

  Assembler out;
  out.prologue();
  const std::size_t is_block = out.jump_if_equal(kType, BPF_DEVCG_DEV_BLOCK);
  emit_section(out, std::move(sections.of_char));
  out.land(is_block);
  emit_section(out, std::move(sections.of_block));
  if (out.too_long()) {
    return fail(invalid_argument(
        text::join("linux.resources.devices: ", rules.size(), " rules are too many")));
  }
  return DeviceProgram{out.take()};
}

}  // namespace nacre::cgroups
