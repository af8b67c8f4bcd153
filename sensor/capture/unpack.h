#ifndef CALLBRAID_SENSOR_CAPTURE_UNPACK_H_
#define CALLBRAID_SENSOR_CAPTURE_UNPACK_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>

namespace callbraid::sensor {

struct CloseFile {
  void operator()(FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<FILE, CloseFile>;

// Bytes in their order, from wherever they come. One thread.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // How many of at most `size` bytes were put into `buffer`: as many as there
  // are now, one at least; 0 at the end. -1: error() says why, and nothing
  // follows.
  virtual ssize_t Read(char* buffer, size_t size) = 0;

  // What is wrong, for people; empty until Read() has returned -1.
  virtual const std::string& error() const = 0;
};

// `head`, and behind it what `file` has. Past the buffer of `file`, so that
// what comes by a pipe is there when it comes: nothing may have been read into
// that.
std::unique_ptr<ByteSource> ReadFile(File file, std::string head);

// What gzip compressed (RFC 1952), in any number of members; what follows the
// last and is none is passed over, as gzip does.
std::unique_ptr<ByteSource> Gunzip(std::unique_ptr<ByteSource> packed);

// What Zstandard compressed (RFC 8878), in any number of frames. A frame that
// needs a window of more than 128 MiB is refused: that is what memory is
// bounded by.
std::unique_ptr<ByteSource> Unzstd(std::unique_ptr<ByteSource> packed);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_CAPTURE_UNPACK_H_
