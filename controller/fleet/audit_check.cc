#include "controller/fleet/audit_check.h"

#include <cstddef>
#include <memory>
#include <vector>

namespace flotilla::controller {
namespace {

constexpr std::size_t kPage = 1000;

struct Run {
  Fleet& fleet;
  // The log up to here is durable when the first page comes.
  security::AuditHead wanted;
  security::AuditChecker checker;
  std::function<void(const AuditCheck&)> done;

  void Finish(const Status& verdict) const {
    done(AuditCheck{verdict, checker.entries(), checker.head()});
  }
};

void Next(const std::shared_ptr<Run>& run);

void TakePage(const std::shared_ptr<Run>& run, const StatusOr<std::vector<v1::AuditEntry>>& page) {
  if (!page.ok()) {
    return run->Finish(page.status());
  }
  for (const v1::AuditEntry& entry : *page) {
    const Status taken = run->checker.Take(entry);
    if (!taken.ok()) {
      return run->Finish(taken);
    }
  }
  if (page->size() == kPage) {
    return Next(run);
  }
  const security::AuditHead& head = run->checker.head();
  if (head.seq < run->wanted.seq) {
    return run->Finish(security::CheckNotedHead(run->wanted, head, head.hash));
  }
  run->Finish(OkStatus());
}

void Next(const std::shared_ptr<Run>& run) {
  run->fleet.ListAuditAfter(run->checker.head().seq, kPage,
                            [run](auto page) { TakePage(run, page); });
}

}  // namespace

void CheckAuditLog(Fleet& fleet, const std::function<void(const AuditCheck&)>& done) {
  const security::AuditHead start{0, fleet.audit_genesis()};
  Next(std::make_shared<Run>(Run{fleet, fleet.audit_head(), security::AuditChecker(start), done}));
}

}  // namespace flotilla::controller
