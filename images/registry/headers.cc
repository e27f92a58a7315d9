#include <algorithm>

#include "images/registry/http.h"

namespace nacre::images::registry {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

void Headers::add(std::string name, std::string value) {
  list_.push_back({std::move(name), std::move(value)});
}
void Headers::set(std::string_view name, std::string value) {
  remove(name);
  add(std::string(name), std::move(value));
}
void Headers::remove(std::string_view name) {
  std::erase_if(list_, [&](const Header& one) { return equal_without_case(one.name, name); });
}
std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const Header& one : list_)
    if (equal_without_case(one.name, name)) return one.value;
  return std::nullopt;
}
std::vector<std::string_view> Headers::all(std::string_view name) const {
  std::vector<std::string_view> out;
  for (const Header& one : list_)
    if (equal_without_case(one.name, name)) out.emplace_back(one.value);
  return out;
}

}  // namespace nacre::images::registry
