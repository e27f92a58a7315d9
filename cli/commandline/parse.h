// A command line turned into what is to be done. Pure.
//
// The syntax is that of docker: flags and arguments in any order, "--name value", "--name=value",
// "-n value", "-nvalue", short flags in one word, "--" ends the flags, "-" is an argument.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "cli/commandline/command.h"

namespace nacre::cli {

enum class Request : std::uint8_t { kRun, kHelp, kVersion };

struct Invocation {
  Request request = Request::kHelp;
  const CommandSpec* command = nullptr;  // of kRun; of kHelp where one was named
  const GroupSpec* group = nullptr;      // of kHelp: the group's page; neither: the program's
  Arguments arguments;                   // the global flags are among them
};

struct BadLine {
  std::string message;
  int status = 1;                        // 125 for flags, as docker has it
  const CommandSpec* command = nullptr;  // whose usage is of help; may be null
  const GroupSpec* group = nullptr;
};

[[nodiscard]] std::expected<Invocation, BadLine> parse_line(std::span<const std::string_view> words,
                                                            const CommandTable& table);

}  // namespace nacre::cli
