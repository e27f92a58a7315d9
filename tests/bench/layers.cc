// Unpacking a layer beside `bsdtar -x`, of the same archive, into the same filesystem, in turns.
//   nacre-bench-layers [DIRECTORY [ROUNDS]]      needs root, bsdtar, and 1 GiB in DIRECTORY
// Each round unpacks anew and removes what it made outside the measured time.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "images/layers/layers.h"
#include "images/stream/memory.h"
#include "images/tar/writer.h"

namespace {

namespace fs = std::filesystem;
namespace images = nacre::images;

[[noreturn]] void die(const std::string& why) {
  static_cast<void>(std::fprintf(stderr, "nacre-bench-layers: %s\n", why.c_str()));
  std::exit(1);
}

double now() {
  timespec at{};
  ::clock_gettime(CLOCK_MONOTONIC, &at);
  return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) * 1e-9;
}

template <class T>
T must(nacre::Result<T> result, const char* what) {
  if (!result) die(std::string(what) + ": " + result.error().message());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// Bytes that no filesystem compresses and no hole detection likes.
std::string noise(std::size_t size) {
  std::string out(size, '\0');
  std::uint64_t state = 88172645463325252U;
  for (char& byte : out) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    byte = static_cast<char>(state);
  }
  return out;
}

class FileSink final : public images::Sink {
 public:
  explicit FileSink(int fd) : fd_(fd) {}
  nacre::Result<void> write(images::Bytes bytes) override {
    while (!bytes.empty()) {
      const ssize_t put = ::write(fd_, bytes.data(), bytes.size());
      if (put <= 0) die("cannot write the archive");
      bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return {};
  }
  nacre::Result<void> finish() override { return {}; }

 private:
  int fd_;
};

class FileSource final : public images::Source {
 public:
  explicit FileSource(int fd) : fd_(fd) {}
  nacre::Result<std::size_t> read(images::Buffer into) override {
    const ssize_t got = ::read(fd_, into.data(), into.size());
    if (got < 0) die("cannot read the archive");
    return static_cast<std::size_t>(got);
  }

 private:
  int fd_;
};

struct Shape {
  const char* name;
  int directories, files;  // per directory
  std::size_t size;
};

void make_archive(const fs::path& path, const Shape& shape) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  FileSink sink(fd);
  images::tar::Writer writer(sink);
  const std::string content = noise(shape.size);
  for (int d = 0; d < shape.directories; ++d) {
    images::tar::Entry entry;
    entry.type = images::tar::Type::kDirectory;
    entry.path = "usr/share/d" + std::to_string(d) + '/';
    entry.mode = 0755;
    entry.mtime = {1700000000, 0};
    must(writer.add(entry), "directory");
    const std::string directory = entry.path;
    for (int f = 0; f < shape.files; ++f) {
      entry.type = images::tar::Type::kFile;
      entry.path = directory + "file" + std::to_string(f);
      entry.mode = 0644;
      entry.size = content.size();
      must(writer.add(entry), "file");
      must(writer.write(images::as_bytes(content)), "content");
    }
  }
  must(writer.finish(), "archive");
  ::close(fd);
}

double with_nacre(const fs::path& archive, const fs::path& where) {
  const nacre::sys::DirFd target(::open(where.c_str(), O_PATH | O_DIRECTORY));
  const int fd = ::open(archive.c_str(), O_RDONLY);
  FileSource source(fd);
  images::MemorySink manifest;
  const double start = now();
  must(images::apply_layer(source, target, manifest, {}), "apply_layer");
  const double took = now() - start;
  ::close(fd);
  return took;
}

double with_bsdtar(const fs::path& archive, const fs::path& where) {
  const std::string command =
      "bsdtar --numeric-owner -C '" + where.string() + "' -xpf '" + archive.string() + "'";
  const double start = now();
  if (std::system(command.c_str()) != 0) die("bsdtar failed");
  return now() - start;
}

template <class Run>
double once(const fs::path& work, Run run) {
  const fs::path where = work / "layer";
  fs::create_directory(where);
  const double took = run(where);
  fs::remove_all(where);
  return took;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  std::string pattern =
      std::string(argc > 1 ? argv[1] : fs::temp_directory_path().c_str()) + "/nacre-bench.XXXXXX";
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 7;
  if (rounds < 1 || ::mkdtemp(pattern.data()) == nullptr) die("cannot make " + pattern);
  const fs::path work = pattern;
  std::printf("%-34s %10s %10s %7s\n", "", "nacre", "bsdtar", "ratio");
  for (const Shape& shape : {Shape{"10000 files of 4 KiB", 100, 100, 4096},
                             Shape{"10000 files of 100 bytes", 100, 100, 100},
                             Shape{"1 file of 256 MiB", 1, 1, std::size_t{256} << 20U}}) {
    const fs::path archive = work / "archive.tar";
    make_archive(archive, shape);
    std::vector<double> ours;
    std::vector<double> theirs;
    for (int round = 0; round < rounds; ++round) {
      ours.push_back(once(work, [&](const fs::path& where) { return with_nacre(archive, where); }));
      theirs.push_back(
          once(work, [&](const fs::path& where) { return with_bsdtar(archive, where); }));
    }
    std::printf("%-34s %8.3f s %8.3f s %7.2f\n", shape.name, median(ours), median(theirs),
                median(ours) / median(theirs));
    std::fflush(stdout);
  }
  fs::remove_all(work);
}
