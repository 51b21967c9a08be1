// Reads what Linux writes into its small files: one number in a line. Whoever made the file may
// have written anything, so all of it is checked. The size of a file is not asked: sysfs lies.
#ifndef FLOTILLA_AGENT_CONDITION_SYSFS_H_
#define FLOTILLA_AGENT_CONDITION_SYSFS_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flotilla::agent {

inline constexpr std::size_t kMaxSysfsBytes = 4096;
inline constexpr std::size_t kMaxSysfsEntries = 1024;

// The text without white space at its end. nullopt: not there, not readable, or too long.
std::optional<std::string> ReadSysfs(const std::filesystem::path& file);
// A decimal number and nothing else. nullopt also when it does not fit.
std::optional<std::int64_t> ReadSysfsInteger(const std::filesystem::path& file);
std::optional<std::uint64_t> ReadSysfsUnsigned(const std::filesystem::path& file);
// Hexadecimal, with or without "0x".
std::optional<std::uint64_t> ReadSysfsHex(const std::filesystem::path& file);

// Entries of a folder whose names are `prefix`, digits (at least one), `suffix`; by name, at most
// kMaxSysfsEntries. Empty when there is no such folder.
std::vector<std::filesystem::path> SysfsNumbered(const std::filesystem::path& folder,
                                                 std::string_view prefix,
                                                 std::string_view suffix = "");

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_CONDITION_SYSFS_H_
