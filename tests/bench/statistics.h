// What is said about a series of numbers.
#pragma once

#include <vector>

namespace nacre::bench {

struct Spread {
  double median = 0;
  double min = 0;
  double max = 0;
};

// Throws std::invalid_argument on an empty series.
Spread spread_of(std::vector<double> series);

// `median` is the ratio of the medians; `min` and `max` are the extremes of the ratios taken round
// by round. The series are of equal length: element i of both is from round i.
Spread ratio_of(const std::vector<double>& ours, const std::vector<double>& theirs);

}  // namespace nacre::bench
