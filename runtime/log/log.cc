#include "runtime/log/log.h"

#include "base/text.h"
#include "runtime/log/line.h"
#include "runtime/log/timestamp.h"
#include "sys/io.h"

namespace nacre::log {
namespace {

constexpr FdRef kStandardError{2};

std::string_view name_of(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      break;
  }
  return "error";
}

// Nobody is left to tell when even this fails.
void put(FdRef target, std::string_view bytes) { static_cast<void>(sys::write_all(target, bytes)); }

}  // namespace

Result<Logger> Logger::open(const std::string& path, Format format, Level level) {
  Logger logger;
  logger.format_ = format;
  logger.level_ = level;
  if (!path.empty() && path != "/dev/stderr") {
    logger.file_ = NACRE_TRY_CTX(
        sys::openat(sys::kCwd, path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY, 0644),
        text::join("open ", path));
  }
  return logger;
}

void Logger::write_line(Level level, std::string_view message, const Error* cause) const {
  const std::string time = now_rfc3339();
  const Line line{name_of(level), message, time, cause};
  put(file_ ? FdRef(file_) : kStandardError,
      format_ == Format::kJson ? json_line(line) : text_line(line));
}

void Logger::error(const Error& error) const {
  const bool log_is_stderr = !file_;
  if (!log_is_stderr || format_ == Format::kJson)
    write_line(Level::kError, error.message(), &error);
  if (!log_is_stderr || format_ == Format::kText) {
    put(kStandardError, text::join(error.message(), '\n'));
  }
}

void Logger::warn(std::string_view message) const {
  if (level_ <= Level::kWarning) write_line(Level::kWarning, message, nullptr);
  if (file_ || level_ > Level::kWarning)
    put(kStandardError, text::join("warning: ", message, '\n'));
}

void Logger::notice(std::string_view message) const {
  if (level_ <= Level::kWarning) write_line(Level::kWarning, message, nullptr);
}

void Logger::debug(std::string_view message) const {
  if (debug_enabled()) write_line(Level::kDebug, message, nullptr);
}

}  // namespace nacre::log
