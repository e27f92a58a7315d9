#include "cli/render/progress.h"

#include <algorithm>

#include "base/text.h"
#include "cli/render/text.h"
#include "cli/render/units.h"

namespace nacre::cli {
namespace {

constexpr std::uint64_t kRateWindow = 5'000;    // ms
constexpr std::uint64_t kSampleDistance = 200;  // ms
constexpr std::size_t kActivityWidth = 11, kLeastBar = 10, kMostBar = 40;

std::string padded(std::string text, std::size_t width) {
  const std::size_t has = display_width(text);
  if (has < width) text.append(width - has, ' ');
  return text;
}

std::string bar(std::uint64_t done, std::uint64_t total, std::size_t width) {
  const double part = static_cast<double>(std::min(done, total)) / static_cast<double>(total);
  const auto filled = static_cast<std::size_t>(part * static_cast<double>(width));
  std::string out(filled, '=');
  if (filled < width) {
    out += '>';
    out.append(width - filled - 1, ' ');
  }
  return text::join('[', out, ']');
}

}  // namespace

void Bars::Rate::add(std::uint64_t done, std::uint64_t now) {
  // Sent again from an earlier place: what was measured says nothing any more.
  if (!samples_.empty() && done < samples_.back().done) samples_.clear();
  if (samples_.size() > 1 && now - samples_[samples_.size() - 2].now < kSampleDistance) {
    samples_.back() = {done, now};
  } else {
    samples_.push_back({done, now});
  }
  while (samples_.size() > 2 && now - samples_[1].now > kRateWindow)
    samples_.erase(samples_.begin());
}

std::uint64_t Bars::Rate::per_second(std::uint64_t now) const {
  if (samples_.size() < 2 || now <= samples_.front().now) return 0;
  return (samples_.back().done - samples_.front().done) * 1000 / (now - samples_.front().now);
}

void Bars::set(const std::string& name, const BarState& state, std::uint64_t now) {
  auto [at, added] = entries_.try_emplace(name);
  if (added) order_.push_back(name);
  Entry& entry = at->second;
  entry.state = state;
  if (state.moving) entry.rate.add(state.done, now);
}

std::vector<std::string> Bars::take_finished(std::size_t width) {
  std::vector<std::string> out;
  for (const std::string& name : order_) {
    Entry& entry = entries_.at(name);
    if (!entry.state.finished || entry.taken) continue;
    entry.taken = true;
    out.push_back(line(name, entry, width, 0));
  }
  return out;
}

std::vector<std::string> Bars::lines(std::size_t width, std::size_t rows, std::uint64_t now) const {
  std::vector<std::string> out;
  std::size_t besides = 0;
  const auto add = [&](bool moving) {
    for (const std::string& name : order_) {
      const Entry& entry = entries_.at(name);
      if (entry.state.finished || entry.state.moving != moving) continue;
      if (out.size() < rows) {
        out.push_back(line(name, entry, width, now));
      } else {
        ++besides;
      }
    }
  };
  add(true);  // what moves is worth more than what waits
  add(false);
  if (besides > 0 && !out.empty())
    out.back() = shortened(text::join("... and ", besides + 1, " more"), width);
  return out;
}

std::string Bars::line(const std::string& name, const Entry& entry, std::size_t width,
                       std::uint64_t now) {
  const BarState& state = entry.state;
  std::string left = text::join(name, "  ", state.activity);
  if (!state.moving || state.finished) return shortened(left, width);
  left = text::join(name, "  ", padded(state.activity, kActivityWidth));
  std::string right = state.total == 0
                          ? human_size(state.done)
                          : text::join(human_size(state.done), '/', human_size(state.total));
  const std::uint64_t rate = entry.rate.per_second(now);
  if (rate > 0) {
    right = padded(right, 15);
    text::append(right, "  ", human_size(rate), "/s");
    if (state.total > state.done)
      text::append(right, "  ", short_duration((state.total - state.done + rate - 1) / rate));
  }
  // The longest rate and time left decide, so that the bar does not change its width all the time.
  constexpr std::size_t kRightWidth = 34;
  const std::size_t taken = display_width(left) + kRightWidth + 5;
  if (state.total > 0 && width >= taken + kLeastBar)
    text::append(left, ' ', bar(state.done, state.total, std::min(width - taken, kMostBar)));
  return shortened(text::join(left, "  ", right), width);
}

}  // namespace nacre::cli
