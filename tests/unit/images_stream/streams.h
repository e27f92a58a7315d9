// What the tests of streams share.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "images/stream/decompress.h"
#include "images/stream/memory.h"

namespace nacre::images {

// Everything a source gives, in reads of `at_once` bytes; nothing if it fails, which is in `error`.
inline std::optional<std::string> drain(Source& source, std::size_t at_once = 1 << 16,
                                        std::optional<Error>* error = nullptr) {
  std::string all;
  std::string chunk(at_once, '\0');
  for (;;) {
    auto got = source.read(std::as_writable_bytes(std::span(chunk)));
    if (!got) {
      if (error != nullptr) *error = std::move(got).error();
      return std::nullopt;
    }
    if (*got == 0) break;
    all.append(chunk, 0, *got);
  }
  const auto again = source.read(std::as_writable_bytes(std::span(chunk)));
  if (!again || *again != 0) return std::nullopt;  // the end stays the end
  return all;
}

// Half noise, half repetition: what a compressor has to deal with.
inline std::string mixed_text(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < size) {
    const std::size_t run = random() % 300 + 1;
    if (random() % 2 == 0 || text.size() < 2) {
      for (std::size_t i = 0; i < run; ++i) text += static_cast<char>(random() & 0xFFU);
    } else {
      const std::size_t near = std::min<std::size_t>(text.size(), 20'000);  // within any window
      const std::size_t from = text.size() - near + random() % near;
      for (std::size_t i = 0; i < run; ++i) text += text[from + i % (text.size() - from)];
    }
  }
  text.resize(size);
  return text;
}

struct Outcome {
  std::string text;  // what was inflated, or the error's sentence
  std::optional<ErrorCode> code;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

inline Outcome inflate(std::string_view compressed, const DecompressOptions& options = {},
                       std::size_t in_at_once = 1 << 20, std::size_t out_at_once = 1 << 16) {
  MemorySource source(compressed, in_at_once);
  auto opened = decompress(source, options);
  if (!opened) return {opened.error().message(), opened.error().code()};
  std::optional<Error> error;
  auto text = drain(*opened->source, out_at_once, &error);
  if (!text)
    return {error ? error->message() : "the end did not stay",
            error ? error->code() : ErrorCode::kInternal};
  std::string rest(1, '\0');
  const auto left = source.read(std::as_writable_bytes(std::span(rest)));
  if (!left || *left != 0) return {"the source was not read to its end", ErrorCode::kInternal};
  return {*std::move(text), std::nullopt};
}

}  // namespace nacre::images
