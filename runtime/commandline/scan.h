// Words of a command line sorted into flags and positionals. Pure.
//
// The syntax is that of Go's flag package, which callers of runc rely on: one dash or two, "-f v"
// and "-f=v", "--" ends the flags, "-" is a positional, short flags do not bundle.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "runtime/commandline/command.h"

namespace nacre::commandline {

struct Scanned {
  Arguments arguments;
  bool help = false;     // -h or --help stood among the flags
  std::size_t next = 0;  // index of the first word that was not read
};

enum class Positionals : std::uint8_t {
  kStop,         // reading ends in front of the first positional: global flags
  kTakeTheRest,  // from the first positional on every word is one
  kMixed,        // flags may follow positionals
};

// Errors: "flag provided but not defined: -x", "flag needs an argument: -x", "bad flag syntax:
// ---x", "invalid boolean value ...".
Result<Scanned> scan(std::span<const std::string_view> words, std::span<const FlagSpec> flags,
                     Positionals mode);

}  // namespace nacre::commandline
