#ifndef CALLBRAID_COLLECTOR_EVENTS_CDR_FILES_H_
#define CALLBRAID_COLLECTOR_EVENTS_CDR_FILES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/v1/config.pb.h"
#include "collector/events/cdr_row.h"
#include "collector/events/event_feed.h"
#include "collector/events/event_kinds.h"
#include "collector/events/event_sink.h"
#include "collector/events/sink_meter.h"
#include "common/base/clock.h"

namespace callbraid::collector {

// Writes a line for each call into files, exactly once.
//
// A file grows as .NAME-TIME-NUMBER.csv.part and loses dot and .part when it is
// finished. Its name and folder are stored with the place in the feed before it
// is made, and how many bytes of it are good with each step: what a crash left
// behind them is cut off, and written again. NUMBER is that of the first event
// in it. A file that is not known so may hold the only line of a call: it is
// never deleted, but set aside as .orphan.
//
// One thread.
class CdrFiles final : public EventSink {
 public:
  // `config` as from CompleteEvents(). References must outlive it.
  CdrFiles(const v1::CdrFilesConfig& config, EventFeed& feed, SinkMeter& meter,
           const Clock& clock);
  ~CdrFiles() override;

  // What it wants to be told of.
  static EventKinds Kinds();

  absl::Duration RunOnce() override;

 private:
  // A bounded number of events. How long to wait for more.
  absl::StatusOr<absl::Duration> Work();
  // After a start: goes on with the file that was written to, or finishes it
  // where configuration wants another one.
  absl::Status Recover();
  absl::Status Resume(uint64_t bytes);
  absl::Status SetLeftOversAside() const;
  // Lines of what was taken from the feed.
  absl::Status Render();
  // Makes `lines_` part of the file, and tells the feed.
  absl::Status Write();
  absl::Status Begin();
  // Back to the bytes that are good.
  absl::Status Cut();
  absl::Status FinishIfDue();
  absl::Status Finish();
  void Close();
  std::string NewName() const;
  std::string Part() const;
  std::string State() const;

  const v1::CdrFilesConfig config_;
  const CdrFormat format_;
  EventFeed& feed_;
  SinkMeter& meter_;
  const Clock& clock_;

  bool recovered_ = false;
  // Taken from the feed and not written.
  std::vector<FeedEvent> events_;
  std::string lines_;
  uint64_t rows_ = 0;

  // The file that grows; none if `name_` is "".
  std::string folder_;
  std::string name_;
  int file_ = -1;
  // Of it, those that are told to the feed.
  uint64_t bytes_ = 0;
  int64_t opened_ns_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_CDR_FILES_H_
