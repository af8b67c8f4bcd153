#include "collector/fax/call_fax.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include "collector/fax/audio_faxes.h"
#include "collector/fax/found_fax.h"
#include "collector/fax/page_decoder.h"
#include "collector/fax/t38_reader.h"
#include "collector/fax/tiff_writer.h"
#include "collector/playout/stream_facts.h"
#include "collector/playout/stream_union.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::collector {
namespace {

using google::protobuf::util::TimeUtil;

constexpr size_t kMaxTiffBytes = size_t{64} << 20;

// Where one fax may be: both directions of a leg, or of two endpoints.
using Channel = std::array<std::vector<ObservationSource>, 2>;

std::string ChannelOf(const v1::Stream& stream) {
  return stream.leg_id().empty()
             ? std::min(stream.source(), stream.destination())
             : stream.leg_id();
}

std::map<std::string, Channel> ChannelsOf(std::vector<StreamFacts> streams) {
  std::map<std::string, Channel> channels;
  for (StreamFacts& facts : streams) {
    auto& sources = channels[ChannelOf(*facts.stream)][facts.channel];
    sources.insert(sources.end(), facts.sources.begin(), facts.sources.end());
  }
  return channels;
}

UdptlTally Sum(const UdptlTally& a, const UdptlTally& b) {
  return {a.packets + b.packets, a.missing + b.missing,
          a.recovered_by_redundancy + b.recovered_by_redundancy,
          a.recovered_by_parity + b.recovered_by_parity,
          a.malformed + b.malformed};
}

// Both directions at once, by time.
absl::StatusOr<std::vector<FoundFax>> Listen(MediaStore& store,
                                             const Channel& channel) {
  T30Listener listener;
  std::array<T38Reader, 2> readers = {T38Reader(listener, 0),
                                      T38Reader(listener, 1)};
  std::array<StreamUnion, 2> streams = {StreamUnion(store, channel[0]),
                                        StreamUnion(store, channel[1])};
  std::array<std::optional<MediaPacket>, 2> next = {streams[0].Next(),
                                                    streams[1].Next()};
  while (next[0] || next[1]) {
    const bool second =
        !next[0] || (next[1] && next[1]->time_ns < next[0]->time_ns);
    MediaPacket& packet = *next[second];
    readers[second].Take(
        packet.time_ns, packet.sequence,
        {reinterpret_cast<const uint8_t*>(packet.payload.data()),
         packet.payload.size()});
    next[second] = streams[second].Next();
  }
  for (size_t i = 0; i < 2; ++i) {
    RETURN_IF_ERROR(streams[i].status());
    readers[i].Finish();
  }
  const UdptlTally tally = Sum(readers[0].tally(), readers[1].tally());
  std::vector<FoundFax> found;
  for (CodedFax& fax : listener.Finish()) {
    found.push_back({std::move(fax), tally});
  }
  return found;
}

v1::FaxResult ResultOf(const CodedFax& fax) {
  if (fax.pages.empty()) return v1::FAX_RESULT_NO_PAGES;
  return fax.ended && fax.pages.back().confirmed ? v1::FAX_RESULT_CONFIRMED
                                                 : v1::FAX_RESULT_UNCONFIRMED;
}

// The more of a fax is known, the more.
auto RankOf(const FoundFax& fax) {
  const auto whole =
      std::count_if(fax.coded.pages.begin(), fax.coded.pages.end(),
                    [](const CodedPage& page) { return page.whole; });
  return std::tuple(fax.coded.pages.size(), whole,
                    ResultOf(fax.coded) == v1::FAX_RESULT_CONFIRMED,
                    -int64_t{fax.tally.missing}, -fax.coded.begin_ns);
}

bool Overlap(const CodedFax& a, const CodedFax& b) {
  return a.begin_ns <= b.end_ns && b.begin_ns <= a.end_ns;
}

// Legs of one call that carry a fax at the same time carry the same.
std::vector<FoundFax> EachOnce(std::vector<FoundFax> found) {
  std::stable_sort(found.begin(), found.end(),
                   [](const FoundFax& a, const FoundFax& b) {
                     return RankOf(a) > RankOf(b);
                   });
  std::vector<FoundFax> kept;
  for (FoundFax& fax : found) {
    const bool known =
        std::any_of(kept.begin(), kept.end(), [&fax](const FoundFax& other) {
          return Overlap(other.coded, fax.coded);
        });
    if (!known) kept.push_back(std::move(fax));
  }
  std::sort(kept.begin(), kept.end(), [](const FoundFax& a, const FoundFax& b) {
    return a.coded.begin_ns < b.coded.begin_ns;
  });
  return kept;
}

// Decodes it, and writes it to `tiff`.
void WritePage(const CodedPage& coded, TiffWriter& tiff, v1::FaxPage& page) {
  *page.mutable_time() = TimeUtil::NanosecondsToTimestamp(coded.time_ns);
  page.set_width(coded.format.width);
  page.set_x_resolution(PerInch(coded.format.x_resolution));
  page.set_y_resolution(PerInch(coded.format.y_resolution));
  page.set_coding(CodingName(coded.format.coding));
  page.set_confirmed(coded.confirmed);
  if (tiff.bytes() > kMaxTiffBytes) return;
  const PageImage image = DecodePage(coded);
  if (!tiff.Add(image, coded.format, coded.time_ns)) return;
  page.set_rows(image.rows);
  page.set_bad_rows(image.bad_rows);
  page.set_complete(coded.whole && image.bad_rows == 0);
}

v1::Fax WriteFax(const FoundFax& found, TiffWriter& tiff) {
  const CodedFax& coded = found.coded;
  v1::Fax fax;
  *fax.mutable_time() = TimeUtil::NanosecondsToTimestamp(coded.begin_ns);
  *fax.mutable_duration() =
      TimeUtil::NanosecondsToDuration(coded.end_ns - coded.begin_ns);
  fax.set_sender(coded.sender == 0 ? v1::SIDE_CALLER : v1::SIDE_CALLEE);
  fax.set_sender_id(coded.sender_id);
  fax.set_receiver_id(coded.receiver_id);
  fax.set_bit_rate(coded.format.bit_rate);
  fax.set_error_correction(coded.format.ecm);
  fax.set_result(ResultOf(coded));
  bool complete = coded.ended && !coded.pages.empty();
  for (const CodedPage& page : coded.pages) {
    WritePage(page, tiff, *fax.add_pages());
    complete = complete && fax.pages().rbegin()->complete();
  }
  fax.set_complete(complete);
  fax.set_in_audio(found.in_audio);
  fax.set_packets(found.tally.packets);
  fax.set_missing(found.tally.missing);
  fax.set_recovered_by_redundancy(found.tally.recovered_by_redundancy);
  fax.set_recovered_by_parity(found.tally.recovered_by_parity);
  return fax;
}

}  // namespace

absl::StatusOr<CallFaxes> ReadFaxes(Store& store,
                                    const store::v1::CallRecord& record) {
  ASSIGN_OR_RETURN(std::vector<StreamFacts> streams,
                   GatherUdptlStreams(store, record));
  std::vector<FoundFax> found;
  for (const auto& [name, channel] : ChannelsOf(std::move(streams))) {
    ASSIGN_OR_RETURN(std::vector<FoundFax> more,
                     Listen(store.media(), channel));
    std::move(more.begin(), more.end(), std::back_inserter(found));
  }
  if (found.empty()) {
    ASSIGN_OR_RETURN(found, HearFaxes(store, record));
  }
  if (found.empty()) {
    return absl::FailedPreconditionError("no fax was seen in the call");
  }
  CallFaxes faxes;
  TiffWriter tiff;
  for (const FoundFax& fax : EachOnce(std::move(found))) {
    faxes.faxes.push_back(WriteFax(fax, tiff));
  }
  faxes.tiff = tiff.Finish();
  return faxes;
}

}  // namespace callbraid::collector
