#include "telemetry/aggregator/sealing_keys.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

#include "base/file.h"

namespace flotilla::telemetry {
namespace {

constexpr std::uint64_t kMaxFileBytes = 64U << 10U;
constexpr unsigned kPrivate = 0600;

// The next word of `line`, taken off its front.
std::string_view TakeWord(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

StatusOr<std::int64_t> TakeNumber(std::string_view& line, std::int64_t most) {
  const std::string_view word = TakeWord(line);
  std::int64_t number = 0;
  const auto parsed = std::from_chars(word.data(), word.data() + word.size(), number);
  if (word.empty() || parsed.ec != std::errc() || parsed.ptr != word.data() + word.size() ||
      number < 0 || number > most) {
    return DataLoss("no number where one has to be");
  }
  return number;
}

}  // namespace

StatusOr<std::unique_ptr<SealingKeys>> SealingKeys::Open(std::filesystem::path file, Duration life,
                                                         const World& world, Time now) {
  std::unique_ptr<SealingKeys> keys(new SealingKeys(std::move(file), life, world));
  FLOTILLA_RETURN_IF_ERROR(keys->Load());
  if (!keys->keys_.empty()) FLOTILLA_RETURN_IF_ERROR(keys->SignNewest());
  FLOTILLA_RETURN_IF_ERROR(keys->Refresh(now).status());
  return keys;
}

StatusOr<SealingKeys::SealingKey> SealingKeys::ParseLine(std::string_view line) {
  constexpr std::int64_t kLatest = std::int64_t{1} << 40U;
  SealingKey key;
  FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t id,
                            TakeNumber(line, std::numeric_limits<std::uint8_t>::max()));
  key.id = static_cast<std::uint8_t>(id);
  FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t issued, TakeNumber(line, kLatest));
  FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t expires, TakeNumber(line, kLatest));
  key.issued = absl::FromUnixSeconds(issued);
  key.expires = absl::FromUnixSeconds(expires);
  const StatusOr<Bytes> secret = HexDecode(TakeWord(line));
  if (!secret.ok() || !line.empty()) return DataLoss("no private key where one has to be");
  StatusOr<security::HpkeKeyPair> pair = security::HpkeKeyPairOf(*secret);
  if (!pair.ok() || expires <= issued) return DataLoss(MessageOf(pair.status()));
  key.pair = *std::move(pair);
  return key;
}

Status SealingKeys::Load() {
  const StatusOr<Bytes> bytes = ReadFile(file_, kMaxFileBytes);
  if (bytes.status().code() == StatusCode::kNotFound) return OkStatus();
  FLOTILLA_RETURN_IF_ERROR(bytes.status());
  std::string_view text = AsText(*bytes);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return DataLoss(absl::StrCat(file_.string(), ": cut off"));
    auto key = ParseLine(text.substr(0, end));
    if (!key.ok()) return Annotate(key.status(), file_.string());
    keys_.push_back(*std::move(key));
    text.remove_prefix(end + 1);
  }
  return keys_.empty() ? DataLoss(absl::StrCat(file_.string(), ": empty")) : OkStatus();
}

Status SealingKeys::Save() const {
  std::string text;
  for (const SealingKey& key : keys_) {
    absl::StrAppend(&text, static_cast<int>(key.id), " ", absl::ToUnixSeconds(key.issued), " ",
                    absl::ToUnixSeconds(key.expires), " ", HexEncode(key.pair.private_key.view()),
                    "\n");
  }
  return DurableWrite(world_.fs, file_, AsBytes(text), kPrivate);
}

StatusOr<SealingKeys::SealingKey> SealingKeys::NewKey(Time now) const {
  SealingKey key;
  // One after another, so that an id is given again only after 255 others.
  key.id = keys_.empty() ? 1 : static_cast<std::uint8_t>(keys_.back().id + 1);
  key.issued = absl::FromUnixSeconds(absl::ToUnixSeconds(now));
  key.expires = key.issued + life_;
  FLOTILLA_ASSIGN_OR_RETURN(key.pair, security::GenerateHpkeKeyPair(world_.random));
  return key;
}

StatusOr<bool> SealingKeys::Refresh(Time now) {
  const bool due = keys_.empty() || now >= keys_.back().expires ||
                   now - keys_.back().issued >= (keys_.back().expires - keys_.back().issued) / 2;
  const auto over = [now](const SealingKey& key) { return now >= key.expires + kReportsUnderWay; };
  const bool drops = std::any_of(keys_.begin(), keys_.end(), over);
  if (!due && !drops) return false;
  std::vector<SealingKey> before;
  for (const SealingKey& key : keys_) {
    FLOTILLA_ASSIGN_OR_RETURN(security::HpkeKeyPair pair,
                              security::HpkeKeyPairOf(key.pair.private_key.view()));
    before.push_back({key.id, key.issued, key.expires, std::move(pair)});
  }
  if (due) {
    FLOTILLA_ASSIGN_OR_RETURN(SealingKey key, NewKey(now));
    keys_.push_back(std::move(key));
  }
  // The newest is never over: it was made just now, or is not due.
  keys_.erase(std::remove_if(keys_.begin(), keys_.end(), over), keys_.end());
  Status status = Save();
  if (status.ok()) status = SignNewest();
  if (!status.ok()) {
    keys_ = std::move(before);
    return status;
  }
  return true;
}

Status SealingKeys::SignNewest() {
  const SealingKey& newest = keys_.back();
  dap::HpkeConfig config;
  config.id = newest.id;
  config.public_key.assign(newest.pair.public_key.begin(), newest.pair.public_key.end());
  dap::HpkeConfigList list;
  list.configs.push_back(std::move(config));
  FLOTILLA_ASSIGN_OR_RETURN(const dap::SignedHpkeConfigs configs,
                            dap::SignHpkeConfigs(list, dap::Role::kHelper, newest.issued,
                                                 newest.expires - newest.issued, world_.identity));
  signed_configs_ = configs.Encode();
  return OkStatus();
}

StatusOr<dap::HpkeKeyring> SealingKeys::Ring() const {
  dap::HpkeKeyring ring;
  for (const SealingKey& key : keys_) {
    FLOTILLA_ASSIGN_OR_RETURN(security::HpkeKeyPair pair,
                              security::HpkeKeyPairOf(key.pair.private_key.view()));
    ring.insert_or_assign(key.id, std::move(pair));
  }
  return ring;
}

}  // namespace flotilla::telemetry
