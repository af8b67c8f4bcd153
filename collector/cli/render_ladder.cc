#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "collector/cli/format.h"
#include "collector/cli/render.h"
#include "collector/cli/text.h"
#include "common/base/absl_string.h"
#include "common/sip/sip_message.h"

namespace callbraid::cli {
namespace {

constexpr size_t kTimeWidth = 12;
constexpr size_t kGap = 2;
constexpr size_t kMinColumn = 16;
constexpr size_t kMaxColumn = 30;
constexpr size_t kMaxSeenAt = 16;

// One arrow of the ladder.
struct Row {
  absl::Time time;
  std::string source;
  std::string destination;
  // From the most telling one to the shortest.
  std::vector<std::string> labels;
  std::vector<std::string> sensors;
  bool media = false;
};

// "10.0.0.1" of "10.0.0.1:5060", "2001:db8::1" of "[2001:db8::1]:5060".
std::string HostOf(const std::string& endpoint) {
  std::string host = endpoint.substr(0, endpoint.rfind(':'));
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return host.empty() ? "?" : host;
}

void AddOnce(std::vector<std::string>& list, const std::string& item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) {
    list.push_back(item);
  }
}

// What is equal wherever a message is seen on its hop, but not in another
// message. Not all its bytes: one capture point may have cut it.
std::string IdentityOf(const v1::SipRecord& record,
                       const std::optional<SipMessage>& sip) {
  if (!sip) {
    return absl::StrCat(record.source(), " ", record.destination(), " ",
                        record.message());
  }
  return absl::StrCat(record.source(), " ", record.destination(), " ",
                      ToAbsl(sip->method), sip->status, " ",
                      ToAbsl(sip->via_branch), " ", sip->cseq, " ",
                      ToAbsl(sip->cseq_method)) +
         absl::StrCat(" ", ToAbsl(sip->call_id), " ", ToAbsl(sip->from.tag),
                      " ", ToAbsl(sip->to.tag));
}

std::string LabelOf(const v1::SipRecord& record,
                    const std::optional<SipMessage>& sip) {
  std::string label = record.summary();
  if (sip) {
    std::vector<std::string> notes;
    // A response to anything but INVITE says to what.
    if (!sip->is_request() && sip->cseq_method != "INVITE") {
      notes.emplace_back(sip->cseq_method);
    }
    if (!SdpBody(*sip).empty()) notes.emplace_back("SDP");
    if (!notes.empty()) {
      absl::StrAppend(&label, " (", absl::StrJoin(notes, ", "), ")");
    }
  }
  if (record.truncated()) label += " (cut)";
  return Printable(label);
}

// A message at several capture points becomes one row: the n-th time one sees
// it is the same transmission as the n-th time another does.
std::vector<Row> MessageRows(const v1::GetSignallingResponse& signalling) {
  std::vector<Row> rows;
  std::map<std::pair<std::string, int>, size_t> row_of;
  std::map<std::tuple<std::string, std::string, std::string>, int> times_seen;
  for (const v1::SipRecord& record : signalling.messages()) {
    const auto sip = ParseSip(record.message());
    const std::string identity = IdentityOf(record, sip);
    const int nth =
        times_seen[{record.sensor(), record.capture_point(), identity}]++;
    const auto [known, added] =
        row_of.try_emplace({identity, nth}, rows.size());
    if (added) {
      const std::string label = LabelOf(record, sip);
      Row row;
      row.time = ToTime(record.aligned_time());
      row.source = HostOf(record.source());
      row.destination = HostOf(record.destination());
      if (nth > 0) row.labels.push_back(label + " again");
      row.labels.push_back(label);
      row.labels.push_back(Printable(record.summary()));
      rows.push_back(std::move(row));
    }
    AddOnce(rows[known->second].sensors, record.sensor());
  }
  return rows;
}

// Capture points see a packet within their delay of each other, and senders
// send one a second at most.
constexpr absl::Duration kSameRtcp = absl::Milliseconds(500);

std::vector<Row> RtcpRows(const v1::GetSignallingResponse& signalling) {
  std::vector<Row> rows;
  for (const v1::RtcpRecord& record : signalling.rtcp()) {
    Row row;
    row.time = ToTime(record.aligned_time());
    row.source = HostOf(record.source());
    row.destination = HostOf(record.destination());
    const std::string words = Printable(record.summary());
    row.labels = {absl::StrCat("RTCP ", words),
                  absl::StrCat("RTCP ", words.substr(0, words.find(':'))),
                  "RTCP"};
    row.sensors = {record.sensor()};
    row.media = true;
    const auto same =
        std::find_if(rows.rbegin(), rows.rend(), [&row](const Row& known) {
          return known.source == row.source &&
                 known.destination == row.destination &&
                 known.labels == row.labels &&
                 row.time - known.time < kSameRtcp;
        });
    if (same == rows.rend()) {
      rows.push_back(std::move(row));
    } else {
      AddOnce(same->sensors, record.sensor());
    }
  }
  return rows;
}

Row StreamRow(const v1::Stream& stream) {
  Row row;
  row.time = ToTime(stream.start_time());
  row.source = HostOf(stream.source());
  row.destination = HostOf(stream.destination());
  row.media = true;
  const std::string codec =
      Printable(stream.codec().empty() ? "RTP" : stream.codec());
  const std::string packets = Count(stream.packets());
  const std::string lost =
      stream.lost() == 0 ? "" : absl::StrCat(", ", stream.lost(), " lost");
  const char* const transport =
      stream.transport() == v1::MEDIA_TRANSPORT_UDPTL ? "UDPTL " : "RTP ";
  row.labels = {absl::StrCat(transport, codec, " ", packets, " packets", lost),
                absl::StrCat(codec, " ", packets, " packets", lost),
                absl::StrCat(codec, " ", packets, lost),
                absl::StrCat(codec, " ", packets), codec};
  for (const auto& seen : stream.observations()) {
    AddOnce(row.sensors, seen.sensor());
  }
  return row;
}

// From the caller's phone, along the legs, to the callee's; then the hosts that
// only media knows.
std::vector<std::string> HostsOf(const v1::Call& call,
                                 const std::vector<Row>& rows) {
  std::vector<std::string> hosts;
  for (const v1::Leg& leg : call.legs()) {
    AddOnce(hosts, HostOf(leg.source()));
    AddOnce(hosts, HostOf(leg.destination()));
  }
  for (const Row& row : rows) {
    AddOnce(hosts, row.source);
    AddOnce(hosts, row.destination);
  }
  return hosts;
}

// The drawn part of the ladder: one lifeline in the middle of each column.
class Lifelines {
 public:
  Lifelines(std::vector<std::string> hosts, size_t room)
      : hosts_(std::move(hosts)),
        column_(std::clamp(room / std::max<size_t>(hosts_.size(), 1),
                           kMinColumn, kMaxColumn)) {}

  std::string Header() const {
    std::string line;
    for (const std::string& host : hosts_) {
      const std::string name = Fit(Printable(host), column_ - 1);
      const size_t before = (column_ - Width(name)) / 2;
      line += PadRight(std::string(before, ' ') + name, column_);
    }
    return line;
  }

  std::string Draw(const Row& row) const {
    std::vector<std::string> cells(column_ * hosts_.size(), " ");
    for (size_t i = 0; i < hosts_.size(); ++i) cells[Middle(i)] = "│";
    const size_t from = Middle(IndexOf(row.source));
    const size_t to = Middle(IndexOf(row.destination));
    if (from == to) {
      Put(cells, from + 2, "↩ " + Fitting(row.labels, column_ / 2 - 4));
    } else {
      Arrow(cells, from, to, row);
    }
    return absl::StrJoin(cells, "");
  }

 private:
  size_t Middle(size_t index) const { return index * column_ + column_ / 2; }
  size_t IndexOf(const std::string& host) const {
    return std::find(hosts_.begin(), hosts_.end(), host) - hosts_.begin();
  }

  static std::string Fitting(const std::vector<std::string>& labels,
                             size_t room) {
    for (const std::string& label : labels) {
      if (Width(label) <= room) return label;
    }
    return Fit(labels.back(), room);
  }

  static void Put(std::vector<std::string>& cells, size_t at,
                  const std::string& text) {
    for (const std::string& character : Characters(text)) {
      if (at >= cells.size()) return;
      cells[at++] = character;
      // The second half of a wide character.
      if (Width(character) == 2 && at < cells.size()) cells[at++] = "";
    }
  }

  static void Arrow(std::vector<std::string>& cells, size_t from, size_t to,
                    const Row& row) {
    const size_t left = std::min(from, to);
    const size_t right = std::max(from, to);
    for (size_t i = left + 1; i < right; ++i) cells[i] = row.media ? "═" : "─";
    cells[to > from ? right - 1 : left + 1] = to > from ? ">" : "<";
    // A space each side, a stroke each end, and the head.
    const std::string label = Fitting(row.labels, right - left - 1 - 5);
    const size_t width = Width(label) + 2;
    Put(cells, left + 1 + (right - left - 1 - width) / 2,
        absl::StrCat(" ", label, " "));
  }

  const std::vector<std::string> hosts_;
  const size_t column_;
};

}  // namespace

std::string RenderLadder(const v1::Call& call,
                         const v1::GetSignallingResponse& signalling,
                         absl::TimeZone zone) {
  std::vector<Row> rows = MessageRows(signalling);
  for (const v1::Stream& stream : call.streams()) {
    rows.push_back(StreamRow(stream));
  }
  for (Row& row : RtcpRows(signalling)) rows.push_back(std::move(row));
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.time < b.time; });
  size_t seen_at = 7;
  for (const Row& row : rows) {
    seen_at =
        std::max(seen_at, Width(Printable(absl::StrJoin(row.sensors, ", "))));
  }
  seen_at = std::min(seen_at, kMaxSeenAt);
  const Lifelines lifelines(HostsOf(call, rows),
                            kLineWidth - kTimeWidth - 2 * kGap - seen_at);

  const absl::Time start = ToTime(call.start_time());
  const std::string gap(kGap, ' ');
  std::string text = absl::StrCat("Call ", call.id(), "  ",
                                  absl::FormatTime("%Y-%m-%d", start, zone),
                                  ", times in ", ZoneName(start, zone), "\n\n");
  absl::StrAppend(&text, PadRight("", kTimeWidth), gap, lifelines.Header(), gap,
                  "SEEN AT\n");
  for (const Row& row : rows) {
    absl::StrAppend(
        &text, PadRight(TimeOfDay(row.time, zone), kTimeWidth), gap,
        lifelines.Draw(row), gap,
        Fit(Printable(absl::StrJoin(row.sensors, ", ")), kMaxSeenAt), "\n");
  }
  if (signalling.truncated()) {
    text += "There were more messages; the rest is left out.\n";
  }
  return text;
}

}  // namespace callbraid::cli
