// SRTP: what a packet costs to decrypt and to find a ROC for. A channel is 50
// packets a second in one direction, 160 bytes each; cores_per_1000 is what a
// thousand channels need in real time.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "collector/secure/crypto_attribute.h"
#include "collector/secure/srtp_decryptor.h"
#include "tests/fakes/srtp_sender.h"

namespace callbraid::collector {
namespace {

constexpr uint32_t kSsrc = 0x01020304;
constexpr uint64_t kPackets = 1000;

struct Stream {
  CandidateKey key;
  std::vector<std::string> packets;
};

Stream MakeStream(const SrtpSender::Suite& suite, uint64_t start) {
  const SrtpSender sender(suite, 'k');
  Stream stream;
  stream.key.attribute =
      *ParseCryptoAttribute("1 " + suite.name + " " + sender.Inline());
  for (uint64_t index = start; index < start + kPackets; ++index) {
    std::string header("\x80\0\0\0\0\0\0\0\1\2\3\4", 12);
    header[2] = static_cast<char>(index >> 8 & 0xff);
    header[3] = static_cast<char>(index & 0xff);
    stream.packets.push_back(
        sender.Protect(header, std::string(160, 'p'), index));
  }
  return stream;
}

void BM_Decrypt(benchmark::State& state, const SrtpSender::Suite& suite) {
  const Stream stream = MakeStream(suite, 0);
  for (auto _ : state) {
    SrtpDecryptor decryptor(kSsrc, {stream.key});
    for (size_t i = 0; i < stream.packets.size(); ++i) {
      std::string packet = stream.packets[i];
      decryptor.Decrypt(static_cast<int64_t>(i), packet);
      benchmark::DoNotOptimize(packet.data());
    }
    if (decryptor.tally().verified != kPackets) {
      state.SkipWithError("a packet does not verify");
    }
  }
  const auto packets = static_cast<double>(state.iterations() * kPackets);
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kPackets));
  state.counters["cores_per_1000"] = benchmark::Counter(
      packets / (1000.0 * 50),
      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

SrtpSender::Suite Gcm() {
  SrtpSender::Suite suite;
  suite.name = "AEAD_AES_128_GCM";
  suite.cipher = SrtpSender::Cipher::kGcm;
  suite.tag_bytes = 16;
  return suite;
}

SrtpSender::Suite Aes256() {
  SrtpSender::Suite suite;
  suite.name = "AES_256_CM_HMAC_SHA1_80";
  suite.key_bytes = 32;
  return suite;
}

BENCHMARK_CAPTURE(BM_Decrypt, aes_cm_128, SrtpSender::Suite());
BENCHMARK_CAPTURE(BM_Decrypt, aes_256_cm, Aes256());
BENCHMARK_CAPTURE(BM_Decrypt, aead_aes_128_gcm, Gcm());

// Joined at the last ROC that is looked for.
void BM_FindRollover(benchmark::State& state) {
  const Stream stream = MakeStream({}, uint64_t{1023} << 16);
  for (auto _ : state) {
    SrtpDecryptor decryptor(kSsrc, {stream.key});
    std::string packet = stream.packets.front();
    if (decryptor.Decrypt(0, packet) != SrtpSession::Outcome::kDecrypted) {
      state.SkipWithError("not found");
    }
  }
}
BENCHMARK(BM_FindRollover)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace callbraid::collector
