#include "collector/record/survey.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "collector/record/concealer.h"
#include "collector/record/track.h"

namespace callbraid::collector {
namespace {

// Another stream is heard only where a better one has nothing for so long;
// anything shorter is the same audio, a little earlier or later.
constexpr int64_t kMinFillTicks = 200 * kTicksPerMs;
// Bounds memory: at most 1 MiB for each stream.
constexpr size_t kMaxIntervals = 65536;

// "stream 6e0f... (SDES): 12 of 500 packets do not verify and are silence"
std::string Refused(const TrackSource& track, const DecryptionTally& tally) {
  return absl::StrCat(
      "stream ", track.stream_id, " (", track.encryption, "): ",
      tally.refused == tally.packets
          ? absl::StrCat("no key of the call's ",
                         absl::StartsWith(track.encryption, "DTLS")
                             ? "DTLS handshakes"
                             : "SDP",
                         " fits, its ", tally.packets, " packets are silence")
          : absl::StrCat(tally.refused, " of ", tally.packets,
                         " packets do not verify and are silence"));
}

// A track also fills the beginning of a hole in it, and more of a pause, unless
// another track has audio there.
void MakeRoomForConcealment(const std::vector<SurveyedTrack>& tracks,
                            std::vector<Intervals>& audible) {
  constexpr int64_t kLongestTicks = Concealer::kLongestMs * kTicksPerMs;
  Intervals taken[2];
  for (size_t i = 0; i < audible.size(); ++i) {
    Intervals& heard = taken[tracks[i].channel];
    heard = Union(heard, audible[i]);
  }
  for (size_t i = 0; i < audible.size(); ++i) {
    Intervals& heard = taken[tracks[i].channel];
    Intervals beginnings;
    for (size_t next = 1; next < audible[i].size(); ++next) {
      const int64_t begin = audible[i][next - 1].end;
      beginnings.push_back(
          {begin, std::min(begin + kLongestTicks, audible[i][next].begin)});
    }
    beginnings = Union(beginnings, tracks[i].survey->pauses);
    audible[i] = Union(audible[i], Subtract(beginnings, heard, 0));
    heard = Union(heard, audible[i]);
  }
}

}  // namespace

void Survey::Add(const PlacedPacket& packet) {
  if (packet.ticks <= 0) {
    any_empty = true;
    return;
  }
  if (packet.pause_before && end && packet.position > *end) {
    Extend(pauses,
           {*end, std::min(packet.position, *end + Track::kLongestPauseTicks)},
           0, kMaxIntervals);
  }
  end = std::max(end.value_or(packet.position), packet.position + packet.ticks);
  Extend(active, {packet.position, packet.position + packet.ticks},
         kMinFillTicks, kMaxIntervals);
}

absl::StatusOr<Survey> SurveyTrack(StreamTimeline timeline, int64_t until,
                                   int64_t at_least) {
  Survey survey;
  while (const auto packet = timeline.Next()) {
    if (!survey.end && packet->ticks > 0) {
      until = std::max(until, packet->position + at_least);
    }
    survey.Add(*packet);
    if (packet->ticks > 0 && packet->position >= until) break;
  }
  survey.unknown_codec = timeline.unknown_codec();
  survey.first_unknown_ns = timeline.first_unknown_ns();
  survey.last_unknown_ns = timeline.last_unknown_ns();
  survey.key_events = timeline.key_events();
  survey.arrived = timeline.arrived();
  survey.late = timeline.late();
  if (timeline.decryptor() != nullptr) {
    survey.decryption = timeline.decryptor()->tally();
  }
  if (!timeline.status().ok()) return timeline.status();
  return survey;
}

std::vector<Intervals> ChooseAudible(const std::vector<TrackSource>& tracks,
                                     const std::vector<Survey>& surveys,
                                     bool conceal) {
  std::vector<SurveyedTrack> surveyed;
  for (size_t i = 0; i < surveys.size(); ++i) {
    surveyed.push_back({tracks[i].channel, &surveys[i]});
  }
  return ChooseAudible(surveyed, conceal);
}

std::vector<Intervals> ChooseAudible(const std::vector<SurveyedTrack>& tracks,
                                     bool conceal) {
  std::vector<Intervals> audible;
  Intervals taken[2];
  bool any[2] = {false, false};
  for (const auto& [channel, survey] : tracks) {
    // Behind a stream without audio the next one is the first.
    const bool first = !any[channel];
    any[channel] |= !survey->active.empty();
    audible.push_back(
        Subtract(survey->active, taken[channel], first ? 0 : kMinFillTicks));
    taken[channel] = Union(taken[channel], audible.back());
  }
  if (conceal) MakeRoomForConcealment(tracks, audible);
  return audible;
}

std::vector<std::string> FindingsOf(const CallLayout& layout,
                                    const std::vector<Survey>& surveys) {
  std::vector<std::string> findings = layout.findings;
  for (const SilentSource& silent : layout.silent) {
    findings.push_back(
        absl::StrCat("stream ", silent.stream_id,
                     " is encrypted, and not heard: ", silent.encryption));
  }
  for (size_t i = 0; i < surveys.size(); ++i) {
    const TrackSource& track = layout.tracks[i];
    const DecryptionTally& tally = surveys[i].decryption;
    if (!surveys[i].unknown_codec.empty()) {
      findings.push_back(absl::StrCat(
          "stream ", track.stream_id, ": no decoder for the codec: ",
          surveys[i].unknown_codec, "; what is in it is silence"));
    }
    if (tally.refused > 0) findings.push_back(Refused(track, tally));
    if (tally.repeated > 0) {
      findings.push_back(absl::StrCat(
          "stream ", track.stream_id, ": ", tally.repeated,
          " packets came under a number that was used before, and are left "
          "out"));
    }
    if (surveys[i].late > 0) {
      findings.push_back(absl::StrCat("stream ", track.stream_id, ": ",
                                      surveys[i].late, " of ",
                                      surveys[i].arrived,
                                      " packets came too late for the jitter "
                                      "buffer and are not heard"));
    }
  }
  return findings;
}

absl::Status WhyNothing(const CallLayout& layout,
                        const std::vector<Survey>& surveys) {
  std::set<std::string> unknown;
  bool any_empty = false;
  bool any_refused = !layout.silent.empty();
  for (const Survey& survey : surveys) {
    if (!survey.unknown_codec.empty()) unknown.insert(survey.unknown_codec);
    any_empty |= survey.any_empty;
    any_refused |= survey.decryption.refused > 0;
  }
  if (!unknown.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "no decoder for the codec: ", absl::StrJoin(unknown, ", ")));
  }
  if (any_refused) {
    std::vector<std::string> findings = FindingsOf(layout, surveys);
    // A status travels in a header, which is not long.
    constexpr size_t kMaxNamed = 10;
    if (findings.size() > kMaxNamed) {
      const size_t more = findings.size() - kMaxNamed;
      findings.resize(kMaxNamed);
      findings.push_back(absl::StrCat("and ", more, " more"));
    }
    return absl::FailedPreconditionError(absl::StrCat(
        "the media is encrypted: ", absl::StrJoin(findings, "; ")));
  }
  if (any_empty) {
    return absl::FailedPreconditionError(
        "no packet holds a frame of the codec that SDP names");
  }
  return absl::FailedPreconditionError("no audio was seen");
}

}  // namespace callbraid::collector
