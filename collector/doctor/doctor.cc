#include "collector/doctor/doctor.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "collector/doctor/host_book.h"
#include "collector/doctor/summary.h"
#include "collector/doctor/verdict.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxVerdicts = 500;
constexpr size_t kMaxHosts = 2000;

void Append(Verdicts more, Verdicts& verdicts) {
  verdicts.insert(verdicts.end(), std::make_move_iterator(more.begin()),
                  std::make_move_iterator(more.end()));
}

// Capture points whose faults explain what is missing of their calls.
Blind BlindPoints(const Verdicts& verdicts) {
  Blind blind;
  for (const v1::Verdict& verdict : verdicts) {
    switch (verdict.kind()) {
      case v1::VERDICT_KIND_LINK_DOWN:
      case v1::VERDICT_KIND_NOTHING_RECEIVED:
      case v1::VERDICT_KIND_NO_SPAN_SESSION:
      case v1::VERDICT_KIND_ONE_DIRECTION:
      case v1::VERDICT_KIND_FILTER_TOO_NARROW:
        blind.insert({verdict.sensor(), verdict.capture_point()});
        break;
      default:
        break;
    }
  }
  return blind;
}

}  // namespace

v1::DiagnoseResponse Diagnose(const Facts& facts, const std::string& sensor) {
  const HostBook hosts(facts);
  Verdicts verdicts = JudgeSensors(facts);
  Append(JudgePresence(facts), verdicts);
  Append(JudgeDirection(facts, hosts), verdicts);
  Append(JudgePassage(facts), verdicts);
  const Blind blind = BlindPoints(verdicts);
  Append(JudgeCopies(facts), verdicts);
  Append(JudgeCaptureLoss(facts), verdicts);
  Append(JudgeFrames(facts), verdicts);
  Append(JudgeMedia(facts, hosts, blind), verdicts);
  Append(JudgeOneWay(facts, hosts, blind), verdicts);
  Append(JudgeEncryption(facts), verdicts);
  std::stable_sort(
      verdicts.begin(), verdicts.end(),
      [](const v1::Verdict& a, const v1::Verdict& b) {
        return std::tuple(-a.severity(), a.site(), a.sensor(),
                          a.capture_point(), a.kind(), a.address()) <
               std::tuple(-b.severity(), b.site(), b.sensor(),
                          b.capture_point(), b.kind(), b.address());
      });

  v1::DiagnoseResponse response;
  const auto is_asked_for = [&sensor](const std::string& about) {
    return sensor.empty() || about.empty() || about == sensor;
  };
  response.set_truncated(facts.truncated);
  for (v1::Verdict& verdict : verdicts) {
    if (!is_asked_for(verdict.sensor())) continue;
    if (static_cast<size_t>(response.verdicts_size()) == kMaxVerdicts) {
      response.set_truncated(true);
      break;
    }
    *response.add_verdicts() = std::move(verdict);
  }
  for (const PointFacts& point : facts.points) {
    if (!is_asked_for(point.sensor)) continue;
    *response.add_capture_points() = SummaryOf(point, hosts);
  }
  if (!hosts.FillResponse(kMaxHosts, response)) response.set_truncated(true);
  response.set_calls(static_cast<uint32_t>(facts.calls.size()));
  return response;
}

}  // namespace callbraid::collector
