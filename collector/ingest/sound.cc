#include "collector/ingest/sound.h"

#include <cstddef>
#include <string>

namespace callbraid::collector {
namespace {

constexpr int kMaxVlans = 8;
constexpr size_t kMacBytes = 6;

}  // namespace

bool IsSound(const v1::LinkInfo& link) {
  const auto mac = [](const std::string& bytes) {
    return bytes.empty() || bytes.size() == kMacBytes;
  };
  return mac(link.source_mac()) && mac(link.destination_mac()) &&
         link.vlan_ids_size() <= kMaxVlans;
}

}  // namespace callbraid::collector
