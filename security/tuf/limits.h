// Every bound on what the metadata of a repository may ask of a client (docs: security-ota, 4.4).
#ifndef FLOTILLA_SECURITY_TUF_LIMITS_H_
#define FLOTILLA_SECURITY_TUF_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace flotilla::tuf {

inline constexpr std::uint64_t kMaxRootBytes = 512'000;
inline constexpr std::uint64_t kMaxTimestampBytes = 16'384;
inline constexpr std::uint64_t kMaxSnapshotBytes = 2'000'000;
inline constexpr std::uint64_t kMaxTargetsBytes = 5'000'000;
inline constexpr int kMaxRootsPerRefresh = 256;
// Delegated roles that one lookup may load.
inline constexpr std::size_t kMaxDelegatedRolesPerLookup = 32;
inline constexpr std::size_t kMaxKeysPerRole = 32;
inline constexpr std::size_t kMaxSignatures = 64;
inline constexpr std::size_t kMaxJsonDepth = 32;
inline constexpr std::size_t kMaxStringBytes = 65'536;
inline constexpr std::size_t kMaxPathBytes = 512;
// A role's name after percent-encoding; leaves room for "<version>." and ".json.tmp" in a file
// name.
inline constexpr std::size_t kMaxRoleNameBytes = 200;
inline constexpr std::uint64_t kMaxTargetBytes = std::uint64_t{1} << 40U;
// What HTTP may add to it: those of ota/fetch.
inline constexpr int kMaxRedirects = 3;
inline constexpr std::size_t kMaxResponseHeaderBytes = 65'536;

}  // namespace flotilla::tuf

#endif  // FLOTILLA_SECURITY_TUF_LIMITS_H_
