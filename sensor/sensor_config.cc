#include "sensor/sensor_config.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "sensor/capture/file_source.h"
#include "sensor/capture/folder_source.h"
#include "sensor/decap/mirror_splitter.h"

namespace callbraid::sensor {
namespace {

// Of v1::Hello.
constexpr size_t kMaxIdLength = 64;
constexpr int kMaxCapturePoints = 64;
constexpr size_t kMaxNameLength = 128;

absl::Status Wrong(const std::string& text) {
  return absl::InvalidArgumentError(text);
}

absl::Status CheckId(const std::string& id, const char* what,
                     const char* example) {
  if (id.empty()) {
    return Wrong(
        absl::StrCat(what, " is missing; name this sensor, e.g. ", example));
  }
  const bool good = std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
  });
  if (good && id.size() <= kMaxIdLength) return absl::OkStatus();
  return Wrong(absl::StrCat(what, " '", id,
                            "' is not good; use 1 to 64 letters, digits, '.', "
                            "'_' and '-', e.g. ",
                            example));
}

absl::Status CheckRange(uint32_t value, uint32_t low, uint32_t high,
                        const char* field) {
  // 0 is "not set".
  if (value == 0 || (value >= low && value <= high)) return absl::OkStatus();
  return Wrong(absl::StrCat(field, " is ", value, "; use ", low, " to ", high));
}

absl::Status CheckFolder(const v1::FolderConfig& folder) {
  const std::string& path = folder.path();
  if (path.empty()) return Wrong("capture.folders has an entry without path");
  const std::string what = absl::StrCat("capture.folders, '", path, "': ");
  const std::string& done = folder.done();
  if (done != "" && done != "keep" && done != "delete" && done != "move") {
    return Wrong(
        absl::StrCat(what, "done is '", done, "'; use keep, delete or move"));
  }
  if ((done == "move") == folder.move_to().empty()) {
    return Wrong(absl::StrCat(
        what, "'done: move' and move_to need each other; give both or none"));
  }
  if (folder.move_to() == path) {
    return Wrong(absl::StrCat(what, "move_to is the same folder"));
  }
  // It is in the name of a file.
  if (FolderName(folder).find('/') != std::string::npos) {
    return Wrong(absl::StrCat(what, "name is '", FolderName(folder),
                              "'; it must not have a '/'"));
  }
  return CheckRange(folder.settle_s(), 1, 3600, "capture.folders.settle_s");
}

// Of one kind, and not more of it than there may be capture points.
absl::Status CheckSources(const v1::CaptureConfig& capture) {
  const int kinds = !capture.interfaces().empty() + !capture.files().empty() +
                    !capture.folders().empty();
  if (kinds == 0) {
    return Wrong(
        "there is nothing to capture from; give --interface IF (capture."
        "interfaces), --read FILE (capture.files) or --folder DIR (capture."
        "folders)");
  }
  if (kinds > 1) {
    return Wrong(
        "interfaces, files and folders exclude each other; drop --interface, "
        "--read or --folder, or run two sensors");
  }
  if ((capture.interfaces_size() + capture.files_size() +
       capture.folders_size()) *
          (1 + capture.mirrors_size()) >
      kMaxCapturePoints) {
    return Wrong(absl::StrCat("more than ", kMaxCapturePoints,
                              " interfaces, files or folders, each with its "
                              "mirrors; run several sensors"));
  }
  return absl::OkStatus();
}

absl::Status CheckCapture(const v1::CaptureConfig& capture) {
  RETURN_IF_ERROR(CheckSources(capture));
  std::set<std::string> names;
  for (const std::string& interface : capture.interfaces()) {
    if (!names.insert(interface).second) {
      return Wrong(absl::StrCat("interface ", interface,
                                " is given twice; give it once"));
    }
  }
  for (const std::string& path : capture.files()) {
    const std::string name = FileName(path);
    if (!names.insert(name).second) {
      return Wrong(absl::StrCat(
          "two files are called ", name,
          "; a file is known by its name without the folder: rename one"));
    }
  }
  for (const v1::FolderConfig& folder : capture.folders()) {
    RETURN_IF_ERROR(CheckFolder(folder));
    const std::string name = FolderName(folder);
    if (!names.insert(name).second) {
      return Wrong(absl::StrCat("two folders are called ", name,
                                "; give one of them another name"));
    }
  }
  for (const std::string& name : names) {
    if (name.empty() || name.size() > kMaxNameLength) {
      return Wrong(
          absl::StrCat("'", name,
                       "' is not good as a name of an "
                       "interface, file or folder; use 1 to 128 bytes"));
    }
  }
  RETURN_IF_ERROR(ParseSpeed(capture.speed()).status());
  for (const uint32_t port : capture.sip_ports()) {
    if (port == 0 || port > 65535) {
      return Wrong(
          absl::StrCat("capture.sip_ports has ", port, "; use 1 to 65535"));
    }
  }
  RETURN_IF_ERROR(CheckRange(capture.ring_mib(), 1, 2047, "capture.ring_mib"));
  RETURN_IF_ERROR(
      CheckRange(capture.snaplen(), 128, 262144, "capture.snaplen"));
  RETURN_IF_ERROR(CheckRange(capture.read_timeout_ms(), 1, 1000,
                             "capture.read_timeout_ms"));
  RETURN_IF_ERROR(CheckRange(capture.mirror_window_us(), 1, 1'000'000,
                             "capture.mirror_window_us"));
  return MirrorSplitter::Validate(capture);
}

absl::Status CheckCompression(const std::string& compression) {
  for (const char* known : {"", "none", "fast", "best", "auto"}) {
    if (compression == known) return absl::OkStatus();
  }
  return Wrong(absl::StrCat("media.compression is '", compression,
                            "'; use none, fast, best or auto"));
}

absl::Status CheckSeenElsewhere(const v1::SensorConfig& config) {
  const std::string& word = config.media().seen_elsewhere();
  if (!word.empty() && word != "send" && word != "keep") {
    return Wrong(
        absl::StrCat("media.seen_elsewhere is '", word, "'; use send or keep"));
  }
  if (word == "keep" && config.capture().interfaces().empty()) {
    return Wrong(
        "media.seen_elsewhere is 'keep', which is for interfaces; what files "
        "hold is sent: drop it");
  }
  return absl::OkStatus();
}

absl::Status CheckAskedFor(const v1::AskedForConfig& asked_for) {
  constexpr int kMaxNumbers = 100;
  constexpr size_t kMaxNumberBytes = 64;
  if (asked_for.numbers_size() > kMaxNumbers) {
    return Wrong(absl::StrCat("media.asked_for.numbers has more than ",
                              kMaxNumbers,
                              "; use beginnings, e.g. \"+4930*\""));
  }
  for (const std::string& number : asked_for.numbers()) {
    if (number.empty() || number.size() > kMaxNumberBytes) {
      return Wrong(absl::StrCat("media.asked_for.numbers has '", number,
                                "'; use 1 to ", kMaxNumberBytes, " bytes"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckDecrypt(const v1::DecryptConfig& decrypt) {
  constexpr int kMaxKeyLogs = 16;
  if (decrypt.key_logs_size() > kMaxKeyLogs) {
    return Wrong(absl::StrCat("decrypt.key_logs has more than ", kMaxKeyLogs,
                              " files; let several programs append to one"));
  }
  for (const std::string& path : decrypt.key_logs()) {
    if (path.empty()) return Wrong("decrypt.key_logs has an empty path");
  }
  constexpr int kMaxServerKeys = 16;
  if (decrypt.server_keys_size() > kMaxServerKeys) {
    return Wrong(absl::StrCat("decrypt.server_keys has more than ",
                              kMaxServerKeys, " files"));
  }
  for (const std::string& path : decrypt.server_keys()) {
    if (path.empty()) return Wrong("decrypt.server_keys has an empty path");
  }
  return CheckRange(decrypt.key_wait_ms(), 100, 600'000, "decrypt.key_wait_ms");
}

absl::Status CheckSpool(const v1::SpoolConfig& spool) {
  if (spool.dir().empty()) {
    return Wrong(
        "there is no folder for the spool; give --spool DIR (spool.dir), a "
        "folder of this sensor alone");
  }
  constexpr uint32_t kMaxMib = 64u << 20;
  RETURN_IF_ERROR(CheckRange(spool.media_mib(), 4, kMaxMib, "spool.media_mib"));
  RETURN_IF_ERROR(
      CheckRange(spool.signalling_mib(), 4, kMaxMib, "spool.signalling_mib"));
  RETURN_IF_ERROR(CheckRange(spool.kept_mib(), 4, kMaxMib, "spool.kept_mib"));
  RETURN_IF_ERROR(CheckRange(spool.sync_ms(), 10, 60'000, "spool.sync_ms"));
  return CheckRange(spool.flush_ms(), 1, 10'000, "spool.flush_ms");
}

absl::Status CheckUplink(const v1::UplinkConfig& uplink) {
  if (uplink.collector().empty()) {
    return Wrong(
        "there is no collector to send to; give --collector HOST:PORT (uplink."
        "collector)");
  }
  const size_t colon = uplink.collector().rfind(':');
  uint32_t port = 0;
  if (colon == std::string::npos || colon == 0 ||
      !absl::SimpleAtoi(uplink.collector().substr(colon + 1), &port) ||
      port == 0 || port > 65535) {
    return Wrong(absl::StrCat("the collector '", uplink.collector(),
                              "' is not HOST:PORT; e.g. 10.0.0.5:4700, or "
                              "[2001:db8::5]:4700"));
  }
  return absl::OkStatus();
}

}  // namespace

std::string FileName(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

void SetDefaults(v1::SensorConfig& config) {
  if (config.site().empty()) config.set_site("default");
  if (config.media().compression().empty()) {
    config.mutable_media()->set_compression("auto");
  }
  v1::SpoolConfig& spool = *config.mutable_spool();
  if (spool.media_mib() == 0) spool.set_media_mib(4096);
  if (spool.signalling_mib() == 0) spool.set_signalling_mib(512);
  if (spool.kept_mib() == 0) spool.set_kept_mib(1024);
  if (spool.sync_ms() == 0) spool.set_sync_ms(1000);
  if (spool.flush_ms() == 0) spool.set_flush_ms(100);
}

absl::Status Validate(const v1::SensorConfig& config) {
  RETURN_IF_ERROR(
      CheckId(config.id(), "the sensor's id (--id, id)", "--id branch-7"));
  if (!config.site().empty()) {
    RETURN_IF_ERROR(
        CheckId(config.site(), "the site (--site, site)", "--site branch-7"));
  }
  RETURN_IF_ERROR(CheckCapture(config.capture()));
  RETURN_IF_ERROR(
      CheckRange(config.media().chunk_ms(), 20, 10'000, "media.chunk_ms"));
  RETURN_IF_ERROR(CheckRange(config.media().max_streams(), 1, 10'000'000,
                             "media.max_streams"));
  RETURN_IF_ERROR(CheckCompression(config.media().compression()));
  RETURN_IF_ERROR(CheckSeenElsewhere(config));
  RETURN_IF_ERROR(CheckAskedFor(config.media().asked_for()));
  RETURN_IF_ERROR(CheckDecrypt(config.decrypt()));
  RETURN_IF_ERROR(CheckSpool(config.spool()));
  return CheckUplink(config.uplink());
}

}  // namespace callbraid::sensor
