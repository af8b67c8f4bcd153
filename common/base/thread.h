#ifndef CALLBRAID_COMMON_BASE_THREAD_H_
#define CALLBRAID_COMMON_BASE_THREAD_H_

#include <cstdint>
#include <functional>
#include <string>
#include <thread>

namespace callbraid {

// A thread with a name (at most 15 characters, shown by top -H and gdb) that is
// joined when destroyed. `body` must have been told to return by then.
class Thread {
 public:
  Thread() = default;
  Thread(const std::string& name, std::function<void()> body);
  Thread(Thread&&) = default;
  // Joins the thread that is replaced.
  Thread& operator=(Thread&& other) noexcept;
  ~Thread() { Join(); }

  void Join();

 private:
  std::thread thread_;
};

// CPU time that the calling thread has taken, in ns.
int64_t ThreadCpuNs();

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_BASE_THREAD_H_
