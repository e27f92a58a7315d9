// The store of this command line, opened as far as a command needs it.
//
// Until there is a daemon that owns the store, the library works in this process; any number of
// processes may do so at the same time.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "cli/commandline/command.h"
#include "images/registry/client.h"
#include "images/service/service.h"

namespace nacre::cli {

enum class Needs : std::uint8_t {
  kStore,
  kSnapshots,  // to see what is in use, or to collect
  kMounts,     // to look into an image
  kRegistry,
};

class Session {
 public:
  [[nodiscard]] static Result<Session> open(const GlobalOptions& options, Needs needs);

  [[nodiscard]] images::ImageService& images() { return *service_; }

 private:
  Session() = default;

  std::unique_ptr<images::Store> store_;
  std::unique_ptr<images::Snapshotter> snapshotter_;
  std::unique_ptr<images::registry::Client> client_;
  std::unique_ptr<images::ImageService> service_;
};

// The sentence and, on a line of its own, what can be done about it.
[[nodiscard]] Error with_hint(const Error& error, std::string_view hint);

}  // namespace nacre::cli
