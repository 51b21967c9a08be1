#include "security/audit/audit_chain.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "security/sha256.h"

namespace flotilla::security {
namespace {

constexpr std::string_view kGenesisLabel = "flotilla-audit-genesis-v1";
constexpr std::string_view kEntryLabel = "flotilla-audit-v1";
constexpr unsigned kByteBits = 8;

template <std::size_t kSize>
void AppendNumber(std::uint64_t value, Bytes& out) {
  for (std::size_t i = kSize; i-- > 0;) {
    out.push_back(static_cast<std::uint8_t>(value >> (i * kByteBits)));
  }
}

// Length-prefixed fields into one digest.
class Fields {
 public:
  Fields& Add(ByteView bytes) {
    Bytes length;
    AppendNumber<4>(bytes.size(), length);
    hasher_.Update(length);
    hasher_.Update(bytes);
    return *this;
  }
  Fields& Add(std::string_view text) { return Add(AsBytes(text)); }
  Digest Finish() { return hasher_.Finish(); }

 private:
  Sha256Hasher hasher_;
};

Status Broken(std::uint64_t seq, const std::string& why) {
  return DataLoss("the audit log is broken at seq " + std::to_string(seq) + ": " + why);
}

}  // namespace

std::string AuditHead::Text() const {
  return std::to_string(seq) + ":" + hash.ToHex();
}

StatusOr<AuditHead> AuditHead::Parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  AuditHead head;
  const char* const end = text.data() + (colon == std::string_view::npos ? 0 : colon);
  const auto parsed = std::from_chars(text.data(), end, head.seq);
  if (colon == std::string_view::npos || parsed.ec != std::errc() || parsed.ptr != end) {
    return InvalidArgument(
        "a head of the audit log is written SEQ:HASH, as audit verify prints it");
  }
  FLOTILLA_ASSIGN_OR_RETURN(head.hash, Digest::FromHex(text.substr(colon + 1)));
  return head;
}

Digest AuditGenesis(std::string_view site_id) {
  return Fields().Add(kGenesisLabel).Add(site_id).Finish();
}

Digest AuditHash(const v1::AuditEntry& entry, const Digest& before) {
  Bytes seq;
  AppendNumber<8>(entry.seq(), seq);
  Bytes at;
  AppendNumber<8>(static_cast<std::uint64_t>(entry.at().seconds()), at);
  AppendNumber<4>(static_cast<std::uint32_t>(entry.at().nanos()), at);
  return Fields()
      .Add(kEntryLabel)
      .Add(before.bytes())
      .Add(seq)
      .Add(at)
      .Add(entry.actor())
      .Add(entry.action())
      .Add(entry.subject())
      .Add(entry.detail())
      .Finish();
}

Status AuditChecker::Take(const v1::AuditEntry& entry) {
  const std::uint64_t wanted = head_.seq + 1;
  if (entry.seq() > wanted) {
    return Broken(wanted,
                  "entries are missing, the next one there is " + std::to_string(entry.seq()));
  }
  if (entry.seq() < wanted) {
    return Broken(wanted, "entry " + std::to_string(entry.seq()) + " stands in its place");
  }
  const Digest hash = AuditHash(entry, head_.hash);
  if (entry.hash() != ToText(hash.bytes())) {
    return Broken(wanted, "its fields do not give its hash " + HexEncode(AsBytes(entry.hash())) +
                              ": it, or what it follows, was changed");
  }
  head_ = AuditHead{wanted, hash};
  ++entries_;
  return OkStatus();
}

Status CheckNotedHead(const AuditHead& noted, const AuditHead& newest, const Digest& at_noted) {
  if (newest.seq < noted.seq) {
    return Broken(newest.seq + 1, "the log ends there, but it went to seq " +
                                      std::to_string(noted.seq) +
                                      " when that was noted: entries were cut off");
  }
  if (at_noted != noted.hash) {
    return Broken(noted.seq, "its hash was " + noted.hash.ToHex() + " when that was noted and is " +
                                 at_noted.ToHex() +
                                 " now: it, or what it follows, was written anew");
  }
  return OkStatus();
}

}  // namespace flotilla::security
