#include "common/h323/h323_message.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/h323/tpkt.h"

namespace callbraid {
namespace {

// Without the TPKT header; nullopt if there is none.
std::optional<std::string_view> BodyOf(std::string_view bytes) {
  const auto size = ReadTpktSize(bytes);
  if (!size) return std::nullopt;
  return bytes.substr(0, *size).substr(kTpktHeaderBytes);
}

void Add(std::string_view word, std::string& summary) {
  if (!word.empty()) summary.append(" ").append(word);
}

void AddLine(const std::optional<SdpMediaLine>& line, std::string& summary) {
  if (!line) return;
  for (const SdpPayload& payload : line->payloads) Add(payload.name, summary);
  if (line->payloads.empty()) Add(line->kind, summary);
  if (line->rtp.port != 0) Add(line->rtp.ToString(), summary);
}

std::string SummaryOf(const H245Message& message) {
  std::string summary(message.name);
  if (message.channel != 0) Add(std::to_string(message.channel), summary);
  if (message.pauses) Add("(empty)", summary);
  AddLine(message.forward, summary);
  AddLine(message.reverse, summary);
  Add(message.input, summary);
  return summary;
}

const std::string& NameOf(const H323Party& party) {
  return party.number.empty() ? party.id : party.number;
}

std::string SummaryOf(const H225Message& message) {
  std::string summary(Q931Name(message.q931.type));
  if (message.q931.type == Q931Type::kSetup) {
    Add(NameOf(message.caller), summary);
    Add("->", summary);
    Add(NameOf(message.callee), summary);
  }
  if (message.q931.cause != 0) {
    Add("(" + std::to_string(message.q931.cause), summary);
    Add(Q850Name(message.q931.cause), summary);
    summary.push_back(')');
  }
  if (!message.fast_start.empty()) Add("(fastStart)", summary);
  if (message.h245_address) {
    Add("(H.245 at " + message.h245_address->ToString() + ")", summary);
  }
  for (const H245Message& tunnelled : message.tunnelled) {
    summary.append(&tunnelled == &message.tunnelled.front() ? ": " : ", ");
    summary.append(SummaryOf(tunnelled));
  }
  return summary;
}

std::string SummaryOf(const RasMessage& message) {
  std::string summary(message.name);
  const std::string& caller = NameOf(message.caller);
  const std::string& callee = NameOf(message.callee);
  if (caller.empty() && callee.empty()) return summary;
  Add(caller, summary);
  Add("->", summary);
  Add(callee, summary);
  return summary;
}

bool TellsKeys(const H245Message& message) { return !message.input.empty(); }

bool TellsKeys(const H225Message& message) {
  return (message.q931.type == Q931Type::kInformation &&
          !message.q931.keypad.empty()) ||
         std::any_of(message.tunnelled.begin(), message.tunnelled.end(),
                     [](const H245Message& one) { return TellsKeys(one); });
}

bool TellsKeys(const RasMessage&) { return false; }

}  // namespace

std::optional<H323Message> ParseH323(std::string_view bytes, bool is_datagram) {
  if (is_datagram) {
    if (auto ras = ParseRas(bytes)) return H323Message(*std::move(ras));
    return std::nullopt;
  }
  const auto body = BodyOf(bytes);
  if (!body) return std::nullopt;
  // No H.245 message begins like Q.931, but requestMode, which asks for many
  // things at once and is all but unused.
  if (auto h225 = ParseH225(*body)) return H323Message(*std::move(h225));
  if (auto h245 = ParseH245(*body)) return H323Message(*std::move(h245));
  return std::nullopt;
}

std::string H323Summary(const H323Message& message) {
  return std::visit([](const auto& one) { return SummaryOf(one); }, message);
}

bool TellsPressedKeys(std::string_view bytes, bool is_datagram) {
  const auto message = ParseH323(bytes, is_datagram);
  return !message ||
         std::visit([](const auto& one) { return TellsKeys(one); }, *message);
}

void MaskH323Keys(std::string& bytes, bool is_datagram) {
  const auto body = BodyOf(bytes);
  if (is_datagram || !body) return;
  const std::vector<std::string_view> secrets =
      ParseQ931(*body) ? H225Secrets(*body) : H245Secrets(*body);
  for (const std::string_view secret : secrets) {
    if (secret.empty()) continue;  // Need not point into `bytes`.
    const auto at = secret.data() - bytes.data();
    std::fill_n(bytes.begin() + at, secret.size(), '\0');
  }
}

}  // namespace callbraid
