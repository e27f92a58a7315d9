// One log line as text. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace nacre::log {

// What a line says. `cause` adds code and errno (JSON only); null: none.
struct Line {
  std::string_view level;    // "error" "warning" "debug"
  std::string_view message;  // any bytes
  std::string_view time;     // RFC 3339
  const Error* cause = nullptr;
};

// {"level":"error","msg":"...","time":"..."} and a newline. Bytes that are not UTF-8 become U+FFFD.
std::string json_line(const Line& line);
// time="..." level=error msg="..." and a newline, as logrus writes it.
std::string text_line(const Line& line);

}  // namespace nacre::log
