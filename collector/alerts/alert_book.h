#ifndef CALLBRAID_COLLECTOR_ALERTS_ALERT_BOOK_H_
#define CALLBRAID_COLLECTOR_ALERTS_ALERT_BOOK_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "callbraid/store/v1/call_event.pb.h"
#include "callbraid/v1/event.pb.h"

namespace callbraid::collector {

// What is wrong, and was told of: turns what is found wrong again and again
// into a beginning and an end. A value; at most kMaxOpen are open.
class AlertBook {
 public:
  static constexpr size_t kMaxOpen = 1000;

  // `open` as of Open(), from before a restart.
  explicit AlertBook(const store::v1::OpenAlerts& open = {});

  // Takes what is wrong at `now_ns` (JudgeAlerts()). Of the sensors in `away`
  // nothing new is known: what was wrong with their mirrors still is. What came
  // to be, oldest first: ALERT_BEGAN for what has been wrong as long as
  // HoldOf() says, ALERT_ENDED for what has been well for a minute.
  std::vector<store::v1::CallEvent> Update(const std::vector<v1::Alert>& wrong,
                                           const std::set<std::string>& away,
                                           int64_t now_ns);

  store::v1::OpenAlerts Open() const;

 private:
  using Key = std::tuple<v1::AlertKind, std::string, std::string, std::string>;
  struct Entry {
    // Its begin_time is when it was found first.
    v1::Alert alert;
    bool told = false;
    int64_t wrong_ns = 0;  // When it was found last.
  };
  static Key KeyOf(const v1::Alert& alert);

  std::map<Key, Entry> entries_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_ALERTS_ALERT_BOOK_H_
