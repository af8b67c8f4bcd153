#ifndef CALLBRAID_COLLECTOR_CLI_SWITCH_CHECK_H_
#define CALLBRAID_COLLECTOR_CLI_SWITCH_CHECK_H_

#include <string>
#include <vector>

#include "callbraid/v1/diagnosis.pb.h"
#include "common/switches/show_output.h"

namespace callbraid::cli {

// One thing to say about a SPAN session as a switch shows it.
struct SwitchFinding {
  v1::Severity severity = v1::SEVERITY_NOTE;
  std::string text;
  // To be typed.
  std::vector<std::string> commands;
};

// What is wrong with the sessions of `shown`, and, where the MAC address table
// was shown too, which port each host of `diagnosis` is on and whether it is a
// source. Worst first. Pure.
std::vector<SwitchFinding> CheckSwitch(const ShowOutput& shown,
                                       const v1::DiagnoseResponse& diagnosis,
                                       v1::SwitchFamily family);

// For people.
std::string RenderFindings(const std::vector<SwitchFinding>& findings);

}  // namespace callbraid::cli

#endif  // CALLBRAID_COLLECTOR_CLI_SWITCH_CHECK_H_
