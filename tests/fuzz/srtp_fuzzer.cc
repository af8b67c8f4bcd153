// The parser of a=crypto, and the decryptor on packets from the wire: one byte
// for the size of the line, the line, then packets of 200 bytes at most.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "collector/secure/crypto_attribute.h"
#include "collector/secure/srtp_decryptor.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace collector = callbraid::collector;
  if (size == 0) return 0;
  std::string input(reinterpret_cast<const char*>(data + 1), size - 1);
  const size_t line = std::min<size_t>(data[0], input.size());
  const auto attribute = collector::ParseCryptoAttribute(input.substr(0, line));
  input.erase(0, line);
  collector::CandidateKey key;
  key.is_certain = true;
  key.attribute = attribute ? *attribute
                            : *collector::ParseCryptoAttribute(
                                  "1 AES_CM_128_HMAC_SHA1_80 inline:"
                                  "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj");
  collector::SrtpDecryptor decryptor(0x01020304, {key});
  constexpr size_t kPacketBytes = 200;
  constexpr int kMaxPackets = 8;
  for (int i = 0; i < kMaxPackets && !input.empty(); ++i) {
    std::string packet = input.substr(0, kPacketBytes);
    input.erase(0, kPacketBytes);
    decryptor.Decrypt(i, packet);
  }
  return 0;
}
