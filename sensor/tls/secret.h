#ifndef CALLBRAID_SENSOR_TLS_SECRET_H_
#define CALLBRAID_SENSOR_TLS_SECRET_H_

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace callbraid::sensor {

// A few bytes that nobody else may know: they are wiped where they were, also
// when they are copied away, and are in no log, status or frame.
class Secret {
 public:
  // Of a master secret, or a traffic secret of SHA-384.
  static constexpr size_t kMaxBytes = 48;

  Secret() = default;
  // `bytes` beyond kMaxBytes are not kept.
  explicit Secret(std::span<const uint8_t> bytes)
      : size_(std::min(bytes.size(), kMaxBytes)) {
    std::copy_n(bytes.begin(), size_, bytes_.begin());
  }
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  ~Secret() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

  // Sets the size, for whoever writes to mutable_bytes().
  void Resize(size_t size) { size_ = std::min(size, kMaxBytes); }

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  std::span<const uint8_t> bytes() const { return {bytes_.data(), size_}; }
  std::span<uint8_t> mutable_bytes() { return {bytes_.data(), size_}; }

 private:
  std::array<uint8_t, kMaxBytes> bytes_ = {};
  size_t size_ = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_TLS_SECRET_H_
