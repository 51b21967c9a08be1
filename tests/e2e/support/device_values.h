// What would betray the value of single devices, searched for in what an aggregator keeps.
#ifndef FLOTILLA_TESTS_E2E_SUPPORT_DEVICE_VALUES_H_
#define FLOTILLA_TESTS_E2E_SUPPORT_DEVICE_VALUES_H_

#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "tests/support/byte_search.h"

namespace flotilla::e2e {

class DeviceValues {
 public:
  // What flotilla-reporters --secrets-out wrote. INVALID_ARGUMENT: a line is something else.
  static StatusOr<DeviceValues> Read(const std::filesystem::path& secrets);

  std::size_t devices() const { return names_.size(); }

  // Below the folder, of every device: either share of its vote, the seed and the blinds that they
  // follow from (the first 16 bytes of each are enough), in each of FormsOf, in every byte of every
  // file; and the vote itself, one field element a bucket, in every value of every table (its zeros
  // would be found by chance in the unused rest of a page).
  std::vector<std::string> FindValues(const std::filesystem::path& folder) const;
  // Tables below the folder in which a row names a device beside a report's or task's id, or whose
  // columns are called as a value would be while its rows name devices.
  std::vector<std::string> FindPairings(const std::filesystem::path& folder) const;
  // A secret of one of the devices, as it was written down: 32 bytes that FindValues finds.
  const std::string& sample() const { return sample_; }
  // Of how many devices the id of the report is there.
  std::size_t FindReportIds(const std::filesystem::path& folder) const;

 private:
  std::set<std::string> names_;
  std::set<std::string> votes_;
  std::string sample_;
  ByteSearch values_;
  ByteSearch report_ids_;
};

}  // namespace flotilla::e2e

#endif  // FLOTILLA_TESTS_E2E_SUPPORT_DEVICE_VALUES_H_
