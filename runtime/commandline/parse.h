// A whole command line, in two steps: the log must be open before a command's own flags are judged,
// because their errors belong into it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/commandline/command.h"

namespace nacre::commandline {

// argv without argv[0], split where the command's name stands.
struct SplitLine {
  Arguments global;
  bool help = false;
  bool version = false;
  std::vector<std::string_view> rest;  // the command's name and its words
};
Result<SplitLine> split_global(std::span<const std::string_view> words);

enum class Request : std::uint8_t { kRun, kProgramHelp, kCommandHelp };

struct Invocation {
  Request request = Request::kProgramHelp;
  const CommandSpec* command = nullptr;  // null for kProgramHelp
  Arguments arguments;
};

// What to do. `help`, `h` and no command at all ask for help. Errors: "No help topic for 'x'" (an
// unknown command, in runc's words), those of scan(), and a wrong number of positionals.
Result<Invocation> choose_command(const SplitLine& line, std::span<const CommandSpec> table,
                                  std::string_view program_name);

// A decimal number given to a flag; 0 when the flag is absent.
Result<std::uint32_t> number_flag(const Arguments& arguments, std::string_view name);

}  // namespace nacre::commandline
