#ifndef CALLBRAID_COLLECTOR_INGEST_SENSOR_BUDGET_H_
#define CALLBRAID_COLLECTOR_INGEST_SENSOR_BUDGET_H_

#include <cstddef>
#include <cstdint>

#include "callbraid/v1/config.pb.h"

namespace callbraid::collector {

// What one sensor may send on average: bytes, frames, observations begun.
//
// A batch is taken whole, so that the budget may be overdrawn; then nothing
// more is taken until time has paid for it. One thread.
class SensorBudget {
 public:
  // Full. `now_ns`: monotonic, as everywhere here.
  SensorBudget(const v1::IngestConfig& config, int64_t now_ns);

  // Whether the next message may be taken.
  bool IsOpen(int64_t now_ns);
  void Spend(size_t bytes, uint64_t frames, uint64_t observations);

 private:
  class Bucket {
   public:
    Bucket(double per_second, double seconds)
        : per_ns_(per_second / 1e9),
          size_(per_second * seconds),
          left_(size_) {}
    void Fill(int64_t elapsed_ns);
    void Take(double amount) { left_ -= amount; }
    bool overdrawn() const { return left_ <= 0; }

   private:
    double per_ns_;
    double size_;
    double left_;
  };

  int64_t filled_ns_;
  Bucket bytes_;
  Bucket frames_;
  Bucket observations_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_SENSOR_BUDGET_H_
