#ifndef CALLBRAID_TESTS_FAKES_READ_ONLY_STORE_H_
#define CALLBRAID_TESTS_FAKES_READ_ONLY_STORE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "collector/store/store.h"

namespace callbraid::collector {

// Another store's facts, with frames of its own: for tests that watch how
// frames are read, or make them up. They override ReadFrames(). Nothing is
// written.
class ReadOnlyStore : public Store, protected MediaStore {
 public:
  // `store` must outlive it.
  explicit ReadOnlyStore(Store& store) : store_(store) {}

  FactStore& facts() override { return store_.facts(); }
  MediaStore& media() override { return *this; }
  CoordinationStore& coordination() override { return store_.coordination(); }
  AccessStore& access() override { return store_.access(); }
  absl::Status Commit(const CommitGroup&) override { return Refused(); }
  absl::StatusOr<std::unique_ptr<CallDeletion>> PrepareDeletion(
      const std::string&, const Scope&, int64_t) override {
    return Refused();
  }
  absl::StatusOr<MediaLeft> LeftOfMedia(const store::v1::CallRecord&) override {
    return MediaLeft::kAll;
  }

 protected:
  absl::StatusOr<std::string> GetFrame(const ObservationId&, int64_t,
                                       uint32_t) override {
    return Refused();
  }

  Store& store_;

 private:
  static absl::Status Refused() {
    return absl::UnimplementedError("read only");
  }
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_FAKES_READ_ONLY_STORE_H_
