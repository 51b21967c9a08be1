#ifndef FLOTILLA_CONTROLLER_STORAGE_FLEET_COPY_H_
#define FLOTILLA_CONTROLLER_STORAGE_FLEET_COPY_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/status.h"

namespace flotilla::controller {

// Where a fleet is stored, as OpenFleetStore has it.
struct StorePlace {
  // A PostgreSQL database; empty: SQLite in `file`.
  std::string address;
  std::filesystem::path file;
};

struct FleetCopyReport {
  // Of the tables that were read.
  int schema = 0;
  std::uint64_t rows = 0;
  std::uint64_t devices = 0;
  // Newest entry of the audit log; 0: it is empty.
  std::uint64_t audit_seq = 0;
};

// Called after each thousand rows of a table.
using FleetCopyProgress = std::function<void(const std::string& table, std::uint64_t rows)>;

// Copies everything that a fleet stores, the site's id included, from one database into another
// kind of database or the same. `from` is read in one transaction, as it is at one moment: its
// controller goes on beside it, and nothing of it is changed; what waits in its journal comes into
// the tables of the copy. `to` has no fleet yet and no controller; all of the copy is in it,
// durable, or none. Blocking; memory for a thousand rows, or one entry of the journal (some 4 MiB).
// Errors: FAILED_PRECONDITION (STORAGE_SCHEMA): `from` is of another schema than this program's;
// FAILED_PRECONDITION: there is a fleet in `to`; NOT_FOUND: `from` is a file that is not there;
// else FleetStore's codes.
StatusOr<FleetCopyReport> CopyFleetStore(const StorePlace& from, const StorePlace& to,
                                         const FleetCopyProgress& progress);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_FLEET_COPY_H_
