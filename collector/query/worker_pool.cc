#include "collector/query/worker_pool.h"

#include <utility>

#include "absl/time/time.h"

namespace callbraid::collector {

WorkerPool::WorkerPool(const std::string& name, int threads, size_t queue)
    : jobs_(queue) {
  threads_.reserve(threads);
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back(name, [this] { Run(); });
  }
}

WorkerPool::~WorkerPool() { jobs_.Close(); }

absl::Status WorkerPool::Submit(std::function<void()> job) {
  if (jobs_.Push(std::move(job))) return absl::OkStatus();
  return absl::ResourceExhaustedError("too many requests at once; try again");
}

void WorkerPool::Run() {
  while (!jobs_.closed_and_empty()) {
    if (const auto job = jobs_.Pop(absl::Seconds(30))) (*job)();
  }
}

}  // namespace callbraid::collector
