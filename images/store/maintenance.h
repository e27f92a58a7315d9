// Results and options of collection and of checking.
#pragma once

#include <cstdint>
#include <string>

namespace nacre::images {

struct Collected {
  std::uint64_t blobs = 0, layers = 0;
  std::uint64_t snapshots = 0;  // what the other modules' collectors removed (add_collector)
  std::uint64_t ingests = 0;    // unfinished blobs that nobody has gone on with for a day
  std::uint64_t bytes = 0;      // of the blobs, and of the files in the layers
};

struct Damage {
  std::string what;     // "blob sha256:...", "layer sha256:...", "image NAME", "records"
  std::string problem;  // one sentence
  bool repaired = false;
};

struct CheckOptions {
  bool deep = false;    // hash every blob, compare every file of every layer with its manifest
  bool repair = false;  // drop what is damaged so that it is fetched or extracted again; re-extract
                        // where the blob is good
};

}  // namespace nacre::images
