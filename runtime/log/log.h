// Where the runtime says what went wrong: the --log file and standard error.
//
// Contract (runc's, which containerd, Podman and CRI-O rely on): the file exists from start-up on;
// at the default level it gets exactly one line, on failure; the time parses as RFC 3339. The
// sentence goes to standard error as plain text too, unless standard error is the log.
//
// Only main and the commands log; libraries return errors. Not thread safe; nothing is buffered.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace nacre::log {

enum class Format : std::uint8_t { kText, kJson };
enum class Level : std::uint8_t { kDebug, kWarning, kError };

class Logger {
 public:
  // Standard error, level kError: what holds until the command line is understood.
  Logger() = default;
  // Opens (creates, appends, mode 0644) `path`; empty: standard error.
  static Result<Logger> open(const std::string& path, Format format, Level level);

  // The one line of a failed command.
  void error(const Error& error) const;
  // To standard error as a sentence, and to the log file only at level kWarning or below: Podman
  // reads the file as one JSON object.
  void warn(std::string_view message) const;
  // Only at level kWarning or below: what went well enough, and is asked for by the specification.
  void notice(std::string_view message) const;
  void debug(std::string_view message) const;

  [[nodiscard]] bool debug_enabled() const { return level_ == Level::kDebug; }

 private:
  void write_line(Level level, std::string_view message, const Error* cause) const;

  UniqueFd file_;  // closed: standard error
  Format format_ = Format::kText;
  Level level_ = Level::kError;
};

}  // namespace nacre::log
