#include "fleetctl/audit/log_verifier.h"

#include <map>
#include <string>

#include "base/bytes.h"
#include "base/digest.h"

namespace flotilla::fleetctl {
namespace {

constexpr std::uint32_t kPage = 1000;

v1::ListAuditRequest After(std::uint64_t seq, std::uint32_t page) {
  v1::ListAuditRequest request;
  request.set_after_seq(seq);
  request.set_page_size(page);
  return request;
}

// What the first entry of the plan rests on.
StatusOr<security::AuditHead> StartOf(const LogPlan& plan, const FetchPage& fetch) {
  security::AuditHead start;
  if (plan.from <= 1) {
    FLOTILLA_ASSIGN_OR_RETURN(const v1::ListAuditResponse page, fetch(After(0, 1)));
    FLOTILLA_ASSIGN_OR_RETURN(start.hash, Digest::FromBytes(AsBytes(page.genesis_hash())));
    return start;
  }
  start.seq = plan.from - 1;
  FLOTILLA_ASSIGN_OR_RETURN(const v1::ListAuditResponse page, fetch(After(start.seq - 1, 1)));
  if (page.entries_size() != 1 || page.entries(0).seq() != start.seq) {
    return DataLoss("the audit log is broken at seq " + std::to_string(start.seq) +
                    ": the entry before --from is missing");
  }
  FLOTILLA_ASSIGN_OR_RETURN(start.hash, Digest::FromBytes(AsBytes(page.entries(0).hash())));
  return start;
}

class Walk {
 public:
  Walk(const LogPlan& plan, const security::AuditHead& start) : checker_(start) {
    for (const security::AuditHead& head : plan.noted) {
      if (head.seq >= start.seq) {
        noted_.emplace(head.seq, head);
      }
    }
    Compare();
  }

  Status Take(const v1::ListAuditResponse& page) {
    for (const v1::AuditEntry& entry : page.entries()) {
      FLOTILLA_RETURN_IF_ERROR(checker_.Take(entry));
      Compare();
      FLOTILLA_RETURN_IF_ERROR(verdict_);
    }
    return OkStatus();
  }

  // The log has no more.
  Status Finish(std::uint64_t promised_seq) {
    FLOTILLA_RETURN_IF_ERROR(verdict_);
    const security::AuditHead& head = checker_.head();
    for (const auto& [seq, noted] : noted_) {
      if (seq > head.seq) {
        return security::CheckNotedHead(noted, head, head.hash);
      }
    }
    const security::AuditHead promised{promised_seq, head.hash};
    return security::CheckNotedHead(promised, head, head.hash);
  }

  const security::AuditChecker& checker() const { return checker_; }
  std::uint64_t compared() const { return compared_; }

 private:
  // Heads that were noted at the seq that is reached now.
  void Compare() {
    const auto [first, last] = noted_.equal_range(checker_.head().seq);
    for (auto at = first; at != last && verdict_.ok(); ++at) {
      verdict_ = security::CheckNotedHead(at->second, checker_.head(), checker_.head().hash);
      ++compared_;
    }
  }

  security::AuditChecker checker_;
  std::multimap<std::uint64_t, security::AuditHead> noted_;
  std::uint64_t compared_ = 0;
  Status verdict_;
};

}  // namespace

StatusOr<LogVerdict> VerifyLog(const LogPlan& plan, const FetchPage& fetch) {
  FLOTILLA_ASSIGN_OR_RETURN(const security::AuditHead start, StartOf(plan, fetch));
  Walk walk(plan, start);
  std::uint64_t promised = 0;
  while (true) {
    FLOTILLA_ASSIGN_OR_RETURN(const v1::ListAuditResponse page,
                              fetch(After(walk.checker().head().seq, kPage)));
    promised = promised == 0 ? page.head_seq() : promised;
    FLOTILLA_RETURN_IF_ERROR(walk.Take(page));
    if (page.entries_size() == 0) {
      break;
    }
  }
  FLOTILLA_RETURN_IF_ERROR(walk.Finish(promised));
  return LogVerdict{start.seq + 1, walk.checker().entries(), walk.checker().head(),
                    walk.compared()};
}

}  // namespace flotilla::fleetctl
