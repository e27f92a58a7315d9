// Unpacking alone: the blobs are in the store.
//   nacre-bench-unpack load ROOT ARCHIVE    a new store at ROOT with the archive's blobs, nothing
//   unpacked nacre-bench-unpack unpack ROOT          every layer of every image there, four at a
//   time
#include <fcntl.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "images/formats/load.h"
#include "images/store/store.h"
#include "images/stream/workers.h"
#include "oci-spec/image/document.h"

namespace {

namespace images = nacre::images;
namespace oci = nacre::oci;

constexpr unsigned kWorkers = 4;

[[noreturn]] void die(const std::string& why) {
  static_cast<void>(std::fprintf(stderr, "nacre-bench-unpack: %s\n", why.c_str()));
  std::exit(1);
}

template <class T>
T must(nacre::Result<T> result) {
  if (!result) die(result.error().message());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

struct Job {
  oci::Descriptor blob;
  oci::Digest diff_id;
};

std::vector<Job> all_layers(images::Store& store) {
  std::vector<Job> jobs;
  for (const images::ImageRecord& image : must(store.images())) {
    const auto bytes = must(store.read_document(image.target.digest, oci::kMostDocumentBytes));
    const auto manifest = must(oci::parse_manifest(bytes, image.target.media_type));
    const auto config = must(oci::parse_image_config(
        must(store.read_document(manifest.config.digest, oci::kMostConfigBytes))));
    for (std::size_t i = 0; i < manifest.layers.size(); ++i)
      jobs.push_back({manifest.layers[i], config.rootfs.diff_ids.at(i)});
  }
  return jobs;
}

void load(const std::string& root, const char* archive) {
  const auto store = must(images::Store::open(root));
  const nacre::UniqueFd file(::open(archive, O_RDONLY | O_CLOEXEC));
  if (!file) die(std::string("cannot open ") + archive);
  images::LoadOptions options;
  options.unpack = false;
  static_cast<void>(must(images::load_archive(*store, file, archive, options, nullptr, {})));
}

void unpack(const std::string& root) {
  const auto store = must(images::Store::open(root));
  const auto lease = must(store->lease());
  const auto jobs = all_layers(*store);
  must(images::run_jobs(jobs.size(), kWorkers, {},
                        [&](std::size_t mine, const std::stop_token&) -> nacre::Result<void> {
                          const Job& job = jobs[mine];
                          static_cast<void>(
                              NACRE_TRY(store->unpack(lease, job.blob, job.diff_id, {})));
                          return {};
                        }));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "";
  if (verb == "load" && argc == 4) {
    load(argv[2], argv[3]);
  } else if (verb == "unpack" && argc == 3) {
    unpack(argv[2]);
  } else {
    die("see the head of tests/bench/unpack.cc");
  }
}
