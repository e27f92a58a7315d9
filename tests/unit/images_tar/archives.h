// Archives made by hand, block by block, and what the reader makes of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "images/stream/memory.h"
#include "images/tar/header.h"
#include "images/tar/reader.h"

namespace nacre::images::tar {

enum class Magic : std::uint8_t { kNone, kUstar, kGnu, kStar };

// A header in the making. Fields may be set to any bytes before it is sealed.
class Block {
 public:
  explicit Block(std::string_view name, char type = '0', Magic magic = Magic::kUstar) {
    std::memset(&raw_, 0, sizeof raw_);
    set(raw_.name, name);
    raw_.type = type;
    octal(raw_.mode, 0644)
        .octal(raw_.uid, 0)
        .octal(raw_.gid, 0)
        .octal(raw_.size, 0)
        .octal(raw_.mtime, 0);
    if (magic == Magic::kUstar || magic == Magic::kStar) std::memcpy(raw_.magic, "ustar\00000", 8);
    if (magic == Magic::kGnu) std::memcpy(raw_.magic, "ustar  ", 8);
    if (magic == Magic::kStar) std::memcpy(raw_.rest + 8, "tar", 4);
  }

  template <std::size_t N>
  Block& set(char (&field)[N], std::string_view bytes) {
    std::memset(field, 0, N);
    std::copy_n(bytes.begin(), std::min(N, bytes.size()), field);
    return *this;
  }
  template <std::size_t N>
  Block& octal(char (&field)[N], std::uint64_t value) {
    for (std::size_t i = N - 1; i-- > 0; value >>= 3U)
      field[i] = static_cast<char>('0' + (value & 7U));
    field[N - 1] = '\0';
    return *this;
  }
  Block& link(std::string_view target) { return set(raw_.link, target); }
  Block& size(std::uint64_t value) { return octal(raw_.size, value); }
  Block& at(std::size_t offset, std::string_view bytes) {
    std::memcpy(reinterpret_cast<char*>(&raw_) + offset, bytes.data(), bytes.size());
    return *this;
  }
  RawHeader& raw() { return raw_; }

  // The block with its checksum; `shift` makes it a wrong one.
  [[nodiscard]] std::string sealed(bool with_signs = false, std::int64_t shift = 0) {
    const Sums sums = checksums(raw_);
    const std::int64_t sum =
        (with_signs ? sums.with_signs : static_cast<std::int64_t>(sums.plain)) + shift;
    octal(raw_.checksum, static_cast<std::uint64_t>(sum));
    return {reinterpret_cast<const char*>(&raw_), sizeof raw_};
  }

 private:
  RawHeader raw_;
};

inline std::string padded(std::string_view data) {
  std::string out(data);
  out.resize((data.size() + kBlock - 1) / kBlock * kBlock, '\0');
  return out;
}

inline std::string file(std::string_view name, std::string_view data, Magic magic = Magic::kUstar) {
  return Block(name, '0', magic).size(data.size()).sealed() + padded(data);
}

inline std::string extended(char type, std::string_view data) {
  return Block("extended", type).size(data.size()).sealed() + padded(data);
}

inline std::string record(std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest;
  while (std::to_string(length).size() + rest != length)
    length = std::to_string(length).size() + rest;
  std::string out = std::to_string(length) + ' ';
  out.append(key) += '=';
  return out.append(value) += '\n';
}

inline std::string pax(const std::vector<std::pair<std::string, std::string>>& records,
                       char type = 'x') {
  std::string data;
  for (const auto& [key, value] : records) data += record(key, value);
  return extended(type, data);
}

inline std::string end_blocks() { return std::string(2 * kBlock, '\0'); }

struct Read {
  std::vector<Entry> entries;
  std::vector<std::string> data;
  std::uint64_t trailing = 0;
  std::optional<Error> error;

  [[nodiscard]] std::string message() const { return error ? error->message() : "no error"; }
};

// `at_once`: how much the source gives at a time. `how`: the data through read(), view() or not
// at all.
enum class How : std::uint8_t { kRead, kView, kSkip };
inline Read read_archive(std::string_view bytes, std::size_t at_once = 1 << 20,
                         How how = How::kRead, const Limits& limits = {}) {
  MemorySource source(bytes, at_once);
  Reader reader(source, limits);
  Read all;
  const auto failed = [&](Error error) {
    all.error = std::move(error);
    return all;
  };
  for (;;) {
    auto entry = reader.next();
    if (!entry) return failed(std::move(entry).error());
    std::optional<Entry>& found = *entry;
    if (!found) break;
    all.entries.push_back(*std::move(found));
    all.data.emplace_back();
    std::string chunk(how == How::kRead ? 1000 + all.entries.size() * 37777 % 200000 : 0, '\0');
    while (how != How::kSkip) {
      Bytes piece;
      if (how == How::kView) {
        auto got = reader.view();
        if (!got) return failed(std::move(got).error());
        piece = *got;
      } else {
        auto got = reader.read(std::as_writable_bytes(std::span(chunk)));
        if (!got) return failed(std::move(got).error());
        piece = as_bytes(std::string_view(chunk).substr(0, *got));
      }
      if (piece.empty()) break;
      all.data.back() += as_text(piece);
    }
  }
  auto trailing = reader.drain();
  if (!trailing) return failed(std::move(trailing).error());
  all.trailing = *trailing;
  return all;
}

// The one entry of an archive; an empty path with the error in front otherwise.
inline Entry read_one(std::string_view bytes) {
  Read all = read_archive(std::string(bytes) + end_blocks());
  if (all.error || all.entries.size() != 1) {
    Entry none;
    none.path = "no entry: " + all.message();
    return none;
  }
  return std::move(all.entries.front());
}

}  // namespace nacre::images::tar
