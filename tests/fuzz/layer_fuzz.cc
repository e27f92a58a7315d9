// Any sequence of entries, made from a few names so that they meet each other: nothing outside the
// layer changes, the manifest agrees with the disk, and the layer written from it gives the same
// layer again.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "images/layers/layers.h"
#include "images/stream/memory.h"
#include "images/tar/writer.h"
#include "tests/fuzz/require.h"

namespace {

namespace fs = std::filesystem;
using namespace nacre::images;
using nacre::fuzz::require;

// One byte, one decision.
class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size) : at_(data), left_(size) {}
  [[nodiscard]] bool empty() const { return left_ == 0; }
  std::size_t below(std::size_t limit) {
    if (left_ == 0) return 0;
    --left_;
    return *at_++ % limit;
  }

 private:
  const std::uint8_t* at_;
  std::size_t left_;
};

std::string path_from(Choices& choices, const std::string& outside) {
  static constexpr const char* kParts[] = {
      "a",  "b", "c", "a",    "b",       ".wh.a", ".wh.b", ".wh..wh..opq",
      "..", ".", "",  ".wh.", "outside", "canary"};
  std::string path;
  const std::size_t count = choices.below(6);
  if (count == 5) return outside + "/canary";
  for (std::size_t i = 0; i <= count; ++i) {
    if (i > 0) path += '/';
    path += kParts[choices.below(std::size(kParts))];
  }
  return path;
}

std::string archive_from(Choices& choices, const std::string& outside) {
  MemorySink sink;
  tar::Writer writer(sink);
  while (!choices.empty()) {
    tar::Entry entry;
    entry.type = static_cast<tar::Type>(choices.below(7));
    entry.path = path_from(choices, outside);
    entry.mode = choices.below(2) == 0 ? 0755 : 0;
    const bool link = entry.type == tar::Type::kHardLink || entry.type == tar::Type::kSymlink;
    if (link) entry.link_target = path_from(choices, outside);
    if (entry.type == tar::Type::kCharDevice) entry.device_minor = 3;
    if (entry.type == tar::Type::kFile) entry.size = choices.below(3);
    if (entry.type == tar::Type::kFile && choices.below(4) == 0) entry.xattrs["user.x"] = "1";
    if (!writer.add(entry)) continue;  // what no archive can hold
    require(writer.write(as_bytes(std::string(entry.size, 'x'))).has_value(), "write");
  }
  require(writer.finish().has_value(), "finish");
  return sink.take();
}

nacre::sys::DirFd open(const fs::path& path) {
  return nacre::sys::DirFd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

struct World {
  World() {
    std::string pattern = (fs::temp_directory_path() / "nacre-layer-fuzz.XXXXXX").string();
    require(::mkdtemp(pattern.data()) != nullptr, "mkdtemp");
    root = pattern;
    fs::create_directories(root / "outside/cage");
    require(::close(::creat((root / "outside/canary").c_str(), 0600)) == 0, "canary");
    before = look();
  }
  ~World() { fs::remove_all(root); }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  [[nodiscard]] std::string look() const {
    std::string seen;
    for (const char* name : {"outside", "outside/canary", "outside/cage"}) {
      struct stat one{};
      require(::lstat((root / name).c_str(), &one) == 0, name);
      seen += std::to_string(one.st_ctim.tv_sec) + '.' + std::to_string(one.st_ctim.tv_nsec) + ' ' +
              std::to_string(one.st_nlink) + ' ';
    }
    return seen;
  }
  [[nodiscard]] fs::path fresh(const char* name) const {
    const fs::path path = root / name;
    if (fs::exists(path)) {
      for (const auto& entry : fs::recursive_directory_iterator(path)) {
        if (entry.symlink_status().type() == fs::file_type::directory)
          fs::permissions(entry.path(), fs::perms::owner_all);
      }
      fs::remove_all(path);
    }
    fs::create_directory(path);
    return path;
  }

  fs::path root;
  std::string before;
};

nacre::Result<std::string> unpack(const std::string& archive, const fs::path& where) {
  ApplyOptions options;
  options.whiteouts = WhiteoutForm::kUser;
  options.squash_ids = true;
  options.budget.free_bytes = 0;
  options.budget.entries = 1000;
  MemorySource source(archive);
  MemorySink manifest;
  const auto applied = apply_layer(source, open(where), manifest, options);
  if (!applied) return std::unexpected(applied.error());
  return manifest.take();
}

void check(const World& world, const fs::path& layer, const std::string& manifest) {
  MemorySource source(manifest);
  const auto differences = compare_with_manifest(open(layer), source, 1);
  require(differences.has_value(), "compare");
  // Only root can look into what is closed.
  const bool closed = !differences->empty() && ::geteuid() != 0;
  require(differences->empty() || closed, differences->empty() ? "" : differences->front());
  if (closed) return;
  MemorySink tar;
  const auto written = write_layer(open(layer), {}, tar, {.whiteouts = WhiteoutForm::kUser});
  require(written.has_value(), written ? "" : written.error().message());
  const auto again = unpack(tar.text(), world.fresh("again"));
  require(again.has_value(), again ? "" : again.error().message());
  require(*again == manifest, "not the same again:\n" + manifest + *again);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World kWorld;
  Choices choices(data, std::min<std::size_t>(size, 200));
  const std::string archive = archive_from(choices, kWorld.root / "outside");
  const fs::path layer = kWorld.fresh("layer");
  const auto manifest = unpack(archive, layer);
  if (manifest) check(kWorld, layer, *manifest);
  require(kWorld.look() == kWorld.before, "something outside the layer was touched");
  return 0;
}
