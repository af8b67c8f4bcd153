#ifndef CALLBRAID_COLLECTOR_QUERY_WORKER_POOL_H_
#define CALLBRAID_COLLECTOR_QUERY_WORKER_POOL_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/base/bounded_queue.h"
#include "common/base/thread.h"

namespace callbraid::collector {

// A few threads for work that may touch the disk, so that gRPC's own never do.
//
// Jobs begin in the order in which they were submitted. Thread-safe.
class WorkerPool {
 public:
  // `queue` jobs may wait for one of `threads` threads called `name`.
  WorkerPool(const std::string& name, int threads, size_t queue);
  // Runs what was submitted, then joins the threads.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // RESOURCE_EXHAUSTED, and `job` was not taken, if the queue is full.
  absl::Status Submit(std::function<void()> job);

 private:
  void Run();

  BoundedQueue<std::function<void()>> jobs_;
  std::vector<Thread> threads_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_WORKER_POOL_H_
