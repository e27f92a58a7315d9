#include "tests/bench/statistics.h"

#include <algorithm>
#include <stdexcept>

namespace nacre::bench {

Spread spread_of(std::vector<double> series) {
  if (series.empty()) throw std::invalid_argument("nothing was measured");
  std::ranges::sort(series);
  const std::size_t half = series.size() / 2;
  const double median =
      series.size() % 2 == 1 ? series[half] : (series[half - 1] + series[half]) / 2;
  return {median, series.front(), series.back()};
}

Spread ratio_of(const std::vector<double>& ours, const std::vector<double>& theirs) {
  if (ours.size() != theirs.size()) throw std::invalid_argument("series of different lengths");
  std::vector<double> by_round;
  by_round.reserve(ours.size());
  for (std::size_t i = 0; i < ours.size(); ++i) by_round.push_back(ours[i] / theirs[i]);
  Spread ratio = spread_of(std::move(by_round));
  ratio.median = spread_of(ours).median / spread_of(theirs).median;
  return ratio;
}

}  // namespace nacre::bench
