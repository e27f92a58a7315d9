// Loading an archive into a fresh store, then again, and saving what was loaded.
//   nacre-bench-formats STORE ARCHIVE [--no-unpack]      STORE must not exist; it is left behind
// Milliseconds, one line each: first, again, save. Compare with `igzip -dc`, docker, podman and ctr
// in turns.
#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "images/formats/load.h"
#include "images/formats/save.h"
#include "images/stream/memory.h"

namespace {

namespace images = nacre::images;

double now_ms() {
  timespec at{};
  ::clock_gettime(CLOCK_MONOTONIC, &at);
  return static_cast<double>(at.tv_sec) * 1e3 + static_cast<double>(at.tv_nsec) * 1e-6;
}

template <class T>
T must(nacre::Result<T> result) {
  if (!result) {
    static_cast<void>(
        std::fprintf(stderr, "nacre-bench-formats: %s\n", result.error().message().c_str()));
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

std::vector<images::LoadedImage> load(images::Store& store, const char* path, bool unpack) {
  const nacre::UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC));
  if (!file) must(nacre::Result<void>(nacre::fail(nacre::not_found(path))));
  return must(images::load_archive(store, file, path, {.unpack = unpack}, nullptr, {}));
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    static_cast<void>(
        std::fprintf(stderr, "usage: nacre-bench-formats STORE ARCHIVE [--no-unpack]\n"));
    return 2;
  }
  const bool unpack = count == 3;
  const auto store = must(images::Store::open(arguments[1]));
  double start = now_ms();
  const auto loaded = load(*store, arguments[2], unpack);
  std::printf("first %.1f\n", now_ms() - start);
  start = now_ms();
  load(*store, arguments[2], unpack);
  std::printf("again %.1f\n", now_ms() - start);
  std::vector<images::SaveImage> saved;
  for (const auto& one : loaded) saved.push_back({.names = one.names, .target = one.target});
  images::NullSink sink;
  start = now_ms();
  must(images::save_archive(*store, saved, sink, {}, nullptr, {}));
  std::printf("save %.1f\n", now_ms() - start);
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  std::printf("memory %ld KiB\n", usage.ru_maxrss);
  return 0;
}
