#ifndef CALLBRAID_COLLECTOR_ALERTS_ALERT_BOOK_H_
#define CALLBRAID_COLLECTOR_ALERTS_ALERT_BOOK_H_

#include <cstdint>
#include <map>
#include <vector>

#include "callbraid/store/v1/call_event.pb.h"
#include "callbraid/v1/event.pb.h"
#include "collector/alerts/alert_rules.h"

namespace callbraid::collector {

// What is wrong, and was told of: turns what is found wrong again and again
// into a beginning and an end. A value; at most kMaxOpen are open.
class AlertBook {
 public:
  static constexpr size_t kMaxOpen = 1000;

  // `open` as of Open(), from before a restart.
  explicit AlertBook(const store::v1::OpenAlerts& open = {});

  // Takes what is wrong at `now_ns` (JudgeAlerts()), and of what nothing new is
  // known. What came to be: ALERT_BEGAN for what has been wrong as long as
  // HoldOf() says, once more when it gets worse than it ever was, ALERT_ENDED
  // for what has been well for a minute.
  std::vector<store::v1::CallEvent> Update(const std::vector<v1::Alert>& wrong,
                                           const Unknown& unknown,
                                           int64_t now_ns);

  store::v1::OpenAlerts Open() const;

 private:
  struct Entry {
    // As it was at its worst. Its begin_time is when it was found first.
    v1::Alert alert;
    bool told = false;
    int64_t wrong_ns = 0;  // When it was found last.
  };

  std::map<AlertKey, Entry> entries_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_ALERTS_ALERT_BOOK_H_
