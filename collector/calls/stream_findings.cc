#include "collector/calls/stream_findings.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace callbraid::collector {
namespace {

std::string Counted(uint64_t count, const char* thing) {
  return absl::StrCat(count, " ", thing, count == 1 ? "" : "s");
}

class Words {
 public:
  explicit Words(const v1::Stream& stream) : stream_(stream) {
    if (stream.hops().empty()) {
      if (!stream.observations().empty()) {
        Add(stream.observations(0).sensor(),
            stream.observations(0).capture_point());
      }
      return;
    }
    Add(stream.hops(0).from_sensor(), stream.hops(0).from_capture_point());
    for (const v1::Hop& hop : stream.hops()) {
      Add(hop.to_sensor(), hop.to_capture_point());
    }
  }

  std::vector<std::string> Find() {
    AddLoss();
    AddCaptureLoss();
    AddDisorder();
    return std::move(findings_);
  }

 private:
  // A place by its sensor, and its capture point where that does not tell.
  struct Place {
    std::string sensor;
    std::string capture_point;
  };

  void Add(const std::string& sensor, const std::string& capture_point) {
    places_.push_back({sensor, capture_point});
  }
  std::string Name(const std::string& sensor,
                   const std::string& capture_point) const {
    const bool ambiguous =
        std::any_of(places_.begin(), places_.end(), [&](const Place& place) {
          return place.sensor == sensor && place.capture_point != capture_point;
        });
    return ambiguous ? absl::StrCat(sensor, "/", capture_point) : sensor;
  }
  std::string From(const v1::Hop& hop) const {
    return Name(hop.from_sensor(), hop.from_capture_point());
  }
  std::string To(const v1::Hop& hop) const {
    return Name(hop.to_sensor(), hop.to_capture_point());
  }
  std::string First() const {
    return Name(places_.front().sensor, places_.front().capture_point);
  }
  std::string Last() const {
    return Name(places_.back().sensor, places_.back().capture_point);
  }

  static std::string Share(uint64_t lost, uint64_t of) {
    const double percent =
        of == 0 ? 0
                : 100.0 * static_cast<double>(lost) / static_cast<double>(of);
    return percent > 0 && percent < 0.05 ? "less than 0.1 %"
                                         : absl::StrFormat("%.1f %%", percent);
  }

  // "3.1 % lost between s1 and s2 (23 of 754 packets), nothing before, nothing
  // after"
  void AddLoss() {
    if (places_.empty()) return;
    const uint64_t before = stream_.lost_before();
    const uint64_t after = stream_.reception().lost_after();
    uint64_t between = 0;
    for (const v1::Hop& hop : stream_.hops()) between += hop.network_lost();
    if (before + after + between == 0) return;
    std::vector<std::string> lost;
    std::vector<std::string> whole;
    const auto add = [&](uint64_t count, uint64_t of, const std::string& where,
                         const std::string& short_where) {
      if (count == 0) {
        whole.push_back(absl::StrCat("nothing ", short_where));
        return;
      }
      lost.push_back(absl::StrCat(Share(count, of),
                                  lost.empty() ? " lost " : " ", where, " (",
                                  count, " of ", Counted(of, "packet"), ")"));
    };
    add(before, uint64_t{stream_.packets()} + before,
        absl::StrCat("before ", First()), "before");
    for (const v1::Hop& hop : stream_.hops()) {
      const std::string where =
          absl::StrCat("between ", From(hop), " and ", To(hop));
      add(hop.network_lost(), hop.packets(), where, where);
    }
    if (stream_.has_reception()) {
      add(after, stream_.reception().expected(),
          absl::StrCat("behind ", Last(), " by the receiver's reports"),
          "after");
    } else {
      whole.push_back(
          absl::StrCat("what was lost after ", Last(), " is not known"));
    }
    lost.insert(lost.end(), whole.begin(), whole.end());
    findings_.push_back(absl::StrJoin(lost, ", "));
  }

  void AddCaptureLoss() {
    for (const v1::CaptureLoss& loss : stream_.capture_losses()) {
      const std::string name = Name(loss.sensor(), loss.capture_point());
      if (loss.seen_further_on() > 0) {
        findings_.push_back(
            absl::StrCat("capture loss at ", name, ": ",
                         Counted(loss.seen_further_on(), "packet"), " that ",
                         places_.size() == 2
                             ? absl::StrCat(Last(), " saw")
                             : std::string("capture points further on saw")));
      }
      if (loss.discarded() > 0) {
        findings_.push_back(absl::StrCat(
            "capture loss at ", name, ": ", Counted(loss.discarded(), "packet"),
            " captured, and discarded by the sensor or not delivered yet"));
      }
      if (loss.reported_arrived() > 0) {
        findings_.push_back(
            absl::StrCat("capture loss at ", name, ": ",
                         Counted(loss.reported_arrived(), "packet"),
                         " that the receiver reports as arrived"));
      }
      if (loss.drops() > 0) {
        findings_.push_back(absl::StrCat(
            "kernel and interface at ", name, " dropped ",
            Counted(loss.drops(), "packet"),
            " of any kind meanwhile: what is missing there may be among them"));
      }
    }
  }

  void AddDisorder() {
    for (const v1::Hop& hop : stream_.hops()) {
      if (hop.duplicated() == 0 && hop.reordered() == 0) continue;
      std::vector<std::string> what;
      if (hop.duplicated() > 0) {
        what.push_back(
            absl::StrCat(Counted(hop.duplicated(), "packet"), " came twice"));
      }
      if (hop.reordered() > 0) {
        what.push_back(absl::StrCat(hop.reordered(), " came out of order"));
      }
      findings_.push_back(absl::StrCat("between ", From(hop), " and ", To(hop),
                                       ": ", absl::StrJoin(what, ", ")));
    }
  }

  const v1::Stream& stream_;
  std::vector<Place> places_;  // In the direction of flow.
  std::vector<std::string> findings_;
};

}  // namespace

std::vector<std::string> FindingsOf(const v1::Stream& stream) {
  return Words(stream).Find();
}

}  // namespace callbraid::collector
