// A process that does one thing with images, to be killed, cut off, refused or run beside others:
//
//   images_worker ROOT pull REFERENCE       from the registry that NACRE_WORKER_HOSTS describes
//   images_worker ROOT unpack BLOB SIZE DIFFID      a blob that is in the store
//   images_worker ROOT remove REFERENCE
//   images_worker ROOT collect | trash | check
//   images_worker ROOT collecting           collects and empties the trash until its input ends
//   images_worker ROOT loop REFERENCE...    pulls, removes, collects for ever; says each thing it
//                                           has done in a line
//   images_worker ROOT zeros BYTES          makes the blob of a layer with one file of zeros,
//   images_worker ROOT entries COUNT        or with so many empty files; prints BLOB SIZE DIFFID
//
// Ends with 2 and prints an error as "code: sentence". With NACRE_WORKER_MEMORY the last line of
// the output is the most memory it ever had, in KiB. NACRE_WORKER_ENTRIES is the budget of entries.
#include <poll.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "images/registry/pull.h"
#include "images/store/store.h"
#include "images/stream/compress.h"
#include "images/stream/hasher.h"
#include "images/tar/writer.h"

namespace {

using namespace nacre;
using namespace nacre::images;
using Arguments = std::vector<std::string>;

void acknowledge(const std::string& what) {
  std::printf("%s\n", what.c_str());
  std::fflush(stdout);
}

Result<void> pull_image(Store& store, const std::string& name) {
  registry::ClientOptions options;
  if (const char* hosts = std::getenv("NACRE_WORKER_HOSTS")) options.paths.hosts_dirs = {hosts};
  registry::Client client(registry::make_network_transport(), registry::make_fixed_credential({}),
                          registry::make_system_clock(), options);
  const Reference reference = NACRE_TRY(Reference::parse(name));
  static_cast<void>(NACRE_TRY(registry::pull(client, store, reference, {}, nullptr, {})));
  return {};
}

Result<void> unpack(Store& store, const Arguments& arguments) {
  const Lease lease = NACRE_TRY(store.lease());
  oci::Descriptor blob;
  blob.digest = NACRE_TRY(oci::Digest::parse(arguments.at(0)));
  blob.size = std::strtoull(arguments.at(1).c_str(), nullptr, 10);
  const oci::Digest diff_id = NACRE_TRY(oci::Digest::parse(arguments.at(2)));
  static_cast<void>(NACRE_TRY(store.unpack(lease, blob, diff_id, {})));
  return {};
}

Result<void> collect(Store& store) {
  NACRE_TRY(store.collect());
  return store.empty_trash({});
}

Result<void> collecting(Store& store) {
  for (;;) {
    pollfd input{0, POLLIN, 0};
    if (::poll(&input, 1, 0) != 0) return {};
    NACRE_TRY(collect(store));
  }
}

Result<void> check(Store& store) {
  const auto damages = NACRE_TRY(store.check({.deep = true}));
  for (const Damage& damage : damages) acknowledge(damage.what + ": " + damage.problem);
  if (damages.empty()) return {};
  return fail(internal_error("there is damage"));
}

// Every line is printed after the store has said that it is done.
Result<void> loop(Store& store, const Arguments& names) {
  for (std::size_t turn = 0;; ++turn) {
    const std::string& name = names.at(turn % names.size());
    NACRE_TRY(pull_image(store, name));
    acknowledge("pulled " + name);
    if (turn % 3 == 2) {
      NACRE_TRY(store.make_durable());
      acknowledge("durable");
    }
    if (turn % 2 == 1) {
      acknowledge("removing " + name);
      NACRE_TRY(store.remove_image(name));
      acknowledge("removed " + name);
      NACRE_TRY(collect(store));
    }
  }
}

// Brings in a compressed archive that `fill` writes.
Result<void> make_blob(Store& store, const std::function<Result<void>(tar::Writer&)>& fill) {
  const Lease lease = NACRE_TRY(store.lease());
  const auto ingest = NACRE_TRY(store.ingest(lease, {}));
  const auto compressed = NACRE_TRY(compress(*ingest, Compression::kGzip));
  Hasher hasher;
  HashingSink plain(*compressed, hasher);
  tar::Writer archive(plain);
  NACRE_TRY(fill(archive));
  NACRE_TRY(archive.finish());
  NACRE_TRY(compressed->finish());
  NACRE_TRY(ingest->commit(lease));
  const auto blob = NACRE_TRY(store.find_blob(ingest->digest()));
  acknowledge(blob->digest.text() + " " + std::to_string(blob->size) + " " +
              NACRE_TRY(hasher.finish()).text());
  return {};
}

Result<void> make_zeros(Store& store, std::uint64_t bytes) {
  return make_blob(store, [&](tar::Writer& archive) -> Result<void> {
    tar::Entry file;
    file.path = "zeros";
    file.mode = 0644;
    file.size = bytes;
    NACRE_TRY(archive.add(file));
    const std::vector<std::byte> zeros(std::size_t{1} << 20U);
    for (std::uint64_t left = bytes; left > 0;) {
      const auto piece = std::min<std::uint64_t>(left, zeros.size());
      NACRE_TRY(archive.write(Bytes(zeros).first(piece)));
      left -= piece;
    }
    return {};
  });
}

Result<void> make_entries(Store& store, std::uint64_t count) {
  return make_blob(store, [&](tar::Writer& archive) -> Result<void> {
    tar::Entry file;
    file.mode = 0644;
    for (std::uint64_t i = 0; i < count; ++i) {
      file.path = "folder" + std::to_string(i / 1000) + "/file" + std::to_string(i % 1000);
      NACRE_TRY(archive.add(file));
    }
    return {};
  });
}

Result<void> run(Store& store, const std::string& verb, const Arguments& rest) {
  if (verb == "pull") return pull_image(store, rest.at(0));
  if (verb == "unpack") return unpack(store, rest);
  if (verb == "remove") return store.remove_image(rest.at(0));
  if (verb == "collect") {
    NACRE_TRY(store.collect());
    return {};
  }
  if (verb == "trash") return store.empty_trash({});
  if (verb == "collecting") return collecting(store);
  if (verb == "check") return check(store);
  if (verb == "loop") return loop(store, rest);
  if (verb == "zeros") return make_zeros(store, std::stoull(rest.at(0)));
  if (verb == "entries") return make_entries(store, std::stoull(rest.at(0)));
  return fail(invalid_argument("no such verb: " + verb));
}

void say_memory() {
  if (std::getenv("NACRE_WORKER_MEMORY") == nullptr) return;
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with("VmHWM:")) continue;
    acknowledge(std::to_string(std::strtoul(line.c_str() + 6, nullptr, 10)));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 64;
  StoreOptions options;
  options.budget.free_bytes = 0;
  if (const char* entries = std::getenv("NACRE_WORKER_ENTRIES")) {
    options.budget.entries = std::strtoull(entries, nullptr, 10);
  }
  Result<void> done;
  {
    const auto store = Store::open(argv[1], options);
    done = store ? run(**store, argv[2], {argv + 3, argv + argc})
                 : Result<void>(fail(Error(store.error())));
  }
  say_memory();
  if (done) return 0;
  std::fprintf(stderr, "%s: %s\n", to_text(done.error().code()), done.error().message().c_str());
  return 2;
}
