#include "tests/support/probe_json.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace nacre::probe {

std::string quoted(std::string_view raw) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : raw) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      // Bytes above ASCII are shown as Latin-1: what matters to a test is that none is lost.
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    } else {
      out += c;
    }
  }
  return out += '"';
}

Line::Line(std::string_view verb) : text_("{\"verb\":" + quoted(verb)) {}

Line& Line::raw(std::string_view key, std::string_view json) {
  text_ += ',';
  text_ += quoted(key);
  text_ += ':';
  text_ += json;
  return *this;
}

Line& Line::field(std::string_view key, std::string_view value) { return raw(key, quoted(value)); }

Line& Line::field(std::string_view key, const std::vector<std::string>& values) {
  std::string list = "[";
  for (const auto& value : values) {
    if (list.size() > 1) list += ',';
    list += quoted(value);
  }
  return raw(key, list + "]");
}

Line& Line::error(std::string_view key, int errno_value) {
  if (errno_value == 0) return field(key, "");
  const char* name = strerrorname_np(errno_value);
  return name != nullptr ? field(key, name) : field(key, std::to_string(errno_value));
}

void Line::print() {
  text_ += "}\n";
  std::string_view rest = text_;
  while (!rest.empty()) {
    const ssize_t n = ::write(1, rest.data(), rest.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      ::_exit(120);
    }
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::string read_file(const char* path, int& errno_value) {
  errno_value = 0;
  std::string content;
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0) {
    errno_value = errno;
    return content;
  }
  std::array<char, 65536> chunk{};
  while (content.size() < (1U << 20U)) {
    const ssize_t n = ::read(fd, chunk.data(), chunk.size());
    if (n < 0) errno_value = errno;
    if (n <= 0) break;
    content.append(chunk.data(), static_cast<std::size_t>(n));
  }
  ::close(fd);
  return content;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

long long number(const char* digits) {
  char* end = nullptr;
  errno = 0;
  const long long value = std::strtoll(digits, &end, 0);
  if (end == digits || *end != '\0' || errno != 0) {
    static_cast<void>(::dprintf(2, "probe: %s is not a number\n", digits));
    ::_exit(121);
  }
  return value;
}

}  // namespace nacre::probe
