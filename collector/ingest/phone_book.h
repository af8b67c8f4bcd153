#ifndef CALLBRAID_COLLECTOR_INGEST_PHONE_BOOK_H_
#define CALLBRAID_COLLECTOR_INGEST_PHONE_BOOK_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "callbraid/v1/census.pb.h"
#include "callbraid/v1/frame.pb.h"
#include "callbraid/v1/sensor.pb.h"
#include "collector/ingest/observation_folder.h"
#include "collector/store/scope.h"
#include "common/base/mutex.h"
#include "common/net/endpoint.h"

namespace callbraid::collector {

// The phones that registered where a sensor could see it. In memory alone:
// after a restart it fills as phones register again, which they do every few
// minutes.
//
// A phone is a number of a domain at an address of a site. Each is kept for
// kKeptNs after it was last seen, and at most kMaxPhones are: then the one seen
// least recently makes room, of the site that has most. So a site that is
// scanned, or whose sensor lies, forgets its own.
// Written by the ingest thread, read by any.
class PhoneBook {
 public:
  static constexpr size_t kMaxPhones = 20'000;
  static constexpr int64_t kKeptNs = int64_t{30} * 24 * 3'600'000'000'000;

  // Takes what `report` says of phones, as seen at `now_ns`. What breaks the
  // rules of census.proto is left out, or cut.
  void Add(const FrameOrigin& origin, const v1::CaptureReport& report,
           int64_t now_ns);

  // As SensorService.ListPhones, of `scope`. `truncated`: some had to make room
  // before their time.
  v1::ListPhonesResponse List(const v1::ListPhonesRequest& request,
                              const Scope& scope, int64_t now_ns) const;

 private:
  struct Key {
    std::string site;
    std::string number;
    std::string domain;
    IpAddress address;

    auto operator<=>(const Key&) const = default;
  };
  // Least recently seen first. Keys are those of phones_, which stay where they
  // are.
  using Keys = std::list<const Key*>;
  struct Entry {
    v1::Phone phone;
    int64_t seen_ns = 0;
    Keys::iterator place;
  };

  void Note(const FrameOrigin& origin, const v1::HostTraffic& host,
            const v1::Registration& registration, int64_t now_ns)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void MakeRoom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropExpired(int64_t now_ns) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable Mutex mutex_;
  std::map<Key, Entry> phones_ ABSL_GUARDED_BY(mutex_);
  // By site.
  std::map<std::string, Keys> sites_ ABSL_GUARDED_BY(mutex_);
  int64_t looked_through_ns_ ABSL_GUARDED_BY(mutex_) = 0;
  // When the newest of those that made room was seen; 0 if there are none.
  int64_t pushed_out_ns_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_PHONE_BOOK_H_
