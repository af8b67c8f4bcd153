#include "collector/cli/download.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "collector/cli/format.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

constexpr int64_t kProgressNs = 1'000'000'000;

}  // namespace

absl::Status CheckOutput(const std::string& path, const char* example) {
  if (!path.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "where to? Give -o ", example, ", or -o - for standard output"));
}

Download::Download(Session& session, std::string path)
    : session_(session),
      path_(std::move(path)),
      next_progress_ns_(session.clock.MonotonicNs() + kProgressNs) {}

Download::~Download() {
  if (shown_) session_.err << "\r\x1b[K" << std::flush;
  if (!whole_) {
    file_.close();
    std::remove(part().c_str());
  }
}

absl::Status Download::Failed(const std::string& what) const {
  return absl::AbortedError(absl::StrCat(what, ": ", std::strerror(errno)));
}

absl::Status Download::Open() {
  if (to_stdout()) return absl::OkStatus();
  errno = 0;
  file_.open(part(), std::ios::binary | std::ios::trunc);
  if (!file_.is_open()) return Failed(absl::StrCat("cannot create ", part()));
  whole_ = false;
  return absl::OkStatus();
}

absl::Status Download::Write(const std::string& piece) {
  if (!std::exchange(opened_, true)) RETURN_IF_ERROR(Open());
  std::ostream& out = to_stdout() ? session_.out : file_;
  errno = 0;
  out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
  if (!out.good()) {
    return Failed(to_stdout() ? "cannot write to standard output"
                              : absl::StrCat("cannot write ", part()));
  }
  written_ += piece.size();
  ShowProgress();
  return absl::OkStatus();
}

void Download::ShowProgress() {
  const int64_t now_ns = session_.clock.MonotonicNs();
  if (!session_.progress || now_ns < next_progress_ns_) return;
  next_progress_ns_ = now_ns + kProgressNs / 5;
  shown_ = true;
  session_.err << "\r\x1b[K" << Bytes(written_);
  if (total_ > 0) {
    session_.err << " of " << Bytes(total_) << ", " << written_ * 100 / total_
                 << " %";
  }
  session_.err << std::flush;
}

absl::Status Download::Close() {
  if (!opened_) return absl::InternalError("the collector sent nothing");
  if (to_stdout()) {
    session_.out.flush();
    return absl::OkStatus();
  }
  errno = 0;
  file_.close();
  if (file_.fail()) return Failed(absl::StrCat("cannot write ", part()));
  if (std::rename(part().c_str(), path_.c_str()) != 0) {
    return Failed(absl::StrCat("cannot rename ", part(), " to ", path_));
  }
  whole_ = true;
  return absl::OkStatus();
}

}  // namespace callbraid::cli
