#include "security/tuf/delegation.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "security/sha256.h"

namespace flotilla::tuf {
namespace {

// One segment; goes back to the last '*' only, so no pattern takes more than pattern x text steps.
bool SegmentMatches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

// Hex digits that hold `bits` bits.
int HexDigitsFor(int bits) {
  return (bits + 3) / 4;
}

bool IsSuccinctName(const SuccinctRoles& succinct, std::string_view role) {
  const std::string start = succinct.name_prefix + "-";
  if (!role.starts_with(start)) {
    return false;
  }
  const std::string_view digits = role.substr(start.size());
  if (digits.size() != static_cast<std::size_t>(HexDigitsFor(succinct.bit_length)) ||
      digits.find_first_not_of("0123456789abcdef") != std::string_view::npos) {
    return false;
  }
  std::uint64_t bin = 0;
  for (const char digit : digits) {
    bin = bin * 16 + static_cast<std::uint64_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
  }
  return bin < (std::uint64_t{1} << static_cast<unsigned>(succinct.bit_length));
}

}  // namespace

bool GlobMatches(std::string_view pattern, std::string_view path) {
  while (true) {
    const std::size_t pattern_slash = pattern.find('/');
    const std::size_t path_slash = path.find('/');
    if (!SegmentMatches(pattern.substr(0, pattern_slash), path.substr(0, path_slash))) {
      return false;
    }
    const bool pattern_ends = pattern_slash == std::string_view::npos;
    const bool path_ends = path_slash == std::string_view::npos;
    if (pattern_ends || path_ends) {
      return pattern_ends && path_ends;
    }
    pattern.remove_prefix(pattern_slash + 1);
    path.remove_prefix(path_slash + 1);
  }
}

bool Covers(const DelegatedRole& role, std::string_view path) {
  if (role.paths) {
    return std::any_of(role.paths->begin(), role.paths->end(),
                       [&](const std::string& pattern) { return GlobMatches(pattern, path); });
  }
  if (!role.path_hash_prefixes) {
    return false;
  }
  const std::string hash = security::Sha256(AsBytes(path)).ToHex();
  return std::any_of(role.path_hash_prefixes->begin(), role.path_hash_prefixes->end(),
                     [&](const std::string& prefix) { return hash.starts_with(prefix); });
}

std::string SuccinctRoleFor(const SuccinctRoles& succinct, std::string_view path) {
  const Digest digest = security::Sha256(AsBytes(path));
  const ByteView bytes = digest.bytes();
  const std::uint32_t first = (std::uint32_t{bytes[0]} << 24U) | (std::uint32_t{bytes[1]} << 16U) |
                              (std::uint32_t{bytes[2]} << 8U) | bytes[3];
  const std::uint32_t bin = first >> static_cast<unsigned>(32 - succinct.bit_length);
  std::array<char, 16> text{};
  (void)std::snprintf(text.data(), text.size(), "%0*x", HexDigitsFor(succinct.bit_length), bin);
  return succinct.name_prefix + "-" + text.data();
}

DelegationChoice RolesFor(const Delegations& delegations, std::string_view path) {
  DelegationChoice choice;
  if (delegations.succinct) {
    choice.roles.push_back(SuccinctRoleFor(*delegations.succinct, path));
    choice.goes_on = SearchGoesOn::kNo;  // TAP 15: succinct roles are terminating
    return choice;
  }
  for (const DelegatedRole& role : delegations.roles) {
    if (!Covers(role, path)) {
      continue;
    }
    choice.roles.push_back(role.name);
    if (role.terminating) {
      choice.goes_on = SearchGoesOn::kNo;
      break;
    }
  }
  return choice;
}

const RoleKeys* KeysOf(const Delegations& delegations, std::string_view role) {
  if (delegations.succinct) {
    return IsSuccinctName(*delegations.succinct, role) ? &delegations.succinct->keys : nullptr;
  }
  const auto found =
      std::find_if(delegations.roles.begin(), delegations.roles.end(),
                   [&](const DelegatedRole& delegated) { return delegated.name == role; });
  return found == delegations.roles.end() ? nullptr : &found->keys;
}

}  // namespace flotilla::tuf
