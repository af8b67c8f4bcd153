#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "collector/cli/format.h"
#include "collector/cli/render.h"
#include "collector/cli/table.h"

namespace callbraid::cli {
namespace {

std::string Ms(double ms) { return absl::StrFormat("%.1f", ms); }
std::string Share(double share) {
  return absl::StrFormat("%.1f %%", 100 * share);
}
std::string Mos(double mos) { return absl::StrFormat("%.2f", mos); }

std::string Bursts(const v1::BurstGapFigures& figures) {
  if (figures.bursts() == 0) return "-";
  return absl::StrFormat("%d x %.0f ms", figures.bursts(),
                         figures.burst_duration_ms());
}

// What is the same in every table, behind its first columns.
void AddFigureColumns(Table& table) {
  for (const char* title :
       {"LOST", "LATE", "BURSTS", "JITTER", "P95", "R", "MOS"}) {
    table.AddColumn(title, Table::Align::kRight);
  }
}

void AddFigures(const v1::PacketFigures& packets, const v1::Rating* rating,
                std::vector<std::string>& row) {
  row.push_back(Percent(packets.lost(), packets.expected()));
  row.push_back(packets.discarded() == 0
                    ? "-"
                    : Percent(packets.discarded(), packets.expected()));
  row.push_back(Bursts(packets.burst_gap()));
  row.push_back(Ms(packets.jitter_ms()));
  row.push_back(Ms(packets.delay_variation_p95_ms()));
  row.push_back(
      rating == nullptr ? "-" : absl::StrFormat("%.0f", rating->r_listening()));
  row.push_back(rating == nullptr ? "-" : Mos(rating->mos_listening()));
}

template <typename T>
const v1::Rating* RatingOf(const T& of) {
  return of.has_rating() ? &of.rating() : nullptr;
}

const v1::Stream* Find(const v1::Call& call, const std::string& id) {
  for (const v1::Stream& stream : call.streams()) {
    if (stream.id() == id) return &stream;
  }
  return nullptr;
}

// "stream 2", as calls show has it.
std::string NameOf(const v1::Call& call, const std::string& id) {
  for (int i = 0; i < call.streams_size(); ++i) {
    if (call.streams(i).id() == id) return absl::StrCat("stream ", i + 1);
  }
  return id.substr(0, 8);
}

// What receivers say of the stream by RTCP, and RTCP XR.
void AddReceivers(const v1::Call& call, const v1::StreamQuality& stream,
                  Table& table) {
  const v1::Stream* known = Find(call, stream.stream_id());
  if (known != nullptr && known->has_reception()) {
    const v1::Reception& said = known->reception();
    table.AddRow({"  RTCP", "",
                  said.lost() < 0 ? "-" : Percent(said.lost(), said.expected()),
                  "", "", Ms(said.jitter_ms()), "", "", ""});
  }
  for (const v1::VoipMetrics& said : stream.reports()) {
    table.AddRow(
        {"  RTCP XR", "", Share(said.loss_rate()), Share(said.discard_rate()),
         said.burst_density() > 0
             ? absl::StrCat(said.burst_duration_ms(), " ms")
             : "-",
         "", "", said.has_r_factor() ? absl::StrCat(said.r_factor()) : "-",
         said.has_mos_lq() ? absl::StrFormat("%.1f", said.mos_lq()) : "-"});
  }
}

const char* Source(v1::DelaySource source) {
  switch (source) {
    case v1::DELAY_SOURCE_XR:
      return "half of the round trip that RTCP XR reports";
    case v1::DELAY_SOURCE_RTCP:
      return "half of the round trip, by RTCP";
    case v1::DELAY_SOURCE_HOPS:
      return "between capture points, and more beyond";
    default:
      return "not known";
  }
}

// What a table has no room for.
std::string Notes(const std::string& name, const v1::StreamQuality& stream) {
  std::string text;
  if (stream.rating().worst_mos_listening() <
      stream.rating().mos_listening() - 0.005) {
    absl::StrAppend(&text, name, ": MOS ",
                    Mos(stream.rating().worst_mos_listening()),
                    " where it was worst\n");
  }
  if (stream.rating().has_mos_conversation()) {
    absl::StrAppend(&text, name, ": MOS ",
                    Mos(stream.rating().mos_conversation()),
                    " in conversation, ", Ms(stream.one_way_delay_ms()),
                    " ms away (", Source(stream.delay_source()), ")\n");
  }
  if (stream.lost_further_on() > 0) {
    absl::StrAppend(&text, name, ": ",
                    Counted(stream.lost_further_on(), "packet"),
                    " lost behind a capture point count, too\n");
  }
  if (stream.not_lost() > 0) {
    absl::StrAppend(&text, name, ": ", Counted(stream.not_lost(), "packet"),
                    " that no capture point saw do not count: the network "
                    "did not lose them\n");
  }
  if (stream.codec().provisional()) {
    absl::StrAppend(&text, name, ": ", stream.codec().name(),
                    " is rated provisionally (", stream.codec().source(),
                    ")\n");
  }
  return text;
}

std::string RenderSlices(const std::string& name,
                         const v1::StreamQuality& stream, absl::TimeZone zone) {
  Table table;
  table.AddColumn("TIME");
  AddFigureColumns(table);
  for (const v1::QualitySlice& slice : stream.slices()) {
    std::vector<std::string> row = {TimeOfDay(ToTime(slice.time()), zone)};
    AddFigures(slice.packets(), RatingOf(slice), row);
    table.AddRow(std::move(row));
  }
  return absl::StrCat(
      "\n", name, ", every ",
      ExactLength(absl::Seconds(stream.slice_length().seconds())), "\n",
      table.Render());
}

}  // namespace

std::string RenderQuality(const v1::Call& call,
                          const v1::GetQualityResponse& quality,
                          absl::TimeZone zone) {
  if (quality.streams().empty()) return "no streams with packets\n";
  Table table;
  table.AddColumn("STREAM", Table::Align::kLeft, true);
  table.AddColumn("CODEC", Table::Align::kLeft, true);
  AddFigureColumns(table);
  std::string notes;
  std::string slices;
  for (const v1::StreamQuality& stream : quality.streams()) {
    const std::string name = NameOf(call, stream.stream_id());
    const std::string side = Word(stream.side());
    std::vector<std::string> row = {
        side.empty() ? name : absl::StrCat(name, " ", side),
        stream.codec().name()};
    AddFigures(stream.packets(), RatingOf(stream), row);
    table.AddRow(std::move(row));
    if (stream.observations_size() > 1) {
      for (const v1::ObservationQuality& seen : stream.observations()) {
        std::vector<std::string> part = {
            absl::StrCat("  at ", seen.sensor(), " ", seen.capture_point()),
            ""};
        AddFigures(seen.packets(), RatingOf(seen), part);
        table.AddRow(std::move(part));
      }
    }
    AddReceivers(call, stream, table);
    notes += Notes(name, stream);
    if (stream.slices_size() > 0) slices += RenderSlices(name, stream, zone);
  }
  std::string text = table.Render();
  if (!notes.empty()) absl::StrAppend(&text, "\n", notes);
  text += slices;
  if (quality.has_listening()) {
    text += RenderListening(quality.listening(), zone);
  }
  return text;
}

}  // namespace callbraid::cli
