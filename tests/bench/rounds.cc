#include "tests/bench/rounds.h"

namespace nacre::bench {

void play_rounds(const std::vector<Contender>& contenders, int rounds, int warm_up,
                 const std::function<Usage(const Contender&, Start)>& measure, Result& result) {
  for (int round = -warm_up; round < rounds; ++round) {
    for (std::size_t i = 0; i < contenders.size(); ++i) {
      const std::size_t who = round % 2 == 0 ? i : contenders.size() - 1 - i;
      Series& series = result.series[who];
      const bool counts = round >= 0;
      const Usage usage = measure(contenders[who], counts ? Start::kShare : Start::kCopy);
      if (!counts) {
        series.max_rss_kib.push_back(static_cast<double>(usage.max_rss_kib));
        continue;
      }
      series.wall_us.push_back(usage.wall_us);
      series.cpu_us.push_back(usage.user_us + usage.system_us);
    }
  }
}

}  // namespace nacre::bench
