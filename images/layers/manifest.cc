#include "images/layers/manifest.h"

#include <sys/sysmacros.h>

#include <array>
#include <charconv>
#include <span>

#include "base/text.h"

namespace nacre::images::layers {
namespace {

constexpr std::string_view kTitle = "nacre-layer-manifest 1";
constexpr std::string_view kKinds = "fdolcbpw";
constexpr std::size_t kFlushBytes = std::size_t{64} << 10U;
constexpr std::size_t kLineLimit = std::size_t{64} << 10U;  // 4096 bytes of path, escaped

constexpr std::string_view kHexDigits = "0123456789abcdef";

std::string hex(std::uint64_t value) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
  return {digits.data(), end};
}

std::optional<std::uint64_t> parse_number(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto done = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || done.ec != std::errc() || done.ptr != text.data() + text.size())
    return std::nullopt;
  return value;
}

std::string escape(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  for (const char character : path) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte > 0x20 && byte < 0x7f && character != '\\') {
      out += character;
    } else {
      out += "\\x";
      out += kHexDigits[byte >> 4U];
      out += kHexDigits[byte & 15U];
    }
  }
  return out;
}

std::optional<std::string> unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    if (text.front() != '\\') {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    if (text.size() < 4 || text[1] != 'x') return std::nullopt;
    const auto byte = parse_number(text.substr(2, 2), 16);
    if (!byte) return std::nullopt;
    out += static_cast<char>(*byte);
    text.remove_prefix(4);
  }
  return out;
}

bool is_device(char kind) { return kind == 'c' || kind == 'b'; }
bool has_size(char kind) { return kind == 'f' || kind == 'l'; }

std::string print_size(const Record& record) {
  if (is_device(record.kind))
    return text::join(gnu_dev_major(record.size), ':', gnu_dev_minor(record.size));
  return has_size(record.kind) ? std::to_string(record.size) : "-";
}

std::optional<std::uint64_t> parse_size(char kind, std::string_view text) {
  if (is_device(kind)) {
    const auto parts = text::split(text, ':');
    if (parts.size() != 2) return std::nullopt;
    const auto major = text::parse_u32(parts[0]);
    const auto minor = text::parse_u32(parts[1]);
    if (!major || !minor) return std::nullopt;
    return gnu_dev_makedev(*major, *minor);
  }
  if (has_size(kind)) return text::parse_u64(text);
  return text == "-" ? std::optional<std::uint64_t>(0) : std::nullopt;
}

std::string print_hashes(const Record& record) {
  std::string out = has_size(record.kind) ? hex(record.content) : "-";
  if (record.attributes != 0) text::append(out, '/', hex(record.attributes));
  return out;
}

bool parse_hashes(std::string_view text, Record& record) {
  const auto parts = text::split(text, '/');
  if (parts.size() > 2) return false;
  if (parts.size() == 2) {
    const auto attributes = parse_number(parts[1], 16);
    if (!attributes || *attributes == 0) return false;
    record.attributes = *attributes;
  }
  if (!has_size(record.kind)) return parts[0] == "-";
  const auto content = parse_number(parts[0], 16);
  record.content = content.value_or(0);
  return content.has_value();
}

}  // namespace

std::string print_record(const Record& record) {
  return text::join(record.kind, ' ', text::octal(record.mode), ' ', record.uid, ' ', record.gid,
                    ' ', print_size(record), ' ', print_hashes(record), ' ', escape(record.path));
}

Result<Record> parse_record(std::string_view line) {
  const auto wrong = [&](std::string_view what) {
    return fail(invalid_argument(
        text::join("not a line of a manifest (", what, "): ", text::quote(line.substr(0, 200)))));
  };
  const auto parts = text::split(line, ' ');
  if (parts.size() != 7) return wrong("fields");
  Record record;
  if (parts[0].size() != 1 || kKinds.find(parts[0][0]) == std::string_view::npos)
    return wrong("kind");
  record.kind = parts[0][0];
  const auto mode = parse_number(parts[1], 8);
  if (!mode || *mode > 07777) return wrong("mode");
  record.mode = static_cast<std::uint32_t>(*mode);
  const auto uid = text::parse_u32(parts[2]);
  const auto gid = text::parse_u32(parts[3]);
  if (!uid || !gid) return wrong("owner");
  record.uid = *uid;
  record.gid = *gid;
  const auto size = parse_size(record.kind, parts[4]);
  if (!size) return wrong("size");
  record.size = *size;
  if (!parse_hashes(parts[5], record)) return wrong("hash");
  auto path = unescape(parts[6]);
  if (!path || path->empty()) return wrong("path");
  record.path = *std::move(path);
  return record;
}

bool walks_before(std::string_view a, std::string_view b) {
  if (b == ".") return false;
  if (a == ".") return true;
  // As text with the slash below every other byte.
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (a[i] == b[i]) continue;
    if (a[i] == '/') return true;
    if (b[i] == '/') return false;
    return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[i]);
  }
  return a.size() < b.size();
}

// ---- writing -----------------------------------------------------------------------------------

ManifestWriter::ManifestWriter(Sink& sink) : sink_(sink) { text::append(pending_, kTitle, '\n'); }

Result<void> ManifestWriter::add(const Record& record) {
  ++count_;
  text::append(pending_, print_record(record), '\n');
  return pending_.size() < kFlushBytes ? Result<void>() : flush();
}

Result<void> ManifestWriter::finish() {
  text::append(pending_, "end ", count_, '\n');
  return flush();
}

Result<void> ManifestWriter::flush() {
  NACRE_TRY_CTX(sink_.write(std::as_bytes(std::span(pending_))), "write the layer's manifest");
  pending_.clear();
  return {};
}

// ---- reading -----------------------------------------------------------------------------------

Result<std::string_view> ManifestReader::next_line() {
  for (;;) {
    const std::size_t newline = buffer_.find('\n', at_);
    if (newline != std::string::npos) {
      const std::string_view line = std::string_view(buffer_).substr(at_, newline - at_);
      at_ = newline + 1;
      ++lines_;
      return line;
    }
    buffer_.erase(0, at_);
    at_ = 0;
    if (buffer_.size() > kLineLimit)
      return fail(invalid_argument(text::join("line ", lines_ + 1, " is too long")));
    const std::size_t have = buffer_.size();
    buffer_.resize(have + kFlushBytes);
    const std::size_t got =
        NACRE_TRY(source_.read(std::as_writable_bytes(std::span(buffer_).subspan(have))));
    buffer_.resize(have + got);
    if (got == 0) return fail(invalid_argument("it has been cut off: its last line is missing"));
  }
}

Result<void> ManifestReader::check_end(std::string_view line) {
  const auto parts = text::split(line, ' ');
  const auto count = parts.size() == 2 ? text::parse_u64(parts[1]) : std::nullopt;
  // The title and this line are no records.
  if (count && *count + 2 == lines_) return {};
  return fail(invalid_argument(
      text::join("it ends with ", text::quote(line), " after ", lines_ - 2, " entries")));
}

Result<std::optional<Record>> ManifestReader::next() {
  const std::string_view context = "the layer's manifest";
  if (ended_) return std::nullopt;
  if (lines_ == 0) {
    const auto title = NACRE_TRY_CTX(next_line(), context);
    if (title != kTitle) {
      return fail(
          invalid_argument(text::join(context, " starts with ", text::quote(title.substr(0, 100)),
                                      ", not with ", text::quote(kTitle))));
    }
  }
  const auto line = NACRE_TRY_CTX(next_line(), context);
  if (line.starts_with("end")) {
    NACRE_TRY_CTX(check_end(line), context);
    ended_ = true;
    return std::nullopt;
  }
  Record record = NACRE_TRY_CTX(parse_record(line), text::join(context, ", line ", lines_));
  if (!last_path_.empty() && !walks_before(last_path_, record.path))
    return fail(invalid_argument(text::join(context, ", line ", lines_, ": not sorted")));
  last_path_ = record.path;
  return record;
}

}  // namespace nacre::images::layers
