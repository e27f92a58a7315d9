// nacre-bench-streams: what the streams and the tar format cost by themselves, one processor, no
// disk.
//   nacre-bench-streams [--seconds S]        everything that needs no file
//   nacre-bench-streams --inflate FILE       inflates FILE to nothing, to be timed beside igzip -dc
#include <fcntl.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "images/stream/compress.h"
#include "images/stream/decompress.h"
#include "images/stream/file.h"
#include "images/stream/filters.h"
#include "images/stream/hasher.h"
#include "images/stream/memory.h"
#include "images/stream/pipe.h"
#include "images/tar/reader.h"
#include "images/tar/writer.h"
#include "sys/file.h"

namespace {

using namespace nacre;
using namespace nacre::images;
using Clock = std::chrono::steady_clock;

template <class T>
T must(Result<T> result) {
  if (result) {
    if constexpr (std::is_void_v<T>) {
      return;
    } else {
      return *std::move(result);
    }
  }
  std::fprintf(stderr, "nacre-bench-streams: %s\n", result.error().message().c_str());
  std::exit(1);
}

// The fastest of the runs that fit into the time: what disturbs only ever adds.
template <class F>
double best_seconds(double for_seconds, F once) {
  double best = 1e9;
  const auto start = Clock::now();
  do {
    const auto begin = Clock::now();
    once();
    best = std::min(best, std::chrono::duration<double>(Clock::now() - begin).count());
  } while (std::chrono::duration<double>(Clock::now() - start).count() < for_seconds);
  return best;
}

void report_rate(const char* what, double bytes, double seconds) {
  std::printf("%-44s %8.2f GB/s\n", what, bytes / seconds / 1e9);
}

// What costs as much as reading a file that is in memory.
class ZeroSource final : public Source {
 public:
  explicit ZeroSource(std::uint64_t size) : left_(size) {}
  Result<std::size_t> read(Buffer into) override {
    const std::size_t size = std::min<std::uint64_t>(into.size(), left_);
    std::memset(into.data(), 0, size);
    left_ -= size;
    return size;
  }

 private:
  std::uint64_t left_;
};

// A header from memory, then data from nowhere.
class ArchiveSource final : public Source {
 public:
  ArchiveSource(std::string_view header, std::uint64_t data) : header_(header), data_(data) {}
  Result<std::size_t> read(Buffer into) override {
    const std::size_t got = *header_.read(into);
    return got > 0 ? Result<std::size_t>(got) : data_.read(into);
  }

 private:
  MemorySource header_;
  ZeroSource data_;
};

// Names and sizes as a Debian system has them, roughly, and contents that compress three times.
std::string small_files(int count) {
  MemorySink sink;
  tar::Writer writer(sink);
  unsigned state = 1;
  const auto random = [&] { return (state = state * 1103515245 + 12345) >> 16U; };
  for (int i = 0; i < count; ++i) {
    tar::Entry entry;
    entry.path = "usr/share/doc/package-" + std::to_string(i / 10) + "/file-" + std::to_string(i);
    entry.mode = 0644;
    entry.mtime = {1'700'000'000 + i, 0};
    std::string data;
    for (const std::size_t size = random() % 4096; data.size() < size;) {
      if (random() % 3 == 0) data += " and what often follows ";
      for (unsigned n = random() % 12; n > 0; --n) data += static_cast<char>(' ' + random() % 64);
    }
    entry.size = data.size();
    must(writer.add(entry));
    must(writer.write(as_bytes(data)));
  }
  must(writer.finish());
  return sink.take();
}

std::string pax_files(int count) {
  MemorySink sink;
  tar::Writer writer(sink);
  for (int i = 0; i < count; ++i) {
    tar::Entry entry;
    entry.path = std::string(120, 'p') + "/" + std::to_string(i) + std::string(90, 'n');
    entry.mtime = {1'700'000'000 + i, 123456789};
    entry.xattrs["security.capability"] = std::string(20, '\1');
    must(writer.add(entry));
  }
  must(writer.finish());
  return sink.take();
}

int entries_in(std::string_view archive) {
  MemorySource source(archive);
  tar::Reader reader(source);
  int count = 0;
  while (must(reader.next())) {
    while (!must(reader.view()).empty()) {
    }
    ++count;
  }
  return count;
}

void measure_tar(double seconds) {
  constexpr std::uint64_t kGiB = std::uint64_t{1} << 30U;
  MemorySink one;
  tar::Writer writer(one);
  tar::Entry large;
  large.path = "large";
  large.size = kGiB;
  must(writer.add(large));
  std::string chunk(kChunk, '\0');
  // What add() wrote is still in the writer's buffer; a large piece makes it leave.
  must(writer.write(as_bytes(chunk)));
  const std::string header = one.text().substr(0, 512);
  const double nothing = best_seconds(seconds, [&] {
    ZeroSource source(kGiB);
    const Buffer into = std::as_writable_bytes(std::span(chunk));
    while (must(source.read(into)) > 0) {
    }
  });
  report_rate("1 GiB of zeros without tar", 1 << 30, nothing);
  for (const bool view : {false, true}) {
    const double took = best_seconds(seconds, [&] {
      ArchiveSource source(header, kGiB);
      tar::Reader reader(source);
      must(reader.next());
      const Buffer into = std::as_writable_bytes(std::span(chunk));
      while (view ? !must(reader.view()).empty() : must(reader.read(into)) > 0) {
      }
    });
    report_rate(view ? "tar: view a file of 1 GiB" : "tar: read a file of 1 GiB", 1 << 30, took);
  }
  for (const auto& [what, archive] :
       {std::pair("tar: read small files, ustar", small_files(50'000)),
        std::pair("tar: read entries with pax headers", pax_files(50'000))}) {
    int count = 0;
    const double took = best_seconds(seconds, [&] { count = entries_in(archive); });
    std::printf("%-44s %8.0f ns per entry\n", what, took / count * 1e9);
  }
}

double inflate_once(std::string_view squeezed) {
  MemorySource source(squeezed);
  const Decompressed opened = must(decompress(source));
  NullSink sink;
  return static_cast<double>(must(copy(*opened.source, sink)));
}

void measure_streams(double seconds) {
  const std::string text = small_files(100'000);
  for (const auto& [what, kind] :
       {std::pair("gzip", Compression::kGzip), std::pair("zstd", Compression::kZstd)}) {
    std::string squeezed;
    const double packing = best_seconds(seconds, [&] {
      MemorySink out;
      const auto sink = must(compress(out, kind));
      must(sink->write(as_bytes(text)));
      must(sink->finish());
      squeezed = out.take();
    });
    report_rate((std::string(what) + ": compress").c_str(), static_cast<double>(text.size()),
                packing);
    const double took = best_seconds(seconds, [&] { inflate_once(squeezed); });
    report_rate((std::string(what) + ": inflate").c_str(), static_cast<double>(text.size()), took);
    std::printf("%-44s %8.2f\n", (std::string(what) + ": ratio").c_str(),
                static_cast<double>(text.size()) / static_cast<double>(squeezed.size()));
  }
  const double hashing = best_seconds(seconds, [&] {
    Hasher hasher;
    hasher.update(as_bytes(text));
    must(hasher.finish());
  });
  report_rate("sha256", static_cast<double>(text.size()), hashing);
  const double piping = best_seconds(seconds, [&] {
    MemorySource source(text);
    const auto ahead = must(ReadAhead::start(source));
    NullSink sink;
    must(copy(*ahead, sink));
  });
  report_rate("pipe between two threads", static_cast<double>(text.size()), piping);
}

int inflate_file(const char* path) {
  const auto fd = sys::openat(sys::kCwd, path, O_RDONLY);
  if (!fd) {
    std::fprintf(stderr, "nacre-bench-streams: open %s: %s\n", path, errno_text(fd.error()));
    return 1;
  }
  FileSource source(*fd, path);
  const Decompressed opened = must(decompress(source));
  NullSink sink;
  std::printf("%llu bytes\n", static_cast<unsigned long long>(must(copy(*opened.source, sink))));
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 3 && std::strcmp(arguments[1], "--inflate") == 0) return inflate_file(arguments[2]);
  double seconds = 2;
  if (count == 3 && std::strcmp(arguments[1], "--seconds") == 0) {
    seconds = std::atof(arguments[2]);
  } else if (count != 1) {
    std::fprintf(stderr, "usage: nacre-bench-streams [--seconds S | --inflate FILE]\n");
    return 2;
  }
  measure_tar(seconds);
  measure_streams(seconds);
  return 0;
}
