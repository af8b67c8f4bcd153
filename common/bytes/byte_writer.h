#ifndef CALLBRAID_COMMON_BYTES_BYTE_WRITER_H_
#define CALLBRAID_COMMON_BYTES_BYTE_WRITER_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace callbraid {

// Appends to a string, network byte order; the mirror of ByteReader.
class ByteWriter {
 public:
  // `out` must outlive the writer.
  explicit ByteWriter(std::string& out) : out_(out) {}

  void U8(uint8_t value) { Big(value, 1); }
  void U16(uint16_t value) { Big(value, 2); }
  void U32(uint32_t value) { Big(value, 4); }
  void U64(uint64_t value) { Big(value, 8); }
  void Bytes(std::string_view bytes) { out_.append(bytes); }
  void Bytes(std::span<const uint8_t> bytes) {
    out_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }

 private:
  void Big(uint64_t value, int size) {
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
      out_.push_back(static_cast<char>(value >> shift & 0xff));
    }
  }

  std::string& out_;
};

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_BYTES_BYTE_WRITER_H_
