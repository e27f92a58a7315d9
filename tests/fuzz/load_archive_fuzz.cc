// Any archive, or any files in one: whatever is loaded has a document for its target, whatever is
// refused gives nothing a name. And manifest.json: what is taken is the same when written and read
// again.
//
// The first byte says what the rest is: 'A' an archive as it is, anything else a list of members,
// "name\x1Fcontent\x1E", so that changes get past the checksums of headers.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/text.h"
#include "images/formats/load.h"
#include "images/stream/memory.h"
#include "images/tar/writer.h"
#include "oci-spec/image/docker_archive.h"
#include "tests/fuzz/require.h"

namespace {

namespace fs = std::filesystem;
using namespace nacre::images;
using nacre::fuzz::require;

struct World {
  World() {
    const fs::path memory = "/dev/shm";
    std::string pattern =
        (::access(memory.c_str(), W_OK) == 0 ? memory : fs::temp_directory_path()) /
        "nacre-load-fuzz.XXXXXX";
    require(::mkdtemp(pattern.data()) != nullptr, "mkdtemp");
    root = pattern;
    StoreOptions options;
    options.budget.free_bytes = 0;
    options.squash_ids = true;
    auto opened = Store::open(root / "store", options);
    require(opened.has_value(), opened ? "" : opened.error().message());
    store = *std::move(opened);
  }
  ~World() {
    store.reset();
    fs::remove_all(root);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  fs::path root;
  std::unique_ptr<Store> store;
};

std::string archive_from(std::string_view list) {
  MemorySink sink;
  tar::Writer writer(sink);
  for (const std::string_view member : nacre::text::split(list, '\x1e')) {
    const std::size_t middle = member.find('\x1f');
    if (middle == std::string_view::npos) continue;
    tar::Entry entry;
    entry.path = member.substr(0, middle);
    const std::string_view content = member.substr(middle + 1);
    if (content.starts_with("->")) {
      entry.type = tar::Type::kSymlink;
      entry.link_target = content.substr(2);
    } else {
      entry.size = content.size();
    }
    if (!writer.add(entry)) continue;  // what no archive can hold
    if (entry.size > 0) require(writer.write(as_bytes(content)).has_value(), "write");
  }
  require(writer.finish().has_value(), "finish");
  return sink.take();
}

void load(World& world, const std::string& bytes) {
  const nacre::UniqueFd file(::memfd_create("archive", MFD_CLOEXEC));
  require(::write(file.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
          "memfd");
  require(::lseek(file.get(), 0, SEEK_SET) == 0, "rewind");
  const auto loaded = load_archive(*world.store, file, "archive", {.parallel = 1}, nullptr, {});
  const auto images = world.store->images();
  require(images.has_value(), "images");
  if (!loaded) {
    require(!loaded.error().message().empty(), "an error without a sentence");
    require(images->empty(), "a refused archive has named something");
    return;
  }
  for (const LoadedImage& image : *loaded) {
    const auto blob = world.store->find_blob(image.target.digest);
    require(blob && blob->has_value(), "a loaded image is not there");
    for (const std::string& name : image.names)
      require(world.store->remove_image(name).has_value(), "a name is not there");
  }
  require(world.store->images()->empty(), "an image that was not told of has a name");
}

void manifest(std::string_view text) {
  const auto parsed = nacre::oci::parse_docker_archive(text);
  if (!parsed) return;
  const auto again = nacre::oci::parse_docker_archive(nacre::oci::to_json(*parsed));
  require(again && *again == *parsed, "manifest.json is not the same again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World world;
  if (size == 0 || size > 200'000) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  manifest(rest);
  load(world, data[0] == 'A' ? std::string(rest) : archive_from(rest));
  return 0;
}
