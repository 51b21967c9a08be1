#ifndef FLOTILLA_TESTS_RUNBOOKS_RUNBOOK_PAGE_H_
#define FLOTILLA_TESTS_RUNBOOKS_RUNBOOK_PAGE_H_

#include <filesystem>
#include <string>
#include <vector>

namespace flotilla::e2e {

// The ```sh blocks of a page, in order.
std::vector<std::string> BlocksOf(const std::filesystem::path& page);

}  // namespace flotilla::e2e

#endif  // FLOTILLA_TESTS_RUNBOOKS_RUNBOOK_PAGE_H_
