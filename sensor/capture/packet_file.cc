#include "sensor/capture/packet_file.h"

#include <pcap/pcap.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "sensor/capture/capture_file.h"
#include "sensor/capture/pcap_handle.h"
#include "sensor/capture/pcapng_file.h"

namespace callbraid::sensor {
namespace {

class PcapFile final : public PacketFile {
 public:
  explicit PcapFile(PcapHandle pcap)
      : pcap_(std::move(pcap)), link_type_(pcap_datalink(pcap_.get())) {}

  absl::StatusOr<bool> Next(CapturedPacket& packet) override {
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    switch (pcap_next_ex(pcap_.get(), &header, &bytes)) {
      case 1:
        packet = ToCapturedPacket(*header, bytes, link_type_,
                                  /*nanoseconds=*/true);
        return true;
      case PCAP_ERROR_BREAK:  // End of file.
        return false;
      default:
        return absl::DataLossError(pcap_geterr(pcap_.get()));
    }
  }
  const std::string& key_log() const override { return none_; }
  void WipeKeyLog() override {}

 private:
  const PcapHandle pcap_;
  const int link_type_;
  const std::string none_;
};

// A file that is unpacked as it is read, or a pipe: what is wrong with that is
// the cause of what the reader of the packets finds wrong.
class SourcedFile final : public PacketFile {
 public:
  SourcedFile(std::unique_ptr<PacketFile> file, const ByteSource& source)
      : file_(std::move(file)), source_(source) {}

  absl::StatusOr<bool> Next(CapturedPacket& packet) override {
    absl::StatusOr<bool> more = file_->Next(packet);
    if (more.ok() || source_.error().empty()) return more;
    return absl::DataLossError(source_.error());
  }
  const std::string& key_log() const override { return file_->key_log(); }
  void WipeKeyLog() override { file_->WipeKeyLog(); }

 private:
  const std::unique_ptr<PacketFile> file_;
  // Of file_.
  const ByteSource& source_;
};

absl::Status CannotRead(const std::string& path, absl::string_view error) {
  if (absl::StrContains(error, "only got 0")) {
    return absl::InvalidArgumentError(
        absl::StrCat("capture file '", path, "' is empty"));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", path, "' is not a pcap or pcapng file (", error, ")"));
}

absl::StatusOr<std::unique_ptr<PacketFile>> OpenPcap(const std::string& path,
                                                     const std::string& filter,
                                                     CaptureFile& opened) {
  char error[PCAP_ERRBUF_SIZE] = "";
  PcapHandle pcap(pcap_fopen_offline_with_tstamp_precision(
      opened.file.get(), PCAP_TSTAMP_PRECISION_NANO, error));
  if (pcap == nullptr) {
    const std::string cause =
        opened.source == nullptr ? "" : opened.source->error();
    return CannotRead(path, cause.empty() ? error : cause);
  }
  opened.file.release();  // pcap_close() closes it.
  if (!filter.empty()) RETURN_IF_ERROR(SetFilter(pcap.get(), filter));
  return std::make_unique<PcapFile>(std::move(pcap));
}

}  // namespace

absl::StatusOr<std::unique_ptr<PacketFile>> OpenPacketFile(
    const std::string& path, const std::string& filter) {
  ASSIGN_OR_RETURN(CaptureFile opened, OpenCaptureFile(path));
  std::unique_ptr<PacketFile> file;
  if (opened.is_pcapng) {
    file = std::make_unique<PcapngFile>(std::move(opened.file), filter);
  } else {
    ASSIGN_OR_RETURN(file, OpenPcap(path, filter, opened));
  }
  if (opened.source == nullptr) return file;
  return std::make_unique<SourcedFile>(std::move(file), *opened.source);
}

}  // namespace callbraid::sensor
