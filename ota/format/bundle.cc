#include "ota/format/bundle.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <set>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include "flotilla/v1/failure_reason.pb.h"

#include "base/digest.h"
#include "base/file.h"
#include "security/tuf/fields.h"
#include "security/tuf/json.h"
#include "security/tuf/target_path.h"

namespace flotilla::ota {
namespace {

namespace json = boost::json;

constexpr std::string_view kMagic = "FLOTBDL1";
constexpr std::int64_t kSchema = 1;
constexpr unsigned kByteBits = 8;
constexpr std::size_t kLengthBytes = 4;

Status NotABundle(const std::string& why) {
  return WithReason(DataLoss("not a bundle: " + why), v1::FAILURE_REASON_FORM_BUNDLE);
}

Status CheckName(const std::string& name) {
  const bool placed =
      name.starts_with(kBundleMetadataPrefix) || name.starts_with(kBundleTargetsPrefix);
  return placed && tuf::CheckTargetPath(name).ok()
             ? OkStatus()
             : NotABundle("a member cannot be named '" + name + "'");
}

StatusOr<BundleMember> ParseMember(const json::value& value) {
  FLOTILLA_ASSIGN_OR_RETURN(const json::object* object, tuf::AsObject(value, "member"));
  BundleMember member;
  FLOTILLA_ASSIGN_OR_RETURN(member.name, tuf::TextField(*object, "name"));
  FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t length, tuf::IntField(*object, "length", 1));
  member.length = static_cast<std::uint64_t>(length);
  FLOTILLA_RETURN_IF_ERROR(CheckName(member.name));
  return member;
}

StatusOr<v1::ReleaseRef> ParseRelease(const json::value& value) {
  FLOTILLA_ASSIGN_OR_RETURN(const json::object* object, tuf::AsObject(value, "release"));
  v1::ReleaseRef release;
  FLOTILLA_ASSIGN_OR_RETURN(*release.mutable_line(), tuf::TextField(*object, "line"));
  FLOTILLA_ASSIGN_OR_RETURN(*release.mutable_version(), tuf::TextField(*object, "version"));
  FLOTILLA_ASSIGN_OR_RETURN(*release.mutable_target_path(), tuf::TextField(*object, "target"));
  FLOTILLA_ASSIGN_OR_RETURN(const std::string hex, tuf::TextField(*object, "sha256"));
  FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t counter,
                            tuf::IntField(*object, "release_counter", 1));
  const auto digest = Digest::FromHex(hex);
  if (!digest.ok()) {
    return NotABundle("the digest of " + release.target_path());
  }
  release.set_sha256(ToText(digest->bytes()));
  release.set_release_counter(static_cast<std::uint64_t>(counter));
  return release;
}

// Where each member lies; they fill the file exactly.
Status Place(std::uint64_t begin, std::uint64_t file_bytes, std::vector<BundleMember>& members) {
  std::set<std::string> names;
  std::uint64_t offset = begin;
  for (BundleMember& member : members) {
    if (!names.insert(member.name).second) {
      return NotABundle("two members are named " + member.name);
    }
    if (member.length > file_bytes - offset) {
      return NotABundle("the file is shorter than its members: it was cut off");
    }
    member.offset = offset;
    offset += member.length;
  }
  return offset == file_bytes ? OkStatus() : NotABundle("bytes follow the last member");
}

StatusOr<BundleIndex> ParseIndex(ByteView bytes) {
  FLOTILLA_ASSIGN_OR_RETURN(const json::value value, tuf::ParseJson(bytes, kMaxBundleIndexBytes));
  FLOTILLA_ASSIGN_OR_RETURN(const json::object* object, tuf::AsObject(value, "index"));
  FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t schema, tuf::IntField(*object, "schema", 1));
  if (schema != kSchema) {
    return NotABundle("its form is newer than this program");
  }
  BundleIndex index;
  FLOTILLA_ASSIGN_OR_RETURN(index.created, tuf::TimeField(*object, "created"));
  FLOTILLA_ASSIGN_OR_RETURN(const json::array* members, tuf::ArrayField(*object, "members"));
  FLOTILLA_ASSIGN_OR_RETURN(const json::array* releases, tuf::ArrayField(*object, "releases"));
  if (members->size() > kMaxBundleMembers || releases->size() > kMaxBundleReleases) {
    return NotABundle("too many members or releases");
  }
  for (const json::value& member : *members) {
    FLOTILLA_ASSIGN_OR_RETURN(BundleMember parsed, ParseMember(member));
    index.members.push_back(std::move(parsed));
  }
  for (const json::value& release : *releases) {
    FLOTILLA_ASSIGN_OR_RETURN(v1::ReleaseRef parsed, ParseRelease(release));
    index.releases.push_back(std::move(parsed));
  }
  return index;
}

json::object IndexObject(const BundleIndex& index) {
  json::array members;
  for (const BundleMember& member : index.members) {
    members.push_back(
        json::object{{"name", member.name}, {"length", static_cast<std::int64_t>(member.length)}});
  }
  json::array releases;
  for (const v1::ReleaseRef& release : index.releases) {
    releases.push_back(
        json::object{{"line", release.line()},
                     {"version", release.version()},
                     {"target", release.target_path()},
                     {"sha256", HexEncode(AsBytes(release.sha256()))},
                     {"release_counter", static_cast<std::int64_t>(release.release_counter())}});
  }
  return {{"schema", kSchema},
          {"created", UtcText(index.created)},
          {"members", std::move(members)},
          {"releases", std::move(releases)}};
}

}  // namespace

const BundleMember* BundleIndex::Find(const std::string& name) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const BundleMember& member) { return member.name == name; });
  return found == members.end() ? nullptr : &*found;
}

StatusOr<Bytes> EncodeBundleHead(const BundleIndex& index) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::string text, tuf::EncodeCanonical(IndexObject(index)));
  Bytes head = ToBytes(kMagic);
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    head.push_back(static_cast<std::uint8_t>(text.size() >> (kByteBits * i)));
  }
  head.resize(kBundlePreludeBytes, 0);
  head.insert(head.end(), text.begin(), text.end());
  std::uint64_t size = head.size();
  for (const BundleMember& member : index.members) {
    size += member.length;
  }
  const auto parsed = ParseBundleHead(head, size);
  if (!parsed.ok()) {
    return InvalidArgument(MessageOf(parsed.status()));
  }
  return head;
}

StatusOr<std::size_t> BundleHeadBytes(ByteView prelude) {
  if (prelude.size() != kBundlePreludeBytes ||
      !std::equal(kMagic.begin(), kMagic.end(), prelude.begin())) {
    return NotABundle("it does not begin like one");
  }
  std::size_t length = 0;
  std::uint8_t reserved = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    length |= static_cast<std::size_t>(prelude[kMagic.size() + i]) << (kByteBits * i);
    reserved = static_cast<std::uint8_t>(reserved | prelude[kMagic.size() + kLengthBytes + i]);
  }
  if (reserved != 0 || length < 2 || length > kMaxBundleIndexBytes) {
    return NotABundle("the length of its index");
  }
  return kBundlePreludeBytes + length;
}

StatusOr<BundleIndex> ParseBundleHead(ByteView head, std::uint64_t file_bytes) {
  if (head.size() < kBundlePreludeBytes) {
    return NotABundle("it is cut off");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const std::size_t head_bytes,
                            BundleHeadBytes(head.first(kBundlePreludeBytes)));
  if (head.size() != head_bytes || file_bytes < head_bytes) {
    return NotABundle("it is cut off");
  }
  FLOTILLA_ASSIGN_OR_RETURN(BundleIndex index, ParseIndex(head.subspan(kBundlePreludeBytes)));
  FLOTILLA_RETURN_IF_ERROR(Place(head_bytes, file_bytes, index.members));
  return index;
}

StatusOr<BundleIndex> ReadBundleIndex(const std::filesystem::path& file) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::uint64_t file_bytes, FileSize(file));
  std::ifstream stream(file, std::ios::binary);
  Bytes head(kBundlePreludeBytes);
  const auto read = [&stream, &head](std::size_t from) {
    stream.read(reinterpret_cast<char*>(head.data() + from),
                static_cast<std::streamsize>(head.size() - from));
    return static_cast<bool>(stream);
  };
  if (!read(0)) {
    return NotABundle("it is cut off");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const std::size_t head_bytes, BundleHeadBytes(head));
  if (file_bytes < head_bytes) {
    return NotABundle("it is cut off");
  }
  head.resize(head_bytes);
  if (!read(kBundlePreludeBytes)) {
    return WithReason(Unavailable(file.string() + " cannot be read"),
                      v1::FAILURE_REASON_FETCH_CONNECT);
  }
  return ParseBundleHead(head, file_bytes);
}

}  // namespace flotilla::ota
