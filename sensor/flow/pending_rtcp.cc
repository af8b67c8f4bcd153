#include "sensor/flow/pending_rtcp.h"

#include <utility>

namespace callbraid::sensor {
namespace {

constexpr size_t kMaxItems = 256;
constexpr int64_t kPatienceNs = int64_t{5} * 1'000'000'000;

}  // namespace

void PendingRtcp::Add(const RtcpView& rtcp, int64_t now_ns) {
  if (items_.size() >= kMaxItems) {
    items_.pop_front();
    counters_.Count(FlowDiscard::kRtcpUnrelated);
  }
  items_.push_back({now_ns, rtcp.time_ns, rtcp.flow, rtcp.ssrc, rtcp.truncated,
                    std::string(rtcp.packet.begin(), rtcp.packet.end())});
}

std::optional<PendingRtcp::Item> PendingRtcp::TakeExpired(int64_t now_ns,
                                                          bool any) {
  if (items_.empty() ||
      (!any && items_.front().kept_since_ns > now_ns - kPatienceNs)) {
    return std::nullopt;
  }
  std::optional<Item> item(std::move(items_.front()));
  items_.pop_front();
  return item;
}

}  // namespace callbraid::sensor
