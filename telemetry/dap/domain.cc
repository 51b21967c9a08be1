#include "telemetry/dap/domain.h"

#include <string_view>

#include "security/sha256.h"
#include "telemetry/dap/tls.h"

namespace flotilla::dap {
namespace {

Bytes Info(std::string_view use, Role sender, Role receiver) {
  TlsWriter info;
  info.Raw(AsBytes(kVersionTag));
  info.Raw(AsBytes(use));
  info.U8(static_cast<std::uint8_t>(sender));
  info.U8(static_cast<std::uint8_t>(receiver));
  return std::move(info).Take();
}

}  // namespace

Bytes VdafContext(const TaskId& task) {
  TlsWriter context;
  context.Raw(AsBytes(kVersionTag));
  context.Raw(task.bytes());
  return std::move(context).Take();
}

Bytes InputShareInfo(Role receiver) {
  return Info(" input share", Role::kClient, receiver);
}

Bytes AggregateShareInfo(Role sender) {
  return Info(" aggregate share", sender, Role::kCollector);
}

Digest TaggedDigest(std::string_view tag, ByteView message) {
  security::Sha256Hasher hasher;
  hasher.Update(security::Sha256(AsBytes(tag)).bytes());
  hasher.Update(message);
  return hasher.Finish();
}

}  // namespace flotilla::dap
