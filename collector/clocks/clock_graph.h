#ifndef CALLBRAID_COLLECTOR_CLOCKS_CLOCK_GRAPH_H_
#define CALLBRAID_COLLECTOR_CLOCKS_CLOCK_GRAPH_H_

#include <map>
#include <string>
#include <utility>

#include "collector/clocks/clock_fit.h"

namespace callbraid::collector {

// From the clock of the first sensor to that of the second.
using ClockFits = std::map<std::pair<std::string, std::string>, ClockFit>;

// From each sensor's clock to that of `reference`, where fits lead there, by
// the way that is off by least; the reference itself included. A pure function.
std::map<std::string, ClockFit> ConnectClocks(const ClockFits& fits,
                                              const std::string& reference);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CLOCKS_CLOCK_GRAPH_H_
