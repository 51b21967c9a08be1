#include "controller/app/restore_watch.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/log.h"
#include "controller/backup/seen_versions.h"
#include "controller/fleet/audit_entry.h"

namespace flotilla::controller {
namespace {

struct Watch {
  SeenVersions seen;
  Fleet& fleet;
  Catalogue& catalogue;
  Executor& worker;
  const Clock& clock;
};

void Tell(Fleet& fleet, const std::string& device, const std::string& detail) {
  LogWarning("restore.newer_metadata", {{"device", device}, {"text", detail}});
  fleet.Post([&fleet, device, detail] {
    FleetChange change;
    change.audit.push_back(MakeAuditEntry(kControllerActor, "controller.newer_metadata",
                                          absl::StrCat("device/", device), detail));
    fleet.Apply(std::move(change), nullptr);
  });
}

// On the worker.
void Pass(const Watch& watch, const std::string& device, const MetadataSeen& seen) {
  const auto version = [&watch](const std::string& role, std::int64_t of) {
    return watch.catalogue.GetMetadata(role, of).ok();
  };
  if (seen.root > 0 && !version("root", static_cast<std::int64_t>(seen.root))) {
    Tell(watch.fleet, device,
         absl::StrCat("it has root ", seen.root, ", which is not here: publish it again"));
  }
  const Status raised =
      watch.catalogue.RaisePast(static_cast<std::int64_t>(seen.snapshot),
                                static_cast<std::int64_t>(seen.timestamp), watch.clock.Now());
  if (!raised.ok()) {
    LogStatus(LogLevel::kError, "catalogue.refresh_failed", raised);
  }
}

}  // namespace

RestoredFleet FleetOf(const RestoreMark& mark) {
  return {mark.backup_id, mark.taken_at, mark.restored_at, mark.session_epoch, mark.readmit_until};
}

std::function<void(const v1::Hello&)> RestoreWatch(const RestoreMark& mark, Fleet& fleet,
                                                   Catalogue& catalogue, Executor& worker,
                                                   const Clock& clock) {
  auto watch = std::make_shared<Watch>(Watch{SeenVersions(mark), fleet, catalogue, worker, clock});
  return [watch](const v1::Hello& hello) {
    const auto seen = watch->seen.Note(hello);
    if (seen.has_value()) {
      watch->worker.Post(
          [watch, device = hello.device_id(), seen = *seen] { Pass(*watch, device, seen); });
    }
  };
}

}  // namespace flotilla::controller
