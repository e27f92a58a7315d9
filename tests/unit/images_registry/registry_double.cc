#include "tests/unit/images_registry/registry_double.h"

#include <algorithm>

#include "tests/unit/images_registry/support.h"

namespace nacre::images::registry::test {
namespace {

Reply problem(unsigned status, const std::string& code) {
  return {.status = status,
          .body = "{\"errors\":[{\"code\":\"" + code + "\",\"message\":\"by the double\"}]}"};
}

std::string unescape(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
    i += 2;
  }
  return out;
}

// "sha256:..." words in a document, without reading it.
std::vector<std::string> digests_in(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; (at = text.find("sha256:", at)) != std::string::npos; at += 71)
    out.push_back(text.substr(at, 71));
  return out;
}

}  // namespace

std::string query_value(const std::string& query, const std::string& key) {
  std::size_t at = 0;
  while (at <= query.size()) {
    const std::size_t end = std::min(query.find('&', at), query.size());
    const std::string pair = query.substr(at, end - at);
    if (pair.starts_with(key + "=")) return unescape(pair.substr(key.size() + 1));
    at = end + 1;
  }
  return {};
}

void RegistryDouble::add_blob(const std::string& repository, const std::string& bytes) {
  blobs[repository + "@" + digest_of(bytes).text()] = bytes;
}
void RegistryDouble::add_manifest(const std::string& repository, const std::string& tag,
                                  const std::string& type, const std::string& bytes) {
  manifests[repository + ":" + digest_of(bytes).text()] = {type, bytes};
  if (!tag.empty()) manifests[repository + ":" + tag] = {type, bytes};
}

Reply RegistryDouble::answer(const SeenRequest& request) {
  if (fault) {
    if (auto reply = fault(request)) return *reply;
  }
  const std::string& path = request.path;
  const auto split = [&](const std::string& word, std::string& name, std::string& rest) {
    const std::size_t at = path.rfind(word);
    if (!path.starts_with("/v2/") || at == std::string::npos) return false;
    name = path.substr(4, at - 4);
    rest = path.substr(at + word.size());
    return true;
  };
  std::string name, rest;
  if (split("/blobs/uploads/", name, rest))
    return rest.empty() ? begin_upload(request, name) : upload(request, name, rest);
  if (split("/blobs/", name, rest)) return blob(request, name, rest);
  if (split("/manifests/", name, rest)) return manifest(request, name, rest);
  if (split("/referrers/", name, rest)) return referrers(name, rest);
  if (split("/tags/list", name, rest)) return tags(request, name);
  return problem(404, "UNKNOWN");
}

Reply RegistryDouble::blob(const SeenRequest& request, const std::string& repository,
                           const std::string& digest) {
  const auto found = blobs.find(repository + "@" + digest);
  if (found == blobs.end()) return problem(404, "BLOB_UNKNOWN");
  log.push_back(request.method + " blob " + digest);
  const std::string range = request.header("Range");
  Reply out{.headers = {{"Docker-Content-Digest", digest}}, .body = found->second};
  if (range.empty()) return out;
  const std::size_t from = std::stoul(range.substr(6));
  out.status = 206;
  out.headers.emplace_back("Content-Range", "bytes " + std::to_string(from) + "-" +
                                                std::to_string(out.body.size() - 1) + "/" +
                                                std::to_string(out.body.size()));
  out.body = out.body.substr(from);
  return out;
}

Reply RegistryDouble::manifest(const SeenRequest& request, const std::string& repository,
                               const std::string& reference) {
  log.push_back(request.method + " manifest " + repository + ":" + reference);
  if (request.method == "PUT") {
    if (strict_order) {
      const std::size_t subject = request.body.find("\"subject\"");
      for (const std::string& digest : digests_in(request.body.substr(0, subject))) {
        if (!blobs.contains(repository + "@" + digest) &&
            !manifests.contains(repository + ":" + digest))
          return problem(404, "MANIFEST_BLOB_UNKNOWN");
      }
    }
    add_manifest(repository, reference.starts_with("sha256:") ? "" : reference,
                 request.header("Content-Type"), request.body);
    Reply out{
        .status = 201,
        .headers = {{"Docker-Content-Digest", digest_of(request.body).text()}, {"Location", "/x"}}};
    if (referrers_api && request.body.find("\"subject\"") != std::string::npos)
      out.headers.emplace_back("OCI-Subject", "sha256:x");
    return out;
  }
  const auto found = manifests.find(repository + ":" + reference);
  if (found == manifests.end()) return problem(404, "MANIFEST_UNKNOWN");
  return {.headers = {{"Content-Type", found->second.type},
                      {"Docker-Content-Digest", digest_of(found->second.bytes).text()},
                      {"ETag", "\"" + digest_of(found->second.bytes).text() + "\""}},
          .body = found->second.bytes};
}

std::string RegistryDouble::location(const std::string& repository, const std::string& id) {
  const std::string path = "/v2/" + repository + "/blobs/uploads/" + id +
                           "?_state=" + std::to_string(uploads_[id].size());
  return absolute_locations ? origin + path : path;
}

Reply RegistryDouble::begin_upload(const SeenRequest& request, const std::string& repository) {
  const std::string mount = query_value(request.query, "mount");
  const std::string from = query_value(request.query, "from");
  if (!mount.empty() && can_mount && blobs.contains(from + "@" + mount)) {
    blobs[repository + "@" + mount] = blobs[from + "@" + mount];
    return {.status = 201, .headers = {{"Location", "/x"}}};
  }
  const std::string id = "u" + std::to_string(next_upload_++);
  uploads_[id] = "";
  Reply out{.status = 202, .headers = {{"Location", location(repository, id)}}};
  if (least_chunk != 0)
    out.headers.emplace_back("OCI-Chunk-Min-Length", std::to_string(least_chunk));
  return out;
}

Reply RegistryDouble::upload(const SeenRequest& request, const std::string& repository,
                             const std::string& id) {
  log.push_back(request.method + " upload " + std::to_string(request.body.size()));
  const auto found = uploads_.find(id);
  if (found == uploads_.end()) return problem(404, "BLOB_UPLOAD_UNKNOWN");
  std::string& data = found->second;
  const auto state = [&](unsigned status) {
    return Reply{.status = status,
                 .headers = {{"Location", location(repository, id)},
                             {"Range", "0-" + std::to_string(data.empty() ? 0 : data.size() - 1)}}};
  };
  if (request.method == "GET") return state(204);
  if (request.method == "DELETE") {
    uploads_.erase(found);
    return {.status = 204};
  }
  if (query_value(request.query, "_state") != std::to_string(data.size())) return state(416);
  if (request.body.size() > most_body) return problem(413, "TOO_LARGE");
  const std::string range = request.header("Content-Range");
  if (!range.empty() && std::stoul(range) != data.size()) return state(416);
  data += request.body;  // also what came before a connection broke
  if (request.method == "PATCH") return state(202);
  if (!request.body_complete) return problem(400, "SIZE_INVALID");
  const std::string digest = query_value(request.query, "digest");
  if (digest_of(data).text() != digest) return problem(400, "DIGEST_INVALID");
  blobs[repository + "@" + digest] = data;
  uploads_.erase(found);
  return {.status = 201, .headers = {{"Location", "/x"}, {"Docker-Content-Digest", digest}}};
}

Reply RegistryDouble::tags(const SeenRequest& request, const std::string& repository) {
  std::vector<std::string> all;
  for (const auto& [key, value] : manifests) {
    if (!key.starts_with(repository + ":") || key.find(":sha256:") != std::string::npos) continue;
    all.push_back(key.substr(repository.size() + 1));
  }
  if (all.empty()) return problem(404, "NAME_UNKNOWN");
  std::erase_if(all,
                [&](const std::string& tag) { return tag <= query_value(request.query, "last"); });
  Reply out;
  if (all.size() > page) {
    all.resize(page);
    out.headers.emplace_back(
        "Link", "</v2/" + repository + "/tags/list?last=" + all.back() + ">; rel=\"next\"");
  }
  out.body = "{\"name\":\"" + repository + "\",\"tags\":[";
  for (std::size_t i = 0; i < all.size(); ++i) out.body += (i == 0 ? "\"" : ",\"") + all[i] + "\"";
  out.body += "]}";
  return out;
}

Reply RegistryDouble::referrers(const std::string& repository, const std::string& subject) {
  if (!referrers_api) return problem(404, "UNKNOWN");
  std::string list;
  for (const auto& [key, value] : manifests) {
    const std::size_t at = value.bytes.find("\"subject\"");
    if (!key.starts_with(repository + ":sha256:") || at == std::string::npos ||
        value.bytes.find(subject, at) == std::string::npos)
      continue;
    list += (list.empty() ? "" : ",") + std::string("{\"mediaType\":\"") + value.type +
            "\",\"digest\":\"" + digest_of(value.bytes).text() +
            "\",\"size\":" + std::to_string(value.bytes.size()) +
            ",\"artifactType\":\"application/x.sample\"}";
  }
  return {.headers = {{"Content-Type", "application/vnd.oci.image.index.v1+json"}},
          .body =
              "{\"schemaVersion\":2,\"mediaType\":\"application/"
              "vnd.oci.image.index.v1+json\",\"manifests\":[" +
              list + "]}"};
}

}  // namespace nacre::images::registry::test
