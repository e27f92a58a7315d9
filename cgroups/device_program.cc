#include "cgroups/device_program.h"

#include <array>
#include <cstdint>
#include <limits>

#include "base/text.h"

namespace nacre::cgroups {
namespace {

constexpr std::int64_t kAny = -1;
constexpr unsigned kAllAccess = BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE;

struct Entry {
  std::int64_t major_number;  // kAny: every one
  std::int64_t minor_number;
  unsigned access;  // BPF_DEVCG_ACC_*
  bool allow;

  bool matches_all_devices() const { return major_number == kAny && minor_number == kAny; }
};

// The rules for one type of device, the last one first: the order in which they are asked.
struct Section {
  std::vector<Entry> entries;
  bool allows_all = false;
};

Error bad_rule(std::size_t index, std::string_view what) {
  return invalid_argument(text::join("linux.resources.devices[", index, "]: ", what));
}

Result<unsigned> parse_access(std::size_t index, std::string_view letters) {
  if (letters.empty()) return kAllAccess;
  unsigned access = 0;
  for (const char letter : letters) {
    switch (letter) {
      case 'r':
        access |= BPF_DEVCG_ACC_READ;
        break;
      case 'w':
        access |= BPF_DEVCG_ACC_WRITE;
        break;
      case 'm':
        access |= BPF_DEVCG_ACC_MKNOD;
        break;
      default:
        return fail(bad_rule(index, text::join("access ", text::quote(letters),
                                               " has letters other than r, w and m")));
    }
  }
  return access;
}

Result<std::int64_t> parse_number(std::size_t index, std::optional<std::int64_t> number) {
  if (!number || *number == kAny) return kAny;
  if (*number < 0 || *number > std::numeric_limits<std::uint32_t>::max()) {
    return fail(bad_rule(index, text::join(*number, " is no device number")));
  }
  return *number;
}

Result<Entry> parse_rule(std::size_t index, const oci::DeviceRule& rule) {
  if (!rule.type.empty() && rule.type != "a" && rule.type != "b" && rule.type != "c") {
    return fail(bad_rule(index, text::join("type ", text::quote(rule.type), " is not a, b or c")));
  }
  return Entry{NACRE_TRY(parse_number(index, rule.major)),
               NACRE_TRY(parse_number(index, rule.minor)),
               NACRE_TRY(parse_access(index, rule.access)), rule.allow};
}

// Turns the order round and leaves out what can never decide anything.
Section simplify(const std::vector<Entry>& rules) {
  Section section;
  unsigned settled = 0;  // accesses for which a rule for all devices has been met
  bool denies = false;
  for (auto rule = rules.rbegin(); rule != rules.rend() && settled != kAllAccess; ++rule) {
    Entry entry = *rule;
    entry.access &= ~settled;
    if (entry.access == 0) continue;
    if (entry.matches_all_devices()) settled |= entry.access;
    section.entries.push_back(entry);
  }
  // What is left over at the end is denied anyway.
  while (!section.entries.empty() && !section.entries.back().allow) section.entries.pop_back();

  unsigned granted = 0;
  for (const Entry& entry : section.entries) {
    denies = denies || !entry.allow;
    if (entry.allow && entry.matches_all_devices()) granted |= entry.access;
  }
  section.allows_all = !denies && granted == kAllAccess;
  return section;
}

// Registers. The context, bpf_cgroup_dev_ctx, is three 32-bit words: type and access, major, minor.
constexpr std::uint8_t kVerdict = BPF_REG_0;
constexpr std::uint8_t kContext = BPF_REG_1;
constexpr std::uint8_t kType = BPF_REG_2;
constexpr std::uint8_t kPending = BPF_REG_3;  // the asked accesses that no rule has granted yet
constexpr std::uint8_t kMajor = BPF_REG_4;
constexpr std::uint8_t kMinor = BPF_REG_5;

class Assembler {
 public:
  void load(std::uint8_t to, std::int16_t offset) {
    add(BPF_LDX | BPF_MEM | BPF_W, to, kContext, offset, 0);
  }
  void move(std::uint8_t to, std::uint8_t from) { add(BPF_ALU | BPF_MOV | BPF_X, to, from, 0, 0); }
  void bit_and(std::uint8_t reg, unsigned mask) { add(BPF_ALU | BPF_AND | BPF_K, reg, 0, 0, mask); }
  void shift_right(std::uint8_t reg, unsigned bits) {
    add(BPF_ALU | BPF_RSH | BPF_K, reg, 0, 0, bits);
  }
  // The next instruction is reached when the two are equal; the returned jump is taken when not.
  // Written as "if equal, over the jump" because the verifier first follows the way straight on: it
  // then knows the general case ("not equal") before the special one, which it need not follow to
  // the end. The other way round its work grows with the square of the number of rules.
  // 32-bit comparisons (5.1): with 64-bit ones a number above 2^31 would be sign-extended.
  std::size_t skip_unless_equal(std::uint8_t reg, std::int64_t value) {
    add(BPF_JMP32 | BPF_JEQ | BPF_K, reg, 0, 1, static_cast<std::uint32_t>(value));
    return add(BPF_JMP | BPF_JA, 0, 0, 0, 0);
  }
  std::size_t skip_unless_any(std::uint8_t reg, unsigned mask) {
    add(BPF_JMP32 | BPF_JSET | BPF_K, reg, 0, 1, mask);
    return add(BPF_JMP | BPF_JA, 0, 0, 0, 0);
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
  bool too_long() const { return too_long_; }
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

void emit_entry(Assembler& out, const Entry& entry) {
  std::vector<std::size_t> skips;
  if (entry.major_number != kAny) {
    skips.push_back(out.skip_unless_equal(kMajor, entry.major_number));
  }
  if (entry.minor_number != kAny) {
    skips.push_back(out.skip_unless_equal(kMinor, entry.minor_number));
  }
  if (entry.allow) {
    out.bit_and(kPending, ~entry.access);
    skips.push_back(out.skip_unless_equal(kPending, 0));
  } else {
    skips.push_back(out.skip_unless_any(kPending, entry.access));
  }
  out.finish(entry.allow);
  for (const std::size_t skip : skips) out.land(skip);
}

void emit_section(Assembler& out, const Section& section) {
  if (section.allows_all) return out.finish(true);
  for (const Entry& entry : section.entries) emit_entry(out, entry);
  out.finish(false);
}

oci::DeviceRule allow(std::string type, std::optional<std::int64_t> major_number,
                      std::optional<std::int64_t> minor_number, std::string access) {
  return {true, std::move(type), major_number, minor_number, std::move(access)};
}

}  // namespace

Result<DeviceProgram> compile_device_program(std::span<const oci::DeviceRule> rules) {
  std::vector<Entry> of_char;
  std::vector<Entry> of_block;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Entry entry = NACRE_TRY(parse_rule(i, rules[i]));
    if (rules[i].type != "b") of_char.push_back(entry);
    if (rules[i].type != "c") of_block.push_back(entry);
  }
  const Section char_section = simplify(of_char);
  const Section block_section = simplify(of_block);
  if (char_section.allows_all && block_section.allows_all) return DeviceProgram{};

  Assembler out;
  out.load(kType, 0);
  out.move(kPending, kType);
  out.bit_and(kType, 0xffff);
  out.shift_right(kPending, 16);
  out.load(kMajor, 4);
  out.load(kMinor, 8);
  const std::size_t not_char = out.skip_unless_equal(kType, BPF_DEVCG_DEV_CHAR);
  emit_section(out, char_section);
  out.land(not_char);
  emit_section(out, block_section);
  if (out.too_long()) {
    return fail(invalid_argument(
        text::join("linux.resources.devices: ", rules.size(), " rules are too many")));
  }
  return DeviceProgram{out.take()};
}

std::vector<oci::DeviceRule> default_device_rules() {
  return {
      allow("c", {}, {}, "m"),    allow("b", {}, {}, "m"), allow("c", 1, 3, "rwm"),  // null
      allow("c", 1, 5, "rwm"),                                                       // zero
      allow("c", 1, 7, "rwm"),                                                       // full
      allow("c", 1, 8, "rwm"),                                                       // random
      allow("c", 1, 9, "rwm"),                                                       // urandom
      allow("c", 5, 0, "rwm"),                                                       // tty
      allow("c", 5, 2, "rwm"),                                                       // ptmx
      allow("c", 136, {}, "rwm"),                                                    // pts/*
      allow("c", 10, 200, "rwm"),                                                    // net/tun
  };
}

}  // namespace nacre::cgroups
