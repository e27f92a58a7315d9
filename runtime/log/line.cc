#include "runtime/log/line.h"

#include <cstdint>

#include "base/text.h"
#include "oci-spec/json/writer.h"

namespace nacre::log {

std::string json_line(const Line& line) {
  json::Writer out;
  const auto member = [&](std::string_view key, std::string_view value) {
    out.key(key);
    out.string(value);
  };
  out.begin_object();
  member("level", line.level);
  member("msg", line.message);
  if (line.cause != nullptr) {
    member("code", to_text(line.cause->code()));
    if (line.cause->sys_errno() != 0) {
      out.key("errno");
      out.number(std::int64_t{line.cause->sys_errno()});
    }
  }
  member("time", line.time);
  out.end_object();
  return std::move(out).take() + '\n';
}

std::string text_line(const Line& line) {
  return text::join("time=\"", line.time, "\" level=", line.level,
                    " msg=", text::quote(line.message), '\n');
}

}  // namespace nacre::log
