// How long it takes from an unpacked image to a mounted root, by the number of its layers.
//
//   nacre-bench-snapshots FOLDER [REPEATS]
//
// FOLDER: an empty one on the file system that counts; needs root. Medians in milliseconds, with
// the smallest and the largest. "first": a chain that nobody has stood on before.
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "images/snapshots/snapshotter.h"
#include "images/stream/hasher.h"
#include "images/stream/memory.h"
#include "images/tar/writer.h"

namespace {

using namespace nacre;
using namespace nacre::images;
using Layers = std::vector<oci::Digest>;

constexpr std::size_t kMostLayers = 400;

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "nacre-bench-snapshots: %s\n", result.error().message().c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// A directory that the layer leaves to the ones below, and a file.
std::string archive_of(std::size_t number) {
  MemorySink bytes;
  tar::Writer writer(bytes);
  tar::Entry file;
  file.path = "etc/layer" + std::to_string(number);
  file.mode = 0644;
  const std::string content = "layer " + std::to_string(number);
  file.size = content.size();
  must(writer.add(file));
  must(writer.write(as_bytes(content)));
  must(writer.finish());
  return bytes.take();
}

oci::Digest put_layer(Store& store, const Lease& lease, std::size_t number) {
  const std::string archive = archive_of(number);
  const auto blob =
      must(store.put_document(lease, "application/vnd.oci.image.layer.v1.tar", archive));
  must(store.unpack(lease, blob, blob.digest, nullptr));
  return blob.digest;
}

class Clock {
 public:
  void time(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    samples_.push_back(took.count());
  }
  void print(const char* what) {
    std::ranges::sort(samples_);
    std::printf("  %-34s %9.3f  (%.3f .. %.3f)\n", what, samples_[samples_.size() / 2],
                samples_.front(), samples_.back());
  }

 private:
  std::vector<double> samples_;
};

struct Bench {
  Store& store;
  Snapshotter& snapshots;
  int repeats;
};

void print_header(std::size_t layers, const char* what) {
  std::printf("%zu layer%s%s\n", layers, layers == 1 ? "" : "s", what);
}

void run(const Bench& bench, const Layers& layers) {
  print_header(layers.size(), "");
  Clock first, prepare, mount, quick, commit, remove;
  first.time([&] { must(bench.snapshots.prepare("first", layers, {.ephemeral = true})); });
  for (int i = 0; i < bench.repeats; ++i) {
    prepare.time([&] { must(bench.snapshots.prepare("work", layers, {})); });
    mount.time([&] { must(bench.snapshots.mounts("work", {})); });
    commit.time([&] { must(bench.snapshots.commit("frozen", "work", {})); });
    remove.time([&] { must(bench.snapshots.remove("frozen")); });
    quick.time([&] {
      must(bench.snapshots.prepare("run", layers, {.ephemeral = true}));
      must(bench.snapshots.mounts("run", {}));
    });
    must(bench.snapshots.remove("run"));
  }
  must(bench.snapshots.remove("first"));
  first.print("prepare, first");
  quick.print("prepare + mount, ephemeral");
  prepare.print("prepare");
  mount.print("mount");
  commit.print("commit (nothing written)");
  remove.print("remove");
}

// The mount alone, each way of handing layers over.
void run_ways(const Bench& bench, const Layers& layers) {
  print_header(layers.size(), ", the mount alone");
  must(bench.snapshots.prepare("ways", layers, {.ephemeral = true}));
  const OverlayMount overlay = must(bench.snapshots.layers("ways"));
  const OverlayFeatures best = must(probe_overlay());
  constexpr const char* kNames[] = {"by descriptor", "by path", "in a namespace of its own"};
  for (int way = static_cast<int>(best.passing); way <= 2; ++way) {
    OverlayFeatures features = best;
    features.passing = static_cast<LayerPassing>(way);
    OverlayMount again = {};
    again.user_attributes = overlay.user_attributes;
    for (const sys::DirFd& lower : overlay.lowers) {
      again.lowers.push_back(sys::DirFd(::dup(lower.get())));
    }
    again.writable = sys::DirFd(::dup(overlay.writable.get()));
    Clock clock;
    for (int i = 0; i < bench.repeats; ++i)
      clock.time([&] { must(make_overlay(again, features)); });
    clock.print(kNames[way]);
  }
  must(bench.snapshots.remove("ways"));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: nacre-bench-snapshots FOLDER [REPEATS]\n");
    return 2;
  }
  const auto store = must(Store::open(std::filesystem::absolute(argv[1])));
  const auto snapshots = must(Snapshotter::open(*store, must(probe_overlay())));
  const Lease lease = must(store->lease());
  Layers layers;
  for (std::size_t i = 0; i < kMostLayers; ++i) layers.push_back(put_layer(*store, lease, i));
  const Bench bench{*store, *snapshots, argc > 2 ? std::atoi(argv[2]) : 21};
  for (const std::size_t count : {std::size_t{1}, std::size_t{10}, std::size_t{100}, kMostLayers}) {
    // From the top down: the prefixes of one stack would not be new.
    const Layers some(layers.end() - static_cast<std::ptrdiff_t>(count), layers.end());
    run(bench, some);
    run_ways(bench, some);
  }
  return 0;
}
