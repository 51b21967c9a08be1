#include "telemetry/dap/aggregate_share.h"

#include <utility>

#include "security/hpke.h"
#include "telemetry/dap/report.h"
#include "telemetry/dp/noise.h"

namespace flotilla::dap {
namespace {

StatusOr<Bytes> OpenShare(const Task& task, const CollectionRequest& request, Role sender,
                          const HpkeKeyring& keys, ByteView bytes) {
  FLOTILLA_ASSIGN_OR_RETURN(const HpkeCiphertext sealed, HpkeCiphertext::Decode(bytes));
  const auto key = keys.find(sealed.config_id);
  if (key == keys.end()) return NotFound("an aggregate share for an HPKE key that is not here");
  StatusOr<Bytes> share =
      security::HpkeOpen(sealed.enc, key->second, AggregateShareInfo(sender),
                         AggregateShareAad(task.id(), task.encoded(), request), sealed.payload);
  if (!share.ok()) return Unauthenticated("an aggregate share that does not open");
  return share;
}

}  // namespace

StatusOr<Bytes> SealNoisyShare(const Task& task, const BatchBucket& bucket,
                               const CollectionRequest& request, Role sender,
                               const HpkeConfig& collector, Random& random) {
  FLOTILLA_ASSIGN_OR_RETURN(
      const std::vector<std::int64_t> noise,
      dp::DrawNoise(task.configuration().noise, task.prio3().output_length(), random));
  Bytes share = bucket.aggregate;
  FLOTILLA_RETURN_IF_ERROR(task.prio3().AddNumbers(share, noise));
  FLOTILLA_ASSIGN_OR_RETURN(
      security::HpkeSealed sealed,
      security::HpkeSeal(collector.public_key, AggregateShareInfo(sender),
                         AggregateShareAad(task.id(), task.encoded(), request), share, random));
  HpkeCiphertext ciphertext;
  ciphertext.config_id = collector.id;
  ciphertext.enc.assign(sealed.enc.begin(), sealed.enc.end());
  ciphertext.payload = std::move(sealed.ciphertext);
  return ciphertext.Encode();
}

StatusOr<std::vector<std::int64_t>> OpenAggregate(const Task& task,
                                                  const CollectionRequest& request,
                                                  const HpkeKeyring& keys, ByteView leader_share,
                                                  ByteView helper_share) {
  std::vector<Bytes> shares(2);
  FLOTILLA_ASSIGN_OR_RETURN(shares[0], OpenShare(task, request, Role::kLeader, keys, leader_share));
  FLOTILLA_ASSIGN_OR_RETURN(shares[1], OpenShare(task, request, Role::kHelper, keys, helper_share));
  return task.prio3().Unshard(shares);
}

}  // namespace flotilla::dap
