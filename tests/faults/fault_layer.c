// A layer between one program and its disk and clock, for tests: LD_PRELOAD.
//
// CALLBRAID_FAULT_LAYER names a file that holds a `struct layer`, which the
// test changes while the program runs (fault_layer.py), and in which it can see
// how many calls there were, also after the program was killed. Calls on files
// whose path contains `path` count, if their name is among `calls` and they are
// made by a thread whose name contains `thread`.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum action {
  kKillBefore = 1,
  kKillAfter = 2,
  // Writes half of it, then kills: a torn record.
  kKillHalfway = 3,
  // Goes on `argument` ms later.
  kDelay = 4,
  // Fails with `argument` as errno.
  kFail = 5,
};

struct layer {
  _Atomic int64_t clock_ahead_ns;
  // Calls number first to first + count - 1 are hit; 0: none.
  _Atomic int64_t first;
  int64_t count;
  int64_t action;
  int64_t argument;
  _Atomic int64_t seen;
  _Atomic int64_t hit;
  char calls[40];
  char path[40];
  char thread[16];
};

static struct layer* layer;

__attribute__((constructor)) static void Load(void) {
  const char* const name = getenv("CALLBRAID_FAULT_LAYER");
  if (name == NULL) return;
  const int fd = open(name, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void* const at =
      mmap(NULL, sizeof *layer, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at != MAP_FAILED) layer = at;
  close(fd);
}

static int ThisThread(void) {
  char name[16] = "";
  if (layer->thread[0] == '\0') return 1;
  prctl(PR_GET_NAME, name);
  return strstr(name, layer->thread) != NULL;
}

// The action that this call meets, 0 for none.
static int64_t Meet(const char* call, const char* path) {
  if (layer == NULL || atomic_load(&layer->first) == 0) return 0;
  if (strstr(layer->calls, call) == NULL || strstr(path, layer->path) == NULL ||
      !ThisThread()) {
    return 0;
  }
  const int64_t number = atomic_fetch_add(&layer->seen, 1) + 1;
  const int64_t first = atomic_load(&layer->first);
  if (first == 0 || number < first || number - first >= layer->count) return 0;
  atomic_fetch_add(&layer->hit, 1);
  return layer->action;
}

static int64_t MeetFile(const char* call, int fd) {
  if (layer == NULL || atomic_load(&layer->first) == 0) return 0;
  const int error = errno;
  char link[32];
  char path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  errno = error;
  if (size < 0) return 0;
  path[size] = '\0';
  return Meet(call, path);
}

static void Die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

// True if the call fails, errno says how.
static int Before(int64_t action) {
  if (action == kKillBefore) Die();
  if (action == kDelay) {
    const struct timespec time = {layer->argument / 1000,
                                  layer->argument % 1000 * 1000000};
    nanosleep(&time, NULL);
  }
  if (action != kFail) return 0;
  errno = (int)layer->argument;
  return 1;
}

static void After(int64_t action) {
  if (action == kKillAfter || action == kKillHalfway) Die();
}

static size_t Part(int64_t action, size_t size) {
  return action == kKillHalfway ? size / 2 : size;
}

#define REAL(type, name, ...)                               \
  static type (*real)(__VA_ARGS__);                         \
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, name)

ssize_t write(int fd, const void* data, size_t size) {
  REAL(ssize_t, "write", int, const void*, size_t);
  const int64_t action = MeetFile("write", fd);
  if (Before(action)) return -1;
  const ssize_t done = real(fd, data, Part(action, size));
  After(action);
  return done;
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
  REAL(ssize_t, "pwrite", int, const void*, size_t, off_t);
  const int64_t action = MeetFile("write", fd);
  if (Before(action)) return -1;
  const ssize_t done = real(fd, data, Part(action, size), offset);
  After(action);
  return done;
}

ssize_t pwritev(int fd, const struct iovec* parts, int count, off_t offset) {
  REAL(ssize_t, "pwritev", int, const struct iovec*, int, off_t);
  const int64_t action = MeetFile("write", fd);
  if (Before(action)) return -1;
  if (action == kKillHalfway && count == 2) {
    // The head of a record, and half of its body.
    const struct iovec torn[2] = {parts[0],
                                  {parts[1].iov_base, parts[1].iov_len / 2}};
    real(fd, torn, 2, offset);
    Die();
  }
  const ssize_t done = real(fd, parts, count, offset);
  After(action);
  return done;
}

ssize_t pread(int fd, void* data, size_t size, off_t offset) {
  REAL(ssize_t, "pread", int, void*, size_t, off_t);
  const int64_t action = MeetFile("read", fd);
  if (Before(action)) return -1;
  const ssize_t done = real(fd, data, size, offset);
  After(action);
  return done;
}

int fsync(int fd) {
  REAL(int, "fsync", int);
  const int64_t action = MeetFile("sync", fd);
  if (Before(action)) return -1;
  const int done = real(fd);
  After(action);
  return done;
}

int fdatasync(int fd) {
  REAL(int, "fdatasync", int);
  const int64_t action = MeetFile("sync", fd);
  if (Before(action)) return -1;
  const int done = real(fd);
  After(action);
  return done;
}

int rename(const char* from, const char* to) {
  REAL(int, "rename", const char*, const char*);
  const int64_t action = Meet("rename", to);
  if (Before(action)) return -1;
  const int done = real(from, to);
  After(action);
  return done;
}

int unlink(const char* path) {
  REAL(int, "unlink", const char*);
  const int64_t action = Meet("unlink", path);
  if (Before(action)) return -1;
  const int done = real(path);
  After(action);
  return done;
}

static int64_t AheadNs(clockid_t clock) {
  if (layer == NULL) return 0;
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE
             ? atomic_load(&layer->clock_ahead_ns)
             : 0;
}

int clock_gettime(clockid_t clock, struct timespec* time) {
  REAL(int, "clock_gettime", clockid_t, struct timespec*);
  const int done = real(clock, time);
  const int64_t ahead_ns = AheadNs(clock);
  if (done != 0 || ahead_ns == 0) return done;
  const int64_t ns =
      (int64_t)time->tv_sec * 1000000000 + time->tv_nsec + ahead_ns;
  time->tv_sec = ns / 1000000000;
  time->tv_nsec = ns % 1000000000;
  return done;
}

int gettimeofday(struct timeval* time, void* zone) {
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != NULL) *out = now.tv_sec;
  return now.tv_sec;
}
