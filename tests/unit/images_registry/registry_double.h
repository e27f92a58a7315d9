// A registry in memory on top of the script server, with a place to put faults in.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/unit/images_registry/script_server.h"

namespace nacre::images::registry::test {

struct RegistryDouble {
  // What is there. Keys: "repository@sha256:..." for blobs, "repository:tag-or-digest" for
  // manifests.
  std::map<std::string, std::string> blobs;
  struct Manifest {
    std::string type, bytes;
  };
  std::map<std::string, Manifest> manifests;

  // How it behaves.
  bool absolute_locations = false;
  bool can_mount = true;
  bool referrers_api = false;
  bool strict_order = true;  // a manifest whose blobs are missing is refused
  std::uint64_t least_chunk = 0;
  std::uint64_t most_body = UINT64_MAX;  // larger requests get 413
  std::size_t page = 1000;

  // Looked at first; what it gives is the answer.
  std::function<std::optional<Reply>(const SeenRequest&)> fault;

  Reply answer(const SeenRequest& request);
  void add_blob(const std::string& repository, const std::string& bytes);
  void add_manifest(const std::string& repository, const std::string& tag, const std::string& type,
                    const std::string& bytes);

  std::string origin;            // of the server, for absolute locations
  std::vector<std::string> log;  // "PUT manifest app:latest", in order

 private:
  Reply blob(const SeenRequest& request, const std::string& repository, const std::string& digest);
  Reply manifest(const SeenRequest& request, const std::string& repository,
                 const std::string& reference);
  Reply upload(const SeenRequest& request, const std::string& repository, const std::string& id);
  Reply begin_upload(const SeenRequest& request, const std::string& repository);
  Reply tags(const SeenRequest& request, const std::string& repository);
  Reply referrers(const std::string& repository, const std::string& subject);
  std::string location(const std::string& repository, const std::string& id);

  std::map<std::string, std::string> uploads_;
  int next_upload_ = 1;
};

// "value" of key in a query string, unescaped; "" when absent.
[[nodiscard]] std::string query_value(const std::string& query, const std::string& key);

}  // namespace nacre::images::registry::test
