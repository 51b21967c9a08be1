// A bundle: releases and the metadata that vouches for them, in one file that is carried to devices
// without a network. Nothing in it is trusted: a device runs its usual workflow over it.
//
// Binary form, all numbers little-endian, nothing after the last member:
//
//   offset  size  field
//   0       8     "FLOTBDL1"
//   8       4     length of the index in bytes, 2 to 1,048,576
//   12      4     0
//   16      n     index, JSON by the rules of security/tuf/json.h
//   16+n          members back to back, in the order of the index
//
//   {"created":"2026-11-22T21:00:00Z","schema":1,
//    "members":[{"length":1433,"name":"metadata/1.root.json"},
//               {"length":512,"name":"targets/models-pump/<sha256>.2.0.0.release.json"}],
//    "releases":[{"line":"pump","release_counter":3,"sha256":"..",
//                 "target":"models-pump/2.0.0.release.json","version":"2.0.0"}]}
//
// `releases` is a choice among signed releases, as an assignment of the controller is. Members are
// named by the path at which a server would have them. Unknown fields are ignored; another `schema`
// fails.
#ifndef FLOTILLA_OTA_FORMAT_BUNDLE_H_
#define FLOTILLA_OTA_FORMAT_BUNDLE_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "flotilla/v1/release.pb.h"

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"

namespace flotilla::ota {

inline constexpr std::size_t kBundlePreludeBytes = 16;
inline constexpr std::size_t kMaxBundleIndexBytes = std::size_t{1024} * 1024;
inline constexpr std::size_t kMaxBundleMembers = 4096;
inline constexpr std::size_t kMaxBundleReleases = 64;

inline constexpr char kBundleMetadataPrefix[] = "metadata/";
inline constexpr char kBundleTargetsPrefix[] = "targets/";

struct BundleMember {
  std::string name;
  std::uint64_t offset = 0;  // in the file; filled in by ParseBundleHead
  std::uint64_t length = 0;  // bytes, at least 1

  friend bool operator==(const BundleMember&, const BundleMember&) = default;
};

struct BundleIndex {
  Time created;
  std::vector<v1::ReleaseRef> releases;
  std::vector<BundleMember> members;

  // Null when there is none of that name.
  const BundleMember* Find(const std::string& name) const;
};

// All before the first member. INVALID_ARGUMENT: ParseBundleHead would refuse it.
StatusOr<Bytes> EncodeBundleHead(const BundleIndex& index);

// Length of the head of a file that begins with `prelude` (kBundlePreludeBytes of it).
// DATA_LOSS with FORM_BUNDLE: no bundle.
StatusOr<std::size_t> BundleHeadBytes(ByteView prelude);

// `head` is BundleHeadBytes long, the whole file `file_bytes`. DATA_LOSS with FORM_BUNDLE (a limit,
// a name twice or with "..", a file that is shorter or longer than its members), or with the
// reasons of ParseJson.
StatusOr<BundleIndex> ParseBundleHead(ByteView head, std::uint64_t file_bytes);

// Both, from the file. NOT_FOUND; UNAVAILABLE with FETCH_CONNECT: it cannot be read.
StatusOr<BundleIndex> ReadBundleIndex(const std::filesystem::path& file);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_FORMAT_BUNDLE_H_
