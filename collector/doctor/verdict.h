#ifndef CALLBRAID_COLLECTOR_DOCTOR_VERDICT_H_
#define CALLBRAID_COLLECTOR_DOCTOR_VERDICT_H_

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "callbraid/v1/diagnosis.pb.h"
#include "collector/doctor/facts.h"
#include "collector/doctor/host_book.h"

namespace callbraid::collector {

using Verdicts = std::vector<v1::Verdict>;

v1::Verdict AboutSensor(const SensorFacts& sensor, v1::VerdictKind kind,
                        v1::Severity severity);
v1::Verdict AboutPoint(const PointFacts& point, v1::VerdictKind kind,
                       v1::Severity severity);
v1::Verdict AboutSite(const std::string& site, v1::VerdictKind kind,
                      v1::Severity severity);

void AddEvidence(const std::string& name, double value, const std::string& unit,
                 v1::Verdict& verdict);
void AddEvidence(const std::string& name, const std::string& text,
                 v1::Verdict& verdict);
// Of the capture point, as it may stand in a command: what a sensor calls it is
// pasted into a shell by somebody who trusts us. "<interface>" of a file, and
// of a name that no interface can have.
std::string InterfaceForShell(const PointFacts& point);
// At most 5 are kept.
void AddCall(const v1::Call& call, v1::Verdict& verdict);

// Commands of the family that set up a session which copies what all ports
// receive. `sources` says which ports, for people: "<ports of ...>".
void SetSpanCommands(v1::SwitchFamily family, const std::string& sources,
                     v1::Verdict& verdict);
// Commands that find a host's port and add it to the session.
void SetAddPortCommands(v1::SwitchFamily family, const SiteHost& host,
                        v1::Verdict& verdict);

// Capture points, by sensor and name, of which what else is wrong with their
// calls is a consequence: they see nothing, or one direction.
using Blind = std::set<std::pair<std::string, std::string>>;

// The families of verdicts, each in a file of its own. Pure.
Verdicts JudgeSensors(const Facts& facts);   // sensors.cc
Verdicts JudgePresence(const Facts& facts);  // presence.cc
Verdicts JudgeDirection(const Facts& facts,  // direction.cc
                        const HostBook& hosts);
Verdicts JudgeCopies(const Facts& facts);       // copies.cc
Verdicts JudgePassage(const Facts& facts);      // passage.cc
Verdicts JudgeCaptureLoss(const Facts& facts);  // capture_loss.cc
Verdicts JudgeFrames(const Facts& facts);       // frames.cc
Verdicts JudgeMedia(const Facts& facts, const HostBook& hosts,  // media.cc
                    const Blind& blind);
Verdicts JudgeOneWay(const Facts& facts, const HostBook& hosts,  // one_way.cc
                     const Blind& blind);
Verdicts JudgeEncryption(const Facts& facts);  // encryption.cc

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_DOCTOR_VERDICT_H_
