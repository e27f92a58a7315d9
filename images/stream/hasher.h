// Content digests of what passes by: SHA-256 and SHA-512 by OpenSSL, which uses the processor's own
// instructions where there are any.
#pragma once

#include <cstdint>
#include <memory>

#include "images/stream/stream.h"
#include "oci-spec/image/digest.h"

struct evp_md_ctx_st;

namespace nacre::images {

class Hasher {
 public:
  enum class Algorithm : std::uint8_t { kSha256, kSha512 };

  explicit Hasher(Algorithm algorithm = Algorithm::kSha256);
  // The algorithm of a digest that is to be compared with.
  explicit Hasher(const oci::Digest& expected);

  void update(Bytes bytes);
  // The digest of everything so far, and a fresh start. internal: the library refused to hash (no
  // memory, or its configuration forbids the algorithm); update() keeps that until here.
  [[nodiscard]] Result<oci::Digest> finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  void start();

  Algorithm algorithm_;
  bool failed_ = false;
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

// What is read is hashed. Source and hasher are borrowed.
class HashingSource final : public Source {
 public:
  HashingSource(Source& source, Hasher& hasher) : source_(source), hasher_(hasher) {}
  [[nodiscard]] Result<std::size_t> read(Buffer into) override {
    const std::size_t got = NACRE_TRY(source_.read(into));
    hasher_.update(into.first(got));
    return got;
  }

 private:
  Source& source_;
  Hasher& hasher_;
};

// What is written is hashed and passed on. Sink and hasher are borrowed.
class HashingSink final : public Sink {
 public:
  HashingSink(Sink& sink, Hasher& hasher) : sink_(sink), hasher_(hasher) {}
  [[nodiscard]] Result<void> write(Bytes bytes) override {
    hasher_.update(bytes);
    return sink_.write(bytes);
  }
  [[nodiscard]] Result<void> finish() override { return sink_.finish(); }

 private:
  Sink& sink_;
  Hasher& hasher_;
};

}  // namespace nacre::images
