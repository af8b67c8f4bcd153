#ifndef CALLBRAID_SENSOR_CAPTURE_PCAPNG_SECRETS_H_
#define CALLBRAID_SENSOR_CAPTURE_PCAPNG_SECRETS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace callbraid::sensor {

// Takes the TLS key logs out of a pcapng file as it is read: libpcap passes
// over the Decryption Secrets Blocks (draft-ietf-opsawg-pcapng, section 4.7)
// that hold them. A file of another format has none. One thread.
class PcapngSecrets {
 public:
  PcapngSecrets() = default;
  PcapngSecrets(const PcapngSecrets&) = delete;
  PcapngSecrets& operator=(const PcapngSecrets&) = delete;
  ~PcapngSecrets();

  // The file goes on with `bytes`.
  void OnBytes(std::string_view bytes);

  // Lines of key logs that were found since they were wiped; a block of more
  // than 16 MiB is not taken.
  const std::string& key_log() const { return key_log_; }
  void Wipe();

 private:
  // Type, length and, of a section's header, byte order are in `header_`; false
  // if this is no pcapng file, or not any more.
  bool BeginBlock();
  void EndSecrets();
  uint32_t Number(std::string_view bytes) const;

  bool is_pcapng_ = true;
  bool big_endian_ = false;
  std::string header_;
  // Bytes still to come of the block, and whether they are wanted.
  size_t left_ = 0;
  bool wanted_ = false;
  // Of a block of secrets.
  std::string body_;
  std::string key_log_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_CAPTURE_PCAPNG_SECRETS_H_
