// How contenders take turns.
#pragma once

#include <functional>
#include <vector>

#include "tests/bench/contender.h"
#include "tests/bench/report.h"

namespace nacre::bench {

// Every round has each contender once, every other round from the last to the first: nobody always
// comes after the same one, whose namespaces the kernel is still taking apart. The rounds of the
// warm-up give the peak memory only. `result.series` has one for each contender.
void play_rounds(const std::vector<Contender>& contenders, int rounds, int warm_up,
                 const std::function<Usage(const Contender&, Start)>& measure, Result& result);

}  // namespace nacre::bench
