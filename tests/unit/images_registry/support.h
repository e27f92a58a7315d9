// What the tests of the registry client share.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

#include "images/registry/authorizer.h"
#include "images/registry/client.h"
#include "images/registry/clock.h"
#include "images/registry/credentials.h"
#include "images/store/blob.h"
#include "images/stream/hasher.h"
#include "images/stream/memory.h"
#include "oci-spec/image/descriptor.h"
#include "tests/unit/images_registry/script_server.h"

namespace nacre::images::registry::test {

template <class T>
std::string error_of(const Result<T>& result) {
  return result ? std::string("no error") : result.error().message();
}
template <class T>
ErrorCode code_of(const Result<T>& result) {
  EXPECT_FALSE(result) << "there is no error";
  return result ? ErrorCode::kInternal : result.error().code();
}

#define ASSERT_OK(expression)                                        \
  do {                                                               \
    const auto& result_of_ok_ = (expression);                        \
    ASSERT_TRUE(result_of_ok_.has_value())                           \
        << ::nacre::images::registry::test::error_of(result_of_ok_); \
  } while (false)

// Waits take no time and are remembered.
class FakeClock final : public Clock {
 public:
  [[nodiscard]] Milliseconds now() const override {
    const std::lock_guard lock(mutex_);
    return now_ += tick;
  }
  [[nodiscard]] std::int64_t seconds_since_1970() const override { return 1'700'000'000; }
  [[nodiscard]] bool wait(Milliseconds time, const std::stop_token& stop) override {
    const std::lock_guard lock(mutex_);
    now_ += time;
    waits_.push_back(time);
    return !stop.stop_requested();
  }
  void advance(Milliseconds time) {
    const std::lock_guard lock(mutex_);
    now_ += time;
  }
  Milliseconds tick{0};  // what every look at the clock takes

  [[nodiscard]] std::vector<Milliseconds> waits() const {
    const std::lock_guard lock(mutex_);
    return waits_;
  }

 private:
  mutable std::mutex mutex_;
  mutable Milliseconds now_{1'000'000};
  std::vector<Milliseconds> waits_;
};

inline oci::Digest digest_of(std::string_view bytes) {
  Hasher hasher;
  hasher.update(as_bytes(bytes));
  return *hasher.finish();
}
inline oci::Descriptor descriptor_of(std::string_view bytes,
                                     const std::string& type = "application/octet-stream") {
  return {.media_type = type, .digest = digest_of(bytes), .size = bytes.size()};
}
// Bytes that no two places share.
inline std::string pattern(std::size_t size, unsigned seed = 1) {
  std::string out(size, '\0');
  std::uint32_t state = seed * 2654435761U + 1;
  for (char& byte : out) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<char>(state >> 24U);
  }
  return out;
}

// A blob on its way into memory.
class FakeIngest final : public Ingest {
 public:
  explicit FakeIngest(oci::Descriptor expected, std::string there = {})
      : expected_(std::move(expected)), bytes_(std::move(there)) {}
  [[nodiscard]] Result<void> write(Bytes bytes) override {
    if (bytes_.size() >= fail_at) return fail(Error(ErrorCode::kResourceExhausted, "disk full"));
    bytes_ += as_text(bytes);
    return {};
  }
  [[nodiscard]] Result<void> finish() override { return {}; }
  [[nodiscard]] std::uint64_t offset() const override { return bytes_.size(); }
  [[nodiscard]] Result<void> restart() override {
    ++restarts;
    bytes_.clear();
    return {};
  }
  [[nodiscard]] Result<void> commit(const Lease&) override { return commit(); }
  [[nodiscard]] Result<void> commit() {
    digest_ = digest_of(bytes_);
    if (digest_ == expected_.digest && bytes_.size() == expected_.size) {
      committed = true;
      return {};
    }
    bytes_.clear();
    return nacre::fail(failed_precondition("wrong digest"));
  }
  [[nodiscard]] const oci::Digest& digest() const override { return digest_; }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

  bool committed = false;
  int restarts = 0;
  std::size_t fail_at = SIZE_MAX;

 private:
  oci::Descriptor expected_;
  std::string bytes_;
  oci::Digest digest_;
};

class TempDir {
 public:
  TempDir() {
    std::string name = std::filesystem::temp_directory_path() / "nacre-registry.XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::string& path() const { return path_; }
  std::string write(const std::string& name, const std::string& text, int mode = 0600) const {
    const std::filesystem::path file = std::filesystem::path(path_) / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    std::filesystem::permissions(file, static_cast<std::filesystem::perms>(mode));
    return file;
  }

 private:
  std::string path_;
};

// Transport, tokens and time for sessions that are made by hand.
class Ground {
 public:
  explicit Ground(Credential credential = {})
      : credentials_(make_fixed_credential(std::move(credential))),
        authorizer_(*transport_, *credentials_, clock) {}

  // Of a server of ours, which speaks plain HTTP because the "configuration" says so.
  static Endpoint endpoint_of(const ScriptServer& server) {
    Endpoint out;
    out.scheme = server.url().starts_with("https") ? Scheme::kHttps : Scheme::kHttp;
    out.host = "127.0.0.1";
    out.port = server.port();
    out.repository = "team/app";
    out.registry = "registry.test";
    out.timeouts = {Milliseconds{60'000}, Milliseconds{60'000}, Milliseconds{60'000}};
    return out;
  }
  std::unique_ptr<Session> session(const ScriptServer& server) {
    return session(endpoint_of(server));
  }
  std::unique_ptr<Session> session(Endpoint endpoint, const RetryPolicy& retry = {}) {
    return std::make_unique<Session>(Services{*transport_, authorizer_, clock}, std::move(endpoint),
                                     retry);
  }
  Transport& transport() { return *transport_; }

  FakeClock clock;

 private:
  std::unique_ptr<Transport> transport_ = make_network_transport();
  std::unique_ptr<CredentialSource> credentials_;
  Authorizer authorizer_;
};

inline std::string text_of(Response& response) {
  auto text = read_text(response, 1U << 24U);
  return text ? *text : "ERROR: " + text.error().message();
}

}  // namespace nacre::images::registry::test
