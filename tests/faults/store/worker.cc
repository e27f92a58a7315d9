// A process that does one thing to a store, to be killed, cut off or run beside others:
//
//   store_worker ROOT pull NAME SEED...     an image of one layer for each seed, unpacked
//   store_worker ROOT ingest SEED...        the blobs only, under a lease that ends with the
//   process store_worker ROOT remove NAME store_worker ROOT collect               and empties the
//   trash store_worker ROOT durable store_worker ROOT check                 deep; says what is
//   damaged and ends with 2 store_worker ROOT loop SEED             pulls, removes, collects for
//   ever; acknowledges on
//                                           standard output, a line each
//   store_worker ROOT fill SEED             pulls images until there is an error; prints its code
//
// Layers have NACRE_WORKER_FILES files of NACRE_WORKER_BYTES bytes (5 of 2000).
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/unit/images_store/samples.h"

namespace {

using namespace nacre;
using namespace nacre::images;
using test::SampleImage;
using test::SampleLayer;

int number_from(const char* variable, int fallback) {
  const char* text = std::getenv(variable);
  return text == nullptr ? fallback : std::atoi(text);
}

SampleLayer layer_of(const std::string& seed) {
  return test::sample_layer(seed, number_from("NACRE_WORKER_FILES", 5),
                            static_cast<std::size_t>(number_from("NACRE_WORKER_BYTES", 2000)));
}

SampleImage image_of(const std::string& name, const std::vector<std::string>& seeds) {
  std::vector<SampleLayer> layers;
  layers.reserve(seeds.size());
  for (const std::string& seed : seeds) layers.push_back(layer_of(seed));
  return test::sample_image(name, std::move(layers));
}

void acknowledge(const std::string& what) {
  std::printf("%s\n", what.c_str());
  std::fflush(stdout);
}

Result<void> ingest(Store& store, const std::vector<std::string>& seeds) {
  const Lease lease = NACRE_TRY(store.lease());
  for (const std::string& seed : seeds) {
    const SampleLayer layer = layer_of(seed);
    NACRE_TRY(test::put_blob(store, lease, layer.descriptor, layer.blob));
  }
  return {};
}

Result<void> check(Store& store) {
  const auto damages = NACRE_TRY(store.check({.deep = true}));
  for (const Damage& damage : damages) acknowledge(damage.what + ": " + damage.problem);
  if (damages.empty()) return {};
  return fail(internal_error("there is damage"));
}

// Every line is printed after the store has said that it is done.
Result<void> loop(Store& store, const std::string& seed) {
  for (int turn = 0;; ++turn) {
    const std::string name = seed + std::to_string(turn % 4);
    const std::string shared = "shared" + std::to_string(turn % 3);
    NACRE_TRY(test::put_sample(store, image_of(name, {shared, name})));
    acknowledge("pulled " + name + " " + shared);
    if (turn % 3 == 2) {
      NACRE_TRY(store.make_durable());
      acknowledge("durable");
    }
    if (turn % 4 == 3) {
      acknowledge("removing " + name);
      NACRE_TRY(store.remove_image(name));
      acknowledge("removed " + name);
      NACRE_TRY(store.collect());
      NACRE_TRY(store.empty_trash({}));
    }
  }
}

Result<void> fill(Store& store, const std::string& seed) {
  for (int turn = 0;; ++turn) {
    const std::string name = seed + std::to_string(turn);
    NACRE_TRY(test::put_sample(store, image_of(name, {name})));
    acknowledge("pulled " + name);
  }
}

Result<void> run(Store& store, const std::string& verb, const std::vector<std::string>& rest) {
  if (verb == "pull") {
    return test::put_sample(store, image_of(rest.at(0), {rest.begin() + 1, rest.end()}));
  }
  if (verb == "ingest") return ingest(store, rest);
  if (verb == "remove") return store.remove_image(rest.at(0));
  if (verb == "durable") return store.make_durable();
  if (verb == "check") return check(store);
  if (verb == "loop") return loop(store, rest.at(0));
  if (verb == "fill") return fill(store, rest.at(0));
  if (verb == "collect") {
    NACRE_TRY(store.collect());
    return store.empty_trash({});
  }
  return fail(invalid_argument("no such verb: " + verb));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 64;
  StoreOptions options;
  options.budget.free_bytes = 0;
  const auto store = Store::open(argv[1], options);
  const auto done = store ? run(**store, argv[2], {argv + 3, argv + argc})
                          : Result<void>(fail(Error(store.error())));
  if (done) return 0;
  std::fprintf(stderr, "%s: %s\n", to_text(done.error().code()), done.error().message().c_str());
  return 2;
}
