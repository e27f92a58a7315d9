#include "tests/bench/report.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "tests/bench/statistics.h"

namespace nacre::bench {
namespace {

using nlohmann::json;

std::string first_line(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

json to_json(const Spread& spread) {
  return {{"median", spread.median}, {"min", spread.min}, {"max", spread.max}};
}

json to_json(const Result& result) {
  json contenders = json::array();
  const Series& ours = result.series.front();
  for (const Series& series : result.series) {
    json one = {{"name", series.contender},
                {"wall_us", to_json(spread_of(series.wall_us))},
                {"cpu_us", to_json(spread_of(series.cpu_us))},
                {"max_rss_kib", spread_of(series.max_rss_kib).median}};
    if (&series != &ours) one["ratio"] = to_json(ratio_of(ours.wall_us, series.wall_us));
    contenders.push_back(std::move(one));
  }
  return {{"case", result.name},
          {"what", result.what},
          {"crowd", result.crowd},
          {"rounds", ours.wall_us.size()},
          {"contenders", std::move(contenders)}};
}

[[gnu::format(printf, 1, 2)]] std::string print(const char* format, ...) {
  std::array<char, 512> line;
  va_list arguments;
  va_start(arguments, format);
  static_cast<void>(vsnprintf(line.data(), line.size(), format, arguments));
  va_end(arguments);
  return line.data();
}

double number(const json& spread, const char* key) { return spread.at(key).get<double>(); }

std::string times(const json& spread) {
  return print("%.2f | %.2f | %.2f", number(spread, "median") / 1e3, number(spread, "min") / 1e3,
               number(spread, "max") / 1e3);
}

std::string ratios(const json& contender) {
  if (!contender.contains("ratio")) return "";
  const json& ratio = contender["ratio"];
  return print("%.2f (%.2f to %.2f)", number(ratio, "median"), number(ratio, "min"),
               number(ratio, "max"));
}

std::string table_of(const json& result) {
  const std::string ours = result["contenders"].front()["name"];
  std::string text = print("**%s**", result["what"].get<std::string>().c_str());
  if (result["crowd"] > 0)
    text += print(", beside %d running containers", result["crowd"].get<int>());
  text += print(" (%d rounds)\n\n", result["rounds"].get<int>());
  text += print("| | median ms | min | max | CPU ms | peak RSS MiB | %s is ... of it |\n",
                ours.c_str());
  text += "|---|---:|---:|---:|---:|---:|---:|\n";
  for (const json& one : result["contenders"]) {
    text += print("| %s | %s | %.2f | %.1f | %s |\n", one["name"].get<std::string>().c_str(),
                  times(one["wall_us"]).c_str(), number(one["cpu_us"], "median") / 1e3,
                  number(one, "max_rss_kib") / 1024, ratios(one).c_str());
  }
  return text;
}

}  // namespace

json describe_surroundings(const std::vector<Contender>& contenders) {
  utsname system = {};
  uname(&system);
  json versions = json::object();
  for (const Contender& contender : contenders) versions[contender.name] = version_of(contender);
  std::array<double, 1> load = {};
  getloadavg(load.data(), 1);
  return {{"kernel", std::string(system.release)},           {"processor", processor()},
          {"processors", sysconf(_SC_NPROCESSORS_ONLN)},     {"load", load[0]},
          {"peers_from", first_line("/etc/debian_version")}, {"versions", std::move(versions)}};
}

json to_json(const std::vector<Result>& results, const json& surroundings) {
  json cases = json::array();
  for (const Result& result : results) cases.push_back(to_json(result));
  return {{"surroundings", surroundings}, {"cases", std::move(cases)}};
}

std::string to_text(const json& report) {
  const json& around = report["surroundings"];
  std::string text =
      print("Linux %s, %d x %s, load %.2f, peers from Debian %s\n\n",
            around["kernel"].get<std::string>().c_str(), around["processors"].get<int>(),
            around["processor"].get<std::string>().c_str(), number(around, "load"),
            around["peers_from"].get<std::string>().c_str());
  for (const auto& [name, version] : around["versions"].items()) {
    text += print("- %s: %s\n", name.c_str(), version.get<std::string>().c_str());
  }
  return text + to_table(report);
}

std::string to_table(const json& report) {
  std::string text;
  for (const json& result : report["cases"]) text += "\n" + table_of(result);
  return text;
}

}  // namespace nacre::bench
