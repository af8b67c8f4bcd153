#ifndef CALLBRAID_TESTS_FAKES_H323_BYTES_H_
#define CALLBRAID_TESTS_FAKES_H323_BYTES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"

// Messages of H.323 with their TPKT headers, as
// tests/integration/h323_messages.py makes them, and tshark reads them: of one
// call, from 10.0.0.1 to 10.0.0.2, with call reference 7.

namespace callbraid::fakes {

inline std::string FromHex(absl::string_view hex) {
  return absl::HexStringToBytes(hex);
}

inline constexpr std::string_view kH323CallId =
    "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf";

// Of 1001, Alice, to 2002: offers to speak PCMA, and to hear it or PCMU at
// 10.0.0.1:5004.
inline std::string H323Setup() {
  return FromHex(
      "030000b908020007052805416c6963657e00a60520b0060008914a00040201804334"
      "40040041006c0069006300652200b500001200010180533500c0c1c2c3c4c5c6c7c8"
      "c9cacbcccdcecf00411c1100a0a1a2a3a4a5a6a7a8a9aaabacadaeaf500312000000"
      "0c2013800a040001000a000001138d1d400001060401004c20138011140001000a00"
      "0001138c000a000001138d1d400002060401004c60138011140001000a000001138c"
      "000a000001138d0100010002800100");
}
// Of 1001 to 2002; the channel that it offers has "secret" for a key (H.235).
inline std::string H323SecureSetup() {
  return FromHex(
      "0300007708020007057e006b0520b0060008914a000401018043342200b5000012"
      "00010180533500c0c1c2c3c4c5c6c7c8c9cacbcccdcecf00411c1100a0a1a2a3a4"
      "a5a6a7a8a9aaabacadaeaf21011f8000000c2013800a040001000a000001138d02"
      "800a006000057365637265740100010002800100");
}
// Of the callee: cryptoTokens that make no sense, and such a channel.
inline std::string H323SecureProgress() {
  return FromHex(
      "0300005d08028007037e0051052800490c060008914a00042200b500001200a0a1"
      "a2a3a4a5a6a7a8a9aaabacadaeaf011267617262616765011f8000000c2013800a"
      "040001000a000001138d02800a0060000573656372657402800100");
}
// To 2002, who is asked to let it join a conference.
inline std::string H323JoiningSetup() {
  return FromHex(
      "0300005408020007056c06008031303031700580323030327e0039052080060008"
      "914a00042200b500001200c0c1c2c3c4c5c6c7c8c9cacbcccdcecf20111100a0a1"
      "a2a3a4a5a6a7a8a9aaabacadaeaf02800100");
}
// The numbers in Q.931 alone, without channels.
inline std::string H323SlowSetup() {
  return FromHex(
      "0300005908020007056c06008031303031700580323030327e003e05208006000891"
      "4a00042200b500001200c0c1c2c3c4c5c6c7c8c9cacbcccdcecf00410c1100a0a1a2"
      "a3a4a5a6a7a8a9aaabacadaeaf0100010002800100");
}
// The caller calls itself 192.168.0.1:40000; it hears PCMA at port 5004 there.
inline std::string H323TranslatedSetup() {
  return FromHex(
      "0300008108020007056c06008031303031700580323030327e006605208006000891"
      "4a00042200b500001200c0c1c2c3c4c5c6c7c8c9cacbcccdcecf00451c0700c0a800"
      "019c401100a0a1a2a3a4a5a6a7a8a9aaabacadaeaf1f011d400001060401004c2013"
      "801114000100c0a80001138c00c0a80001138d0100010002800100");
}
// H.245 at 10.0.0.2:30000.
inline std::string H323Alerting() {
  return FromHex(
      "0300003a08028007017e002e0523c0060008914a00042200b5000012000a00000275"
      "30011100a0a1a2a3a4a5a6a7a8a9aaabacadaeaf02800100");
}
inline std::string H323Connect() {
  return FromHex(
      "0300004408028007077e0038052280060008914a00042200b500001200c0c1c2c3c4"
      "c5c6c7c8c9cacbcccdcecf011100a0a1a2a3a4a5a6a7a8a9aaabacadaeaf02800100");
}
// Hears PCMA at 10.0.0.2:6004.
inline std::string H323FastConnect() {
  return FromHex(
      "0300006108028007077e0055052280060008914a00042200b500001200c0c1c2c3c4"
      "c5c6c7c8c9cacbcccdcecf09101100a0a1a2a3a4a5a6a7a8a9aaabacadaeaf1b0119"
      "0000000c20138011140001000a0000021774000a000002177502800100");
}
// From the caller: can hear PCMA, and telephone-events of type 101; opens
// channel 3.
inline std::string H323Tunnel() {
  return FromHex(
      "0300006308020007621c007e0055052680060008914a000460201100a0a1a2a3a4a5"
      "a6a7a8a9aaabacadaeaf04c0018032021c0220010600088175000701800000204013"
      "8000018a061404302d313613030000020c2013800a040001000a000001138d");
}
// From the caller, tunnelled: `items`, each of fewer than 128 bytes.
inline std::string H323Tunnelling(const std::vector<std::string>& items) {
  constexpr size_t kUserUserLength = 12;
  const auto of16 = [](size_t number) {
    return std::string{static_cast<char>(number >> 8),
                       static_cast<char>(number)};
  };
  // X.691, 10.9.
  const auto length = [&of16](size_t size) {
    return size < 128 ? std::string(1, static_cast<char>(size))
                      : of16(size | 0x8000);
  };
  std::string list = length(items.size());
  for (const std::string& item : items) list += length(item.size()) + item;
  std::string message = H323Tunnel();
  // Behind h245Tunnelling, which comes before h245Control.
  message.resize(message.find("\xc0\x01\x80") + 3);
  message += length(list.size()) + list;
  message.replace(2, 2, of16(message.size()));
  message.replace(kUserUserLength, 2,
                  of16(message.size() - kUserUserLength - 2));
  return message;
}
// From the caller: key 5.
inline std::string H323KeypadInformation() {
  return FromHex(
      "03000030080200077b2c01357e0021052480060008914a0004011100a0a1a2a3a4a5"
      "a6a7a8a9aaabacadaeaf02800100");
}
// From the callee: cause 17.
inline std::string H323Busy() {
  return FromHex(
      "03000031080280075a080280917e0021052580060008914a0004011100a0a1a2a3a4"
      "a5a6a7a8a9aaabacadaeaf02800100");
}
// From the caller: cause 16.
inline std::string H323Release() {
  return FromHex(
      "03000031080200075a080280907e0021052580060008914a0004011100a0a1a2a3a4"
      "a5a6a7a8a9aaabacadaeaf02800100");
}
// PCMA, and telephone-events of type 101.
inline std::string H323Capabilities() {
  return FromHex(
      "0300002002200106000881750007018000002040138000018a061404302d3136");
}
// To hold.
inline std::string H323NoCapabilities() {
  return FromHex("0300000e02000206000881750007");
}
// Channel 101.
inline std::string H323OpenG729() {
  return FromHex("03000017030000640d6013800a040001000a000001138d");
}
// Channel 5, both ways; fax is received at 10.0.0.1:5004.
inline std::string H323OpenT38() {
  return FromHex(
      "0300003203400004110404860100000090800a040001000a000001138d5104048601"
      "00000090800a100001000a000001138c");
}
// Channel 101: at 10.0.0.2:6004.
inline std::string H323AckAtCallee() {
  return FromHex("0300001a22c0006402800f0c000a0000021774000a0000021775");
}
// Channel 101: at 10.0.0.1:5004.
inline std::string H323AckAtCaller() {
  return FromHex("0300001a22c0006402800f0c000a000001138c000a000001138d");
}
// Channel 101.
inline std::string H323Close() { return FromHex("030000090400006400"); }
// Key 7.
inline std::string H323Signal() { return FromHex("030000096d810206e0"); }
// Keys 42.
inline std::string H323Alphanumeric() { return FromHex("030000096d40023432"); }
inline std::string H323EndSession() { return FromHex("030000064a40"); }
// A datagram: may 1001 call 2002?
inline std::string RasAdmissionRequest() {
  return FromHex(
      "26800001004000650031010180533501018043344002800007c0c1c2c3c4c5c6c7c8"
      "c9cacbcccdcecf00e001001100a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
}

}  // namespace callbraid::fakes

#endif  // CALLBRAID_TESTS_FAKES_H323_BYTES_H_
