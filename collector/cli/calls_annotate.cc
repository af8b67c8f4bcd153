#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/text.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

// Tags can be put together with what somebody else wrote meanwhile.
constexpr int kTries = 5;

// A request that leaves everything as `call` has it.
v1::AnnotateCallRequest Unchanged(const v1::Call& call) {
  v1::AnnotateCallRequest request;
  request.set_id(call.id());
  *request.mutable_tags() = call.annotation().tags();
  request.set_note(call.annotation().note());
  if (call.has_annotation()) {
    *request.mutable_replaces() = call.annotation().time();
  }
  return request;
}

std::string TagsText(const v1::Call& call) {
  return Printable(absl::StrJoin(call.annotation().tags(), ", "));
}

std::string NoteText(const v1::Call& call, absl::TimeZone zone) {
  const v1::CallAnnotation& annotation = call.annotation();
  std::string text;
  for (absl::string_view line : absl::StrSplit(annotation.note(), '\n')) {
    absl::StrAppend(&text, Printable(std::string(line)), "\n");
  }
  return absl::StrCat(text, "(", Printable(annotation.user()),
                      annotation.user().empty() ? "" : ", ",
                      DateAndTime(ToTime(annotation.time()), zone), ")\n");
}

void Show(Session& session, const v1::Call& call, const std::string& text) {
  session.out << (session.json ? absl::StrCat(ToJson(call.annotation()), "\n")
                               : text);
}

class TagCommand final : public Command {
 public:
  TagCommand()
      : Command({"calls tag",
                 {"ID"},
                 "shows, adds and removes tags of a call",
                 "Whoever may see the call sees its tags, and may change them; "
                 "the audit log says who did.\n",
                 {"TAG,..."}}) {}

  void AddFlags(Flags& flags) override {
    flags.String("remove", "TAG,...", "take these away", remove_);
  }

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    const std::vector<std::string> add =
        TagsIn(arguments.size() > 1 ? arguments[1] : "");
    const std::vector<std::string> remove = TagsIn(remove_);
    ASSIGN_OR_RETURN(v1::Call call, session.collector.GetCall(arguments[0]));
    for (int i = 1; !(add.empty() && remove.empty()); ++i) {
      v1::AnnotateCallRequest request = Unchanged(call);
      std::set<std::string> tags(request.tags().begin(), request.tags().end());
      for (const std::string& tag : remove) tags.erase(tag);
      tags.insert(add.begin(), add.end());
      request.mutable_tags()->Assign(tags.begin(), tags.end());
      auto written = session.collector.AnnotateCall(request);
      if (written.ok()) {
        call = *std::move(written);
        break;
      }
      if (!absl::IsAborted(written.status()) || i == kTries) {
        return written.status();
      }
      ASSIGN_OR_RETURN(call, session.collector.GetCall(arguments[0]));
    }
    Show(session, call,
         call.annotation().tags().empty() ? "no tags\n"
                                          : absl::StrCat(TagsText(call), "\n"));
    return absl::OkStatus();
  }

 private:
  static std::vector<std::string> TagsIn(const std::string& text) {
    std::vector<std::string> tags;
    for (absl::string_view tag : absl::StrSplit(text, ',')) {
      tag = absl::StripAsciiWhitespace(tag);
      if (!tag.empty()) tags.emplace_back(tag);
    }
    return tags;
  }

  std::string remove_;
};

class NoteCommand final : public Command {
 public:
  NoteCommand()
      : Command({"calls note",
                 {"ID"},
                 "shows or writes the note to a call",
                 "Whoever may see the call sees its note, and may change it; "
                 "the audit log says who did.\nOne that is there is not "
                 "overwritten unawares: --append or --replace. An empty TEXT\n"
                 "with --replace removes it.\n",
                 {"TEXT"}}) {}

  void AddFlags(Flags& flags) override {
    flags.Switch("append", "add TEXT as a new line", append_);
    flags.Switch("replace", "put TEXT in the place of what is there", replace_);
  }

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    if (append_ && replace_) {
      return absl::InvalidArgumentError("either --append or --replace");
    }
    ASSIGN_OR_RETURN(v1::Call call, session.collector.GetCall(arguments[0]));
    const std::string& there = call.annotation().note();
    if (arguments.size() > 1) {
      if (!there.empty() && !append_ && !replace_) {
        return absl::FailedPreconditionError(
            absl::StrCat("there is a note already: --append or --replace\n",
                         NoteText(call, session.zone)));
      }
      v1::AnnotateCallRequest request = Unchanged(call);
      request.set_note(append_ && !there.empty()
                           ? absl::StrCat(there, "\n", arguments[1])
                           : arguments[1]);
      ASSIGN_OR_RETURN(call, session.collector.AnnotateCall(request));
    }
    Show(session, call,
         call.annotation().note().empty() ? "no note\n"
                                          : NoteText(call, session.zone));
    return absl::OkStatus();
  }

 private:
  bool append_ = false;
  bool replace_ = false;
};

}  // namespace

std::unique_ptr<Command> CallsTag() { return std::make_unique<TagCommand>(); }
std::unique_ptr<Command> CallsNote() { return std::make_unique<NoteCommand>(); }

}  // namespace callbraid::cli
