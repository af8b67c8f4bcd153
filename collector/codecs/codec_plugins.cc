#include "collector/codecs/codec_plugins.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "collector/codecs/codec_plugin.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

class PluginDecoder final : public Decoder {
 public:
  PluginDecoder(const callbraid_codec& codec, int mode)
      : codec_(codec), mode_(mode), state_(codec.open(mode)) {}
  ~PluginDecoder() override {
    if (state_ != nullptr) codec_.close(state_);
  }
  PluginDecoder(const PluginDecoder&) = delete;
  PluginDecoder& operator=(const PluginDecoder&) = delete;

  bool Decode(std::span<const uint8_t> payload,
              std::vector<int16_t>& pcm) override {
    const size_t count = codec_.samples(mode_, payload.data(), payload.size());
    if (state_ == nullptr || count == 0 || count > codec_.sample_rate) {
      return false;
    }
    int16_t* out = Grow(count, pcm);
    return codec_.decode(state_, payload.data(), payload.size(), out) != 0;
  }
  bool Conceal(size_t samples, std::span<const uint8_t> /*next*/,
               std::vector<int16_t>& pcm) override {
    return state_ != nullptr && codec_.conceal != nullptr &&
           codec_.conceal(state_, samples, Grow(samples, pcm)) != 0;
  }
  bool Pause(size_t samples, std::vector<int16_t>& pcm) override {
    return state_ != nullptr && codec_.pause != nullptr &&
           codec_.pause(state_, samples, Grow(samples, pcm)) != 0;
  }

 private:
  static int16_t* Grow(size_t count, std::vector<int16_t>& pcm) {
    const size_t before = pcm.size();
    pcm.resize(before + count);
    return pcm.data() + before;
  }

  const callbraid_codec& codec_;
  const int mode_;
  void* const state_;
};

class PluginCodec final : public Codec {
 public:
  PluginCodec(const callbraid_codec& codec, int mode)
      : Codec(codec.clock_rate, codec.sample_rate),
        codec_(codec),
        mode_(mode) {}

  size_t Samples(std::span<const uint8_t> payload) const override {
    const size_t samples =
        codec_.samples(mode_, payload.data(), payload.size());
    return samples <= codec_.sample_rate ? samples : 0;
  }
  bool SizeTells() const override { return false; }
  bool EndsInPause(std::span<const uint8_t> payload) const override {
    return codec_.ends_in_pause(mode_, payload.data(), payload.size()) != 0;
  }
  std::unique_ptr<Decoder> CreateDecoder() const override {
    return std::make_unique<PluginDecoder>(codec_, mode_);
  }

 private:
  const callbraid_codec& codec_;
  const int mode_;
};

struct Loaded {
  const callbraid_codec* codec;
  std::array<std::unique_ptr<PluginCodec>, CALLBRAID_CODEC_MODES> modes;
};

// Written before there are threads, read by all.
std::vector<Loaded>& AllLoaded() {
  static auto* loaded = new std::vector<Loaded>;
  return *loaded;
}

bool IsSound(const callbraid_codec& codec) {
  return codec.name != nullptr && codec.clock_rate > 0 &&
         codec.sample_rate >= 8000 && codec.sample_rate <= 48000 &&
         codec.mode != nullptr && codec.samples != nullptr &&
         codec.ends_in_pause != nullptr && codec.open != nullptr &&
         codec.close != nullptr && codec.decode != nullptr;
}

absl::Status Load(const std::string& path) {
  void* object = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (object == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("codec plug-in: ", dlerror()));
  }
  using Entry = const callbraid_codec_plugin* (*)();
  const auto entry =
      reinterpret_cast<Entry>(dlsym(object, "callbraid_codec_plugin_entry"));
  const callbraid_codec_plugin* plugin = entry != nullptr ? entry() : nullptr;
  if (plugin == nullptr || plugin->version != CALLBRAID_CODEC_PLUGIN_VERSION) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is no codec plug-in of version ",
                     CALLBRAID_CODEC_PLUGIN_VERSION,
                     "; build it from the collector's source, or remove it"));
  }
  const auto known = [plugin](const Loaded& loaded) {
    return plugin->count > 0 && loaded.codec == plugin->codecs;
  };
  if (std::any_of(AllLoaded().begin(), AllLoaded().end(), known)) {
    return absl::OkStatus();
  }
  for (size_t i = 0; i < plugin->count; ++i) {
    const callbraid_codec& codec = plugin->codecs[i];
    if (!IsSound(codec)) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": its codec ", i, " lacks what it must have"));
    }
    Loaded& loaded = AllLoaded().emplace_back();
    loaded.codec = &codec;
    for (int mode = 0; mode < CALLBRAID_CODEC_MODES; ++mode) {
      loaded.modes[static_cast<size_t>(mode)] =
          std::make_unique<PluginCodec>(codec, mode);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> LoadCodecPlugins(
    const std::string& dir) {
  std::error_code error;
  std::vector<std::string> paths;
  for (std::filesystem::directory_iterator entry(dir, error), end;
       !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == ".so") paths.push_back(entry->path());
  }
  if (error) {
    return absl::NotFoundError(
        absl::StrCat("codec plug-ins: ", dir, ": ", error.message()));
  }
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) RETURN_IF_ERROR(Load(path));
  return paths;
}

const Codec* FindPluginCodec(const CodecFormat& format) {
  for (const Loaded& loaded : AllLoaded()) {
    const callbraid_codec& codec = *loaded.codec;
    if (!absl::EqualsIgnoreCase(format.name, codec.name)) continue;
    if (format.clock_rate != 0 && format.clock_rate != codec.clock_rate) {
      continue;
    }
    const int mode = codec.mode(format.fmtp.c_str());
    if (mode < 0 || mode >= CALLBRAID_CODEC_MODES) continue;
    return loaded.modes[static_cast<size_t>(mode)].get();
  }
  return nullptr;
}

}  // namespace callbraid::collector
