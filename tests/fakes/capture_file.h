#ifndef CALLBRAID_TESTS_FAKES_CAPTURE_FILE_H_
#define CALLBRAID_TESTS_FAKES_CAPTURE_FILE_H_

#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <vector>

namespace callbraid::fakes {

// A pcap file in memory, little-endian, with times in nanoseconds.
class CaptureFile {
 public:
  // `link_type` is a LINKTYPE_...: 1 is Ethernet.
  explicit CaptureFile(uint32_t link_type = 1) {
    U32(0xa1b23c4d);
    U32(4 << 16 | 2);  // Version 2.4.
    U32(0);
    U32(0);
    U32(65535);  // Snapshot length.
    U32(link_type);
  }

  CaptureFile& Add(int64_t time_ns, std::span<const uint8_t> frame,
                   size_t wire_length = 0) {
    U32(static_cast<uint32_t>(time_ns / 1'000'000'000));
    U32(static_cast<uint32_t>(time_ns % 1'000'000'000));
    U32(static_cast<uint32_t>(frame.size()));
    U32(static_cast<uint32_t>(wire_length != 0 ? wire_length : frame.size()));
    bytes_.insert(bytes_.end(), frame.begin(), frame.end());
    return *this;
  }

  const std::vector<uint8_t>& bytes() const { return bytes_; }

 private:
  void U32(uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) {
      bytes_.push_back(static_cast<uint8_t>(value >> shift));
    }
  }

  std::vector<uint8_t> bytes_;
};

inline void WriteFile(const std::string& path, std::span<const uint8_t> bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

}  // namespace callbraid::fakes

#endif  // CALLBRAID_TESTS_FAKES_CAPTURE_FILE_H_
