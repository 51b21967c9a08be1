#include "controller/rollout/selector.h"

#include <algorithm>
#include <utility>

#include "base/strong_id.h"

namespace flotilla::rollout {
namespace {

constexpr std::string_view kDelimiters = " \t,=!()";

}  // namespace

// Recursive descent over one selector text.
class SelectorParser {
 public:
  explicit SelectorParser(std::string_view text) : text_(text) {}

  StatusOr<Selector> Run() {
    Selector selector;
    SkipSpace();
    while (at_ < text_.size()) {
      Selector::Term term;
      FLOTILLA_RETURN_IF_ERROR(ReadTerm(term));
      selector.terms_.push_back(std::move(term));
      if (at_ == text_.size()) {
        break;
      }
      if (!Take(",") || at_ == text_.size()) {
        return Wrong("expected ',' and another term");
      }
    }
    return selector;
  }

 private:
  Status Wrong(const std::string& what) const {
    return InvalidArgument("selector: " + what + " at character " + std::to_string(at_ + 1) +
                           " of \"" + std::string(text_) + "\"");
  }

  void SkipSpace() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) {
      ++at_;
    }
  }

  bool Take(std::string_view token) {
    if (!text_.substr(at_).starts_with(token)) {
      return false;
    }
    at_ += token.size();
    SkipSpace();
    return true;
  }

  Status ReadWord(std::string& word) {
    const std::size_t end = std::min(text_.find_first_of(kDelimiters, at_), text_.size());
    word = std::string(text_.substr(at_, end - at_));
    if (!CheckIdText(word, "label").ok()) {
      return Wrong("expected a label of [A-Za-z0-9._-]");
    }
    at_ = end;
    SkipSpace();
    return OkStatus();
  }

  Status ReadList(std::vector<std::string>& values) {
    if (!Take("(")) {
      return Wrong("expected '('");
    }
    do {
      FLOTILLA_RETURN_IF_ERROR(ReadWord(values.emplace_back()));
    } while (Take(","));
    return Take(")") ? OkStatus() : Wrong("expected ',' or ')'");
  }

  Status ReadTerm(Selector::Term& term) {
    if (Take("!")) {
      term.kind = Selector::Kind::kAbsent;
      return ReadWord(term.key);
    }
    FLOTILLA_RETURN_IF_ERROR(ReadWord(term.key));
    if (Take("!=")) {
      term.kind = Selector::Kind::kNotIn;
      return ReadWord(term.values.emplace_back());
    }
    if (Take("==") || Take("=")) {
      term.kind = Selector::Kind::kIn;
      return ReadWord(term.values.emplace_back());
    }
    if (at_ == text_.size() || text_[at_] == ',') {
      return OkStatus();
    }
    return ReadSetTerm(term);
  }

  Status ReadSetTerm(Selector::Term& term) {
    std::string word;
    FLOTILLA_RETURN_IF_ERROR(ReadWord(word));
    if (word != "in" && word != "notin") {
      return Wrong("expected =, !=, in or notin");
    }
    term.kind = word == "in" ? Selector::Kind::kIn : Selector::Kind::kNotIn;
    return ReadList(term.values);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

StatusOr<Selector> Selector::Parse(std::string_view text) {
  if (text.size() > kMaxBytes) {
    return InvalidArgument("selector: longer than 1024 bytes");
  }
  return SelectorParser(text).Run();
}

bool Selector::Holds(const Term& term, const LabelMap& labels) {
  const auto found = labels.find(term.key);
  const bool present = found != labels.end();
  const auto listed = [&] {
    return std::find(term.values.begin(), term.values.end(), found->second) != term.values.end();
  };
  switch (term.kind) {
    case Kind::kIn:
      return present && listed();
    case Kind::kNotIn:
      return !present || !listed();
    case Kind::kExists:
      return present;
    case Kind::kAbsent:
      return !present;
  }
  return false;
}

bool Selector::Matches(const LabelMap& labels) const {
  return std::all_of(terms_.begin(), terms_.end(),
                     [&](const Term& term) { return Holds(term, labels); });
}

bool Selector::Matches(const v1::Device& device) const {
  return matches_all() || Matches(LabelsOf(device));
}

LabelMap LabelsOf(const v1::Device& device) {
  LabelMap labels(device.facts().labels().begin(), device.facts().labels().end());
  for (const auto& [key, value] : device.labels()) {
    labels[key] = value;
  }
  labels["arch"] = device.facts().arch();
  labels["hardware"] = device.facts().hardware();
  labels["device"] = device.id();
  return labels;
}

}  // namespace flotilla::rollout
