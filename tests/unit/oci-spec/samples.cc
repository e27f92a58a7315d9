#include "tests/unit/oci-spec/samples.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "oci-spec/defaults/default_spec.h"

namespace nacre::test {

const std::vector<std::string>& sample_names() {
  static const std::vector<std::string> names = {
      "crun-spec", "ctr-oci-spec",  "docker-default", "every-key",
      "podman",    "podman-userns", "runc-spec",      "runc-spec-rootless",
  };
  return names;
}

std::string sample(const std::string& name) {
  const std::string path = std::string(NACRE_SAMPLES) + "/" + name + ".json";
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

nlohmann::json every_key() { return nlohmann::json::parse(sample("every-key")); }

oci::Spec small_spec() {
  oci::Spec spec;
  spec.oci_version = "1.0.2";
  spec.root.path = "rootfs";
  spec.process.emplace();
  spec.process->args = {"true"};
  spec.process->cwd = "/";
  return spec;
}

}  // namespace nacre::test
