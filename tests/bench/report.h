// The results as a table for people or as JSON.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/bench/cases.h"

namespace nacre::bench {

struct Series {
  std::string contender;
  std::vector<double> wall_us;
  std::vector<double> cpu_us;       // user and system time, the container's process included
  std::vector<double> max_rss_kib;  // from rounds of their own
};

struct Result {
  std::string name;
  std::string what;
  int crowd = 0;
  std::vector<Series> series;  // the first is the one that the others are compared with
};

// Machine, kernel, load, contenders and their versions.
nlohmann::json describe_surroundings(const std::vector<Contender>& contenders);

nlohmann::json to_json(const std::vector<Result>& results, const nlohmann::json& surroundings);

// Markdown, so that it can be put into a document as it is.
std::string to_text(const nlohmann::json& report);

// The same without the surroundings.
std::string to_table(const nlohmann::json& report);

}  // namespace nacre::bench
